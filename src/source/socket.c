/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets of the current namespace: UDP sockets, TCP listeners and connections,
 * packet sockets, with their queues, limits and drops.
 *
 * Asking sock_diag loads its modules where they are missing; then /proc/net is
 * read instead (which tells no drops of packet sockets: those are left out). What is quiet is told in few numbers, because a host may have
 * many sockets: every UDP socket's drops and memory (their rises add up to
 * UdpInErrors and Udp6InErrors), a connection's retransmissions. The rest comes
 * with the first sign of trouble and stays.
 */
#include "source/socket.h"

#include "source/lldp.h"

#include "model/series.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <arpa/inet.h>
#include <string.h>

/* ---- addresses ---- */

static bool address_is_any(const struct socket_address *address)
{
	static const uint8_t zeroes[16];

	return memcmp(address->bytes, zeroes, sizeof(zeroes)) == 0;
}

static bool address_same(const struct socket_address *a, const struct socket_address *b)
{
	return a->family == b->family && a->port == b->port && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

void socket_address_text(const struct socket_address *address, bool dual, const char *device, struct text *ret)
{
	char host[INET6_ADDRSTRLEN] = "?";
	bool brackets = address->family == AF_INET6;

	inet_ntop(address->family, address->bytes, host, sizeof(host));
	if (dual && address_is_any(address))
		text_add(ret, "*");
	else
		text_addf(ret, brackets ? "[%s]" : "%s", host);
	if (device)
		text_addf(ret, "%%%s", device);
	text_addf(ret, ":%u", address->port);
}

/* ---- one socket ---- */

const char *socket_device(const struct socket_reading *reading, uint32_t ifindex, struct object *object)
{
	const struct source_context *context = reading->context;
	const struct object *link;

	if (!ifindex)
		return NULL;
	link = object_find(context->objects, (struct object_key){ OBJECT_LINK, context->netns->key.netns, ifindex, 0 });
	if (!link)
		return NULL;
	object->link = link->id;
	return link->labels[LABEL_NAME];
}

static void label_socket(const struct socket_reading *reading, const struct socket_facts *facts, struct object *object)
{
	const char *protocol = facts->protocol == IPPROTO_UDP ? "udp" : "tcp";
	CLEANUP_TEXT struct text local = { 0 }, remote = { 0 };
	bool dual = facts->local.family == AF_INET6 && !(facts->known & SOCKET_IS_V6ONLY);

	socket_address_text(&facts->local, dual, socket_device(reading, facts->ifindex, object), &local);
	object_label(object, LABEL_PROTOCOL, protocol);
	object_label(object, LABEL_LOCAL, text_string(&local));
	if (!facts->remote.port) {
		object_labelf(object, LABEL_NAME, "%s %s", protocol, text_string(&local));
		return;
	}
	socket_address_text(&facts->remote, false, NULL, &remote);
	object_label(object, LABEL_REMOTE, text_string(&remote));
	object_labelf(object, LABEL_NAME, "%s %s > %s", protocol, text_string(&local), text_string(&remote));
}

static struct object_key socket_key(const struct socket_reading *reading, const struct socket_facts *facts)
{
	uint64_t id = facts->known & SOCKET_HAS_COOKIE ? facts->cookie : UINT64_C(1) << 63 | facts->inode;

	return (struct object_key){ OBJECT_SOCKET, reading->context->netns->key.netns, id, facts->protocol };
}

/* Whether a socket that is new to us came into being since it could have been read. */
static bool is_born(const struct socket_reading *reading, const struct socket_facts *facts)
{
	unsigned int part = facts->protocol == IPPROTO_UDP ? SOCKET_PART_UDP : SOCKET_PART_TCP;

	return reading->seen & part || reading->context->netns->born;
}

static struct object *socket_object(const struct socket_reading *reading, const struct socket_facts *facts)
{
	bool is_new;
	struct object *object = object_intern(reading->context->objects, socket_key(reading, facts), &is_new);

	if (object && is_new) {
		object->born = is_born(reading, facts);
		label_socket(reading, facts, object);
	}
	return object;
}

static void add_memory(const struct socket_reading *reading, const struct object *object,
		       const struct socket_facts *facts)
{
	static const struct {
		counter_id counter;
		unsigned int index;
	} rows[] = {
		{ C_SOCK_WMEM, SK_MEMINFO_WMEM_ALLOC },
		{ C_SOCK_SNDBUF, SK_MEMINFO_SNDBUF },
		{ C_SOCK_BACKLOG, SK_MEMINFO_BACKLOG },
	};

	if (!(facts->known & SOCKET_HAS_MEMORY))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		snapshot_add(reading->snapshot, rows[i].counter, object, facts->memory[rows[i].index]);
}

/* Memory of received data; without sock_diag a UDP socket's receive queue is the same number. */
static void add_received(const struct socket_reading *reading, const struct object *object,
			 const struct socket_facts *facts)
{
	if (facts->known & SOCKET_HAS_MEMORY) {
		snapshot_add(reading->snapshot, C_SOCK_RMEM, object, facts->memory[SK_MEMINFO_RMEM_ALLOC]);
		snapshot_add(reading->snapshot, C_SOCK_RCVBUF, object, facts->memory[SK_MEMINFO_RCVBUF]);
	} else if (facts->protocol == IPPROTO_UDP) {
		snapshot_add(reading->snapshot, C_SOCK_RMEM, object, facts->rqueue);
	}
}

static void add_identity(const struct socket_reading *reading, const struct object *object,
			 const struct socket_facts *facts)
{
	snapshot_add(reading->snapshot, C_SOCK_INODE, object, facts->inode);
	snapshot_add(reading->snapshot, C_SOCK_UID, object, facts->uid);
}

static void add_drops(const struct socket_reading *reading, const struct object *object,
		      const struct socket_facts *facts, counter_id counter)
{
	if (facts->known & SOCKET_HAS_DROPS)
		snapshot_add(reading->snapshot, counter, object, facts->memory[SK_MEMINFO_DROPS]);
}

static void add_details(const struct socket_reading *reading, const struct object *object,
			const struct socket_facts *facts)
{
	snapshot_add(reading->snapshot, C_SOCK_RQUEUE, object, facts->rqueue);
	snapshot_add(reading->snapshot, C_SOCK_WQUEUE, object, facts->wqueue);
	add_memory(reading, object, facts);
	add_identity(reading, object, facts);
}

/* Told in full before: then it stays so, or its levels would freeze at their last high. */
static bool was_detailed(const struct socket_reading *reading, const struct object *object)
{
	const struct series *series = reading->context->series;

	return series && series_cell(series, C_SOCK_INODE, object->id);
}

static bool take_udp(struct socket_reading *reading, const struct socket_facts *facts)
{
	struct object *object;

	if (reading->datagram_sockets >= SOCKET_DATAGRAM_MAX)
		return false;
	object = socket_object(reading, facts);
	if (!object)
		return false;
	reading->datagram_sockets++;
	add_drops(reading, object, facts, C_SOCK_DROPS);
	add_received(reading, object, facts);
	if (facts->memory[SK_MEMINFO_DROPS] || facts->rqueue || facts->wqueue || was_detailed(reading, object))
		add_details(reading, object, facts);
	return true;
}

static bool take_listener(struct socket_reading *reading, const struct socket_facts *facts)
{
	struct socket_listener *listener = vec_add(&reading->listeners, SOCKET_LISTENERS_MAX);
	struct object *object = listener ? socket_object(reading, facts) : NULL;

	if (!object)
		return false;
	*listener = (struct socket_listener){ .local = facts->local, .object = object->id };
	add_drops(reading, object, facts, C_SOCK_LISTEN_DROPS);
	snapshot_add(reading->snapshot, C_SOCK_ACCEPT_QUEUE, object, facts->rqueue);
	if (facts->known & SOCKET_HAS_LIMIT)
		snapshot_add(reading->snapshot, C_SOCK_ACCEPT_LIMIT, object, facts->wqueue);
	add_identity(reading, object, facts);
	return true;
}

/* Has it sent anything again since it was first read, or is something missing now? `object` is NULL for one not kept yet. */
static bool connection_suffers(const struct socket_reading *reading, const struct object *object,
			       const struct socket_facts *facts)
{
	bool born = object ? object->born : is_born(reading, facts);
	struct socket_trouble trouble = socket_tcp_trouble(facts->tcp_info, facts->tcp_info_length);
	const struct series *series = reading->context->series;
	const struct cell *before = series && object ? series_cell(series, C_SOCK_TCP_RETRANS, object->id) : NULL;

	if (trouble.now || (facts->known & SOCKET_HAS_MEMORY && facts->rqueue > facts->memory[SK_MEMINFO_RCVBUF] / 2))
		return true;
	return before ? trouble.total_retrans != before->first : born && trouble.total_retrans;
}

/*
 * Over hours a busy host sees millions of connections, and each that is kept costs memory until the window ends. A quiet one
 * that is new tells nothing once very many are known; should it suffer later, it is taken then.
 */
static bool is_left_out(const struct socket_reading *reading, const struct socket_facts *facts)
{
	const struct source_context *context = reading->context;

	if (!context->series || !series_cell_at(context->series, C_SOCK_TCP_RETRANS, SOCKET_QUIET_MAX - 1))
		return false;
	return !object_find(context->objects, socket_key(reading, facts)) && !connection_suffers(reading, NULL, facts);
}

static bool take_connection(struct socket_reading *reading, const struct socket_facts *facts)
{
	struct object *object;
	bool full;

	if (reading->connections >= SOCKET_CONNECTIONS_MAX)
		return false;
	if (is_left_out(reading, facts)) {
		reading->connections++;
		reading->left_out = true;
		return true;
	}
	object = socket_object(reading, facts);
	if (!object)
		return false;
	reading->connections++;
	full = was_detailed(reading, object) || connection_suffers(reading, object, facts);
	socket_tcp_samples(reading->snapshot, object, facts->tcp_info, facts->tcp_info_length, full);
	if (!full)
		return true;
	snapshot_add(reading->snapshot, C_SOCK_TCP_STATE, object, facts->state);
	add_drops(reading, object, facts, C_SOCK_TCP_DROPS);
	add_received(reading, object, facts);
	add_details(reading, object, facts);
	return true;
}

/* ---- half-open connections ---- */

#define HALF_OPEN_MAX 4096 /* local addresses, not connections */

static void take_half_open(struct socket_reading *reading, const struct socket_facts *facts)
{
	struct socket_half_open *half_open;

	vec_each(&reading->half_open, half_open) {
		if (address_same(&half_open->local, &facts->local)) {
			half_open->count++;
			return;
		}
	}
	half_open = vec_add(&reading->half_open, HALF_OPEN_MAX);
	if (half_open)
		*half_open = (struct socket_half_open){ facts->local, 1 };
	else
		reading->cut = true;
}

/* How well a listener fits a connection's local address: 2 its own, 1 any address, 0 not at all. */
static int listener_fit(const struct socket_listener *listener, const struct socket_address *local)
{
	if (address_same(&listener->local, local))
		return 2;
	if (listener->local.port != local->port || !address_is_any(&listener->local))
		return 0;
	return listener->local.family == local->family || listener->local.family == AF_INET6;
}

static void assign_half_open(struct socket_reading *reading, const struct socket_half_open *half_open)
{
	struct socket_listener *listener, *best = NULL;
	int fit = 0;

	vec_each(&reading->listeners, listener) {
		int this = listener_fit(listener, &half_open->local);

		if (this > fit) {
			best = listener;
			fit = this;
		}
	}
	if (best)
		best->half_open += half_open->count;
}

void socket_finish(struct socket_reading *reading)
{
	const struct socket_half_open *half_open;
	const struct socket_listener *listener;

	vec_each(&reading->half_open, half_open)
		assign_half_open(reading, half_open);
	vec_each(&reading->listeners, listener) {
		if (!reading->listeners_only)
			snapshot_add(reading->snapshot, C_SOCK_SYN_RECV,
				     object_get(reading->context->objects, listener->object), listener->half_open);
	}
	vec_free(&reading->listeners);
	vec_free(&reading->half_open);
}

/* ---- the source ---- */

bool socket_take(struct socket_reading *reading, const struct socket_facts *facts)
{
	bool taken = true;

	if (facts->protocol == IPPROTO_UDP)
		taken = take_udp(reading, facts);
	else if (facts->state == SOCKET_LISTEN)
		taken = take_listener(reading, facts);
	else if (facts->state == SOCKET_SYN_RECV)
		take_half_open(reading, facts);
	else
		taken = take_connection(reading, facts);
	reading->cut |= !taken;
	return taken;
}

/* Reading the lists of modules costs more than the sockets of most namespaces: once in a while for all of them. */
#define MODULES_VALID_NS (10 * NS_PER_S)

static unsigned int parts_by_diag(const struct source_context *context)
{
	static unsigned int parts;
	static uint64_t until_ns;
	uint64_t now_ns = clock_monotonic_ns();

	if (*context->sysroot)
		return 0;
	if (now_ns < until_ns)
		return parts;
	parts = 0;
	until_ns = now_ns + MODULES_VALID_NS;
	if (source_module_present(context, "inet_diag")) {
		parts |= source_module_present(context, "udp_diag") ? SOCKET_PART_UDP : 0;
		parts |= source_module_present(context, "tcp_diag") ? SOCKET_PART_TCP : 0;
	}
	parts |= source_module_present(context, "af_packet_diag") ? SOCKET_PART_PACKET : 0;
	return parts;
}

/*
 * Which parts were read before, whole and in the same way. A socket first seen then is new, and what it lost it lost
 * since. The way may change under way (somebody runs ss and the modules come); the same socket then becomes another
 * object.
 */
static unsigned int parts_seen(const struct source_context *context, unsigned int by_diag)
{
	const struct series *series = context->series;
	const struct cell *before = series ? series_cell(series, C_SOCK_DIAG, context->netns->id) : NULL;

	if (!before)
		return 0;
	return ~((unsigned int)before->last ^ by_diag) & (SOCKET_PART_UDP | SOCKET_PART_TCP | SOCKET_PART_PACKET);
}

static const char *partial_reason(const struct socket_reading *reading)
{
	if (reading->cut)
		return "more sockets than are read at a time";
	if (reading->left_out)
		return "connections without trouble, beyond the first 100000";
	if (reading->unparsed)
		return "some sockets were not understood";
	if (reading->packets_untold)
		return "drops of packet sockets (the kernel part af_packet_diag is not there; ss -0 loads it)";
	return reading->rings ? "captures that use a ring, such as tcpdump, tell their drops to nobody else" : NULL;
}

/* The packet sockets, if there are any; without sock_diag nothing tells what they lost. */
static int read_packets(struct socket_reading *reading, unsigned int by_diag, const char **ret_reason)
{
	if (!socket_packet_in_use(reading->context, reading->own_inode))
		return 0;
	if (by_diag & SOCKET_PART_PACKET)
		return socket_packet_read(reading, ret_reason);
	reading->packets_untold = true;
	return 0;
}

static void socket_read(const struct source_context *context, struct snapshot *snapshot)
{
	unsigned int parts = socket_parts_in_use(context), by_diag = parts_by_diag(context);
	struct socket_reading reading = { .context = context,
					  .snapshot = snapshot,
					  .seen = parts_seen(context, by_diag),
					  .own_inode = lldp_inode() };
	const char *reason = NULL;
	int error = 0;

	reading.listeners_only = (by_diag & SOCKET_PART_TCP) && !socket_connections_due(context);
	if (parts & by_diag)
		error = socket_diag_read(&reading, parts & by_diag, &reason);
	if (!error && parts & ~by_diag)
		error = socket_proc_read(&reading, parts & ~by_diag, &reason);
	if (!error)
		error = read_packets(&reading, by_diag, &reason);
	socket_finish(&reading);
	if (error) {
		snapshot_missed(snapshot, SOURCE_SOCKET, context->netns, error, reason);
		return;
	}
	if (!reading.cut && !reading.left_out && !reading.unparsed)
		snapshot_add(snapshot, C_SOCK_DIAG, context->netns, by_diag);
	if (!reading.listeners_only)
		snapshot_add(snapshot, C_SOCK_CONNECTIONS, context->netns, reading.connections);
	reason = partial_reason(&reading);
	if (reason)
		snapshot_covered_partly(snapshot, SOURCE_SOCKET, context->netns, reason);
	else
		snapshot_covered(snapshot, SOURCE_SOCKET, context->netns);
}

const struct source source_socket = { SOURCE_SOCKET, SCOPE_NETNS, COST_MIDDLE, socket_read };
