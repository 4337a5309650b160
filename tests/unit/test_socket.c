/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source/socket: sockets from sock_diag's bytes and from /proc/net become the
 * same objects; what is quiet stays short, what suffers is told in full, and a
 * socket that came during the window counts from zero.
 */
#include "source/lldp.h"
#include "source/socket.h"
#include "unit/tree_fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/packet_diag.h>
#include <linux/tcp.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* ---- one line, one address ---- */

static void addresses_look_as_ss_prints_them(void **state)
{
	static const struct {
		const char *host;
		int family;
		bool dual;
		const char *device, *text;
	} rows[] = {
		{ "10.0.0.2", AF_INET, false, NULL, "10.0.0.2:53" },
		{ "0.0.0.0", AF_INET, false, NULL, "0.0.0.0:53" },
		{ "127.0.0.53", AF_INET, false, "lo", "127.0.0.53%lo:53" },
		{ "fd00::2", AF_INET6, true, NULL, "[fd00::2]:53" },
		{ "::", AF_INET6, true, NULL, "*:53" },
		{ "::", AF_INET6, false, NULL, "[::]:53" },
		{ "::ffff:10.0.0.1", AF_INET6, true, NULL, "[::ffff:10.0.0.1]:53" },
		{ "fe80::1", AF_INET6, false, "eth0", "[fe80::1]%eth0:53" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct socket_address address = { .family = (uint8_t)rows[i].family, .port = 53 };
		CLEANUP_TEXT struct text text = { 0 };

		assert_int_equal(inet_pton(rows[i].family, rows[i].host, address.bytes), 1);
		socket_address_text(&address, rows[i].dual, rows[i].device, &text);
		assert_string_equal(text_string(&text), rows[i].text);
	}
}

#define UDP_LINE                                                                                                \
	"  533: 0100007F:14E9 00000000:0000 07 00000000:00009B00 00:00000000 00000000  1000        0 172316 2 " \
	"ffff88810a2b0000 969"

static void a_udp_line_tells_queue_inode_and_drops(void **state)
{
	struct socket_facts facts;

	assert_int_equal(socket_proc_parse(slice_of(UDP_LINE), AF_INET, IPPROTO_UDP, &facts), 0);
	assert_int_equal(facts.local.port, 5353);
	assert_memory_equal(facts.local.bytes, "\x7f\0\0\1", 4);
	assert_int_equal(facts.rqueue, 39680);
	assert_int_equal(facts.uid, 1000);
	assert_true(facts.inode == 172316);
	assert_int_equal(facts.memory[SK_MEMINFO_DROPS], 969);
}

static void broken_lines_are_refused(void **state)
{
	static const char *const lines[] = {
		"",
		"  0:",
		"  0: 0100007F 00000000:0000 07 0:0 00:0 0 0 0 1 2 p 3",
		"  0: 0100007F:14E9 00000000:0000 07 00000000 00:0 0 0 0 1 2 p 3",
		"  0: 0100007F:14E9 00000000:0000 107 0:0 00:0 0 0 0 1 2 p 3",
		"  0: 0100007F:114E9 00000000:0000 07 0:0 00:0 0 0 0 1 2 p 3",
		"  0: 0100007F:14E9 00000000:0000 07 0:0 00:0 0 0 0 1 2 p",
		"  0: 00000000000000000000000001000000:14E9 00000000:0000 07 0:0 00:0 0 0 0 1 2 p 3",
	};
	struct socket_facts facts = { .inode = 4711 };

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		assert_int_equal(socket_proc_parse(slice_of(lines[i]), AF_INET, IPPROTO_UDP, &facts), -EINVAL);
	assert_true(facts.inode == 4711);
}

/* ---- a namespace from /proc/net ---- */

#define UDP_HEAD \
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n"
#define TCP_HEAD "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
#define SOCKSTAT \
	"sockets: used 9\nTCP: inuse 2 orphan 0 tw 0 alloc 2 mem 0\nUDP: inuse 2 mem 0\nRAW: inuse 0\nFRAG: inuse 0 memory 0\n"

static void udp_with(const struct tree *tree, unsigned int drops, const char *more)
{
	CLEANUP_FREE char *content = text_format(
		UDP_HEAD
		"    1: 0200000A:0035 00000000:0000 07 00000000:00001000 00:00000000 00000000     0        0 501 2 "
		"0000000000000000 %u\n%s",
		drops, more);

	tree_file(tree, "/proc/thread-self/net/udp", content);
}

static void proc_tree(const struct tree *tree)
{
	tree_file(tree, "/proc/thread-self/net/sockstat", SOCKSTAT);
	udp_with(tree, 7, "");
	tree_file(
		tree, "/proc/thread-self/net/tcp",
		TCP_HEAD
		"    0: 0200000A:0050 00000000:0000 0A 00000000:00000081 00:00000000 00000000     0        0 601 1 0 100 0 0 10 0\n"
		"    1: 00000000:0051 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 602 1 0 100 0 0 10 0\n"
		"    2: 0200000A:0050 0900000A:9C40 03 00000000:00000000 01:00000063 00000000     0        0 0 1 0\n"
		"    3: 0200000A:0050 0900000A:9C41 03 00000000:00000000 01:00000063 00000000     0        0 0 1 0\n"
		"    4: 0300000A:0051 0900000A:9C42 03 00000000:00000000 01:00000063 00000000     0        0 0 1 0\n"
		"    5: 0200000A:0050 0900000A:9C43 01 00000000:00000000 00:00000000 00000000     0        0 603 1 0 20 4 30 10 -1\n");
}

#define NEW_UDP                                                                                              \
	"    2: 0200000A:0036 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 502 2 " \
	"0000000000000000 5\n"

static void drops_are_counted_from_the_first_reading_or_from_birth(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();

	proc_tree(tree);
	tree_read(tree, &source_socket);
	udp_with(tree, 19, NEW_UDP);
	tree_read(tree, &source_socket);
	assert_int_equal(tree_value(tree, C_SOCK_DROPS, "udp 10.0.0.2:53"), 12);
	assert_false(tree_object(tree, "udp 10.0.0.2:53")->born);
	assert_int_equal(tree_value(tree, C_SOCK_DROPS, "udp 10.0.0.2:54"), 5);
	assert_true(tree_object(tree, "udp 10.0.0.2:54")->born);
	assert_int_equal(series_increase_in(tree->series, C_SOCK_DROPS, tree->netns->id), 17);
	assert_int_equal(tree_value(tree, C_SOCK_RMEM, "udp 10.0.0.2:53"), 4096);
	assert_int_equal(series_last(tree->series, C_SOCK_DIAG, tree->netns->id), 0);
}

static void sockets_are_no_older_than_their_namespace(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();

	tree->netns->born = true;
	proc_tree(tree);
	tree_read(tree, &source_socket);
	assert_int_equal(tree_value(tree, C_SOCK_DROPS, "udp 10.0.0.2:53"), 7);
}

static void half_open_connections_belong_to_the_best_listener(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();

	proc_tree(tree);
	tree_read(tree, &source_socket);
	assert_int_equal(tree_value(tree, C_SOCK_SYN_RECV, "tcp 10.0.0.2:80"), 2);
	assert_int_equal(tree_value(tree, C_SOCK_SYN_RECV, "tcp 0.0.0.0:81"), 1);
	assert_int_equal(tree_value(tree, C_SOCK_ACCEPT_QUEUE, "tcp 10.0.0.2:80"), 129);
	assert_null(series_cell(tree->series, C_SOCK_ACCEPT_LIMIT, tree_object(tree, "tcp 10.0.0.2:80")->id));
}

static void a_namespace_without_sockets_needs_no_lists(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	const struct observation *seen;

	tree_file(tree, "/proc/thread-self/net/sockstat",
		  "sockets: used 0\nTCP: inuse 0 orphan 0\nUDP: inuse 0 mem 0\n");
	tree_read(tree, &source_socket);
	seen = series_observation(tree->series, SOURCE_SOCKET, tree->netns->id);
	assert_non_null(seen);
	assert_int_equal(seen->readings, 1);
	assert_false(seen->partial);
}

static void what_cannot_be_read_is_said(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	const struct observation *seen;

	tree_file(tree, "/proc/thread-self/net/sockstat", SOCKSTAT);
	tree_read(tree, &source_socket);
	seen = series_observation(tree->series, SOURCE_SOCKET, tree->netns->id);
	assert_int_equal(seen->readings, 0);
	assert_int_equal(seen->error, -ENOENT);
	assert_string_equal(seen->reason, "reading /proc/net/udp: not there");
}

static void a_line_that_is_not_understood_makes_it_partial(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();

	proc_tree(tree);
	udp_with(tree, 1, "  9: garbage\n");
	tree_read(tree, &source_socket);
	assert_true(series_observation(tree->series, SOURCE_SOCKET, tree->netns->id)->partial);
	/* and then nothing new counts as born: it may have been behind that line */
	udp_with(tree, 1, NEW_UDP);
	tree_read(tree, &source_socket);
	assert_false(tree_object(tree, "udp 10.0.0.2:54")->born);
}

/* A proxy's list is megabytes of connections: they cost neither the memory nor what comes before them. */
static void a_very_long_list_is_cut_and_the_rest_stands(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	struct text list = { 0 };

	proc_tree(tree);
	text_add(
		&list, TCP_HEAD
		"    0: 0200000A:0050 00000000:0000 0A 00000000:00000081 00:00000000 00000000     0        0 601 1 0 100 0 0 10 0\n");
	for (int i = 0; i < 100010; i++)
		text_add(
			&list,
			"    5: 0200000A:0050 0900000A:9C43 06 00000000:00000000 03:00000CD5 00000000     0        0 0 3 0\n");
	tree_file(tree, "/proc/thread-self/net/tcp", text_string(&list));
	text_free(&list);
	tree_read(tree, &source_socket);
	assert_int_equal(tree_value(tree, C_SOCK_RMEM, "udp 10.0.0.2:53"), 4096);
	assert_int_equal(tree_value(tree, C_SOCK_ACCEPT_QUEUE, "tcp 10.0.0.2:80"), 129);
	assert_string_equal(series_observation(tree->series, SOURCE_SOCKET, tree->netns->id)->reason,
			    "more sockets than are read at a time");
	assert_true(tree->buffer.capacity < 1 << 16);
}

/* ---- sock_diag's bytes ---- */

struct diag_socket {
	uint8_t state;
	const char *local, *remote;
	uint16_t port, remote_port;
	uint32_t cookie, rqueue, wqueue, drops, rmem;
	const struct tcp_info *info;
	size_t info_length;
};

static size_t diag_put(char *bytes, const struct diag_socket *socket)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(bytes);
	struct inet_diag_msg *diag = mnl_nlmsg_put_extra_header(message, sizeof(*diag));
	const uint32_t memory[SK_MEMINFO_VARS] = {
		[SK_MEMINFO_RMEM_ALLOC] = socket->rmem, [SK_MEMINFO_RCVBUF] = 8192, [SK_MEMINFO_DROPS] = socket->drops
	};

	message->nlmsg_type = 20;
	diag->idiag_family = AF_INET;
	diag->idiag_state = socket->state;
	diag->id.idiag_sport = htons(socket->port);
	diag->id.idiag_dport = htons(socket->remote_port);
	diag->id.idiag_cookie[0] = socket->cookie;
	diag->idiag_rqueue = socket->rqueue;
	diag->idiag_wqueue = socket->wqueue;
	diag->idiag_inode = 1000 + socket->cookie;
	assert_int_equal(inet_pton(AF_INET, socket->local, diag->id.idiag_src), 1);
	if (socket->remote)
		assert_int_equal(inet_pton(AF_INET, socket->remote, diag->id.idiag_dst), 1);
	mnl_attr_put(message, INET_DIAG_SKMEMINFO, sizeof(memory), memory);
	if (socket->info)
		mnl_attr_put(message, INET_DIAG_INFO, socket->info_length, socket->info);
	return message->nlmsg_len;
}

static void diag_read(struct tree *tree, uint8_t protocol, const struct diag_socket *sockets, size_t count)
{
	struct source_context context = tree_context(tree);
	struct socket_reading reading = { .context = &context, .snapshot = &tree->snapshot };
	_Alignas(8) char bytes[8192];
	size_t length = 0;

	tree_begin(tree);
	for (size_t i = 0; i < count; i++)
		length += MNL_ALIGN(diag_put(bytes + length, &sockets[i]));
	assert_true(socket_diag_take(&reading, protocol, bytes, length));
	assert_false(reading.unparsed);
	socket_finish(&reading);
	snapshot_covered(&tree->snapshot, SOURCE_SOCKET, tree->netns);
	tree_end(tree);
}

static bool is_told(const struct tree *tree, counter_id counter, const char *name)
{
	return series_cell(tree->series, counter, tree_object(tree, name)->id) != NULL;
}

static void quiet_udp_sockets_tell_drops_and_memory_only(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	const struct diag_socket sockets[] = {
		{ .state = SOCKET_CLOSE, .local = "10.0.0.2", .port = 1, .cookie = 1 },
		{ .state = SOCKET_CLOSE, .local = "10.0.0.2", .port = 2, .cookie = 2, .rmem = 7000, .rqueue = 7000 },
	};

	diag_read(tree, IPPROTO_UDP, sockets, ARRAY_SIZE(sockets));
	assert_true(is_told(tree, C_SOCK_DROPS, "udp 10.0.0.2:1"));
	assert_false(is_told(tree, C_SOCK_INODE, "udp 10.0.0.2:1"));
	assert_int_equal(tree_value(tree, C_SOCK_INODE, "udp 10.0.0.2:2"), 1002);
	assert_int_equal(tree_value(tree, C_SOCK_RMEM, "udp 10.0.0.2:2"), 7000);
	assert_int_equal(tree_value(tree, C_SOCK_RCVBUF, "udp 10.0.0.2:2"), 8192);
}

static void a_listener_tells_its_accept_queue(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	const struct diag_socket sockets[] = {
		{ .state = SOCKET_LISTEN,
		  .local = "0.0.0.0",
		  .port = 80,
		  .cookie = 1,
		  .rqueue = 129,
		  .wqueue = 128,
		  .drops = 4 },
		{ .state = SOCKET_SYN_RECV, .local = "10.0.0.2", .port = 80, .remote = "10.0.0.9", .remote_port = 9 },
	};

	diag_read(tree, IPPROTO_TCP, sockets, ARRAY_SIZE(sockets));
	assert_int_equal(tree_value(tree, C_SOCK_ACCEPT_QUEUE, "tcp 0.0.0.0:80"), 129);
	assert_int_equal(tree_value(tree, C_SOCK_ACCEPT_LIMIT, "tcp 0.0.0.0:80"), 128);
	assert_int_equal(tree_value(tree, C_SOCK_SYN_RECV, "tcp 0.0.0.0:80"), 1);
	assert_true(is_told(tree, C_SOCK_LISTEN_DROPS, "tcp 0.0.0.0:80"));
	assert_false(is_told(tree, C_SOCK_DROPS, "tcp 0.0.0.0:80"));
}

#define FLOW "tcp 10.0.0.2:443 > 10.0.0.9:5000"

static struct diag_socket flow_with(const struct tcp_info *info, size_t info_length)
{
	return (struct diag_socket){ .state = SOCKET_ESTABLISHED,
				     .local = "10.0.0.2",
				     .port = 443,
				     .remote = "10.0.0.9",
				     .remote_port = 5000,
				     .cookie = 9,
				     .info = info,
				     .info_length = info_length };
}

static void a_connection_is_told_in_full_once_it_retransmits(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	struct tcp_info info = { .tcpi_total_retrans = 3, .tcpi_segs_out = 100, .tcpi_rtt = 1500 };
	struct diag_socket flow = flow_with(&info, sizeof(info));

	diag_read(tree, IPPROTO_TCP, &flow, 1);
	assert_true(is_told(tree, C_SOCK_TCP_SEGS_OUT, FLOW));
	assert_false(is_told(tree, C_SOCK_TCP_RTT_US, FLOW)); /* those three are of the past */
	info.tcpi_total_retrans = 8;
	diag_read(tree, IPPROTO_TCP, &flow, 1);
	assert_int_equal(tree_value(tree, C_SOCK_TCP_RETRANS, FLOW), 5);
	assert_int_equal(tree_value(tree, C_SOCK_TCP_RTT_US, FLOW), 1500);
	assert_string_equal(object_text(tree_object(tree, FLOW), LABEL_REMOTE), "10.0.0.9:5000");
}

static void an_old_kernels_short_tcp_info_gives_fewer_numbers(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	struct tcp_info info = { .tcpi_total_retrans = 1, .tcpi_lost = 1, .tcpi_pmtu = 1500, .tcpi_segs_out = 7 };
	struct diag_socket flow = flow_with(&info, offsetof(struct tcp_info, tcpi_pacing_rate));

	diag_read(tree, IPPROTO_TCP, &flow, 1);
	assert_int_equal(tree_value(tree, C_SOCK_TCP_PMTU, FLOW), 1500);
	assert_true(is_told(tree, C_SOCK_TCP_RETRANS, FLOW));
	assert_false(is_told(tree, C_SOCK_TCP_SEGS_OUT, FLOW));
	assert_false(is_told(tree, C_SOCK_TCP_TOTAL_RTO, FLOW));
}

/* ---- packet sockets ---- */

struct packet_socket {
	uint32_t cookie, ifindex, drops, rmem, ring_blocks;
	bool is_bare; /* nothing behind the header */
};

static size_t packet_put(char *bytes, const struct packet_socket *socket)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(bytes);
	struct packet_diag_msg *diag = mnl_nlmsg_put_extra_header(message, sizeof(*diag));
	const struct packet_diag_info info = { .pdi_index = socket->ifindex };
	const struct packet_diag_ring ring = { .pdr_block_size = 4096, .pdr_block_nr = socket->ring_blocks };
	const uint32_t memory[SK_MEMINFO_VARS] = {
		[SK_MEMINFO_RMEM_ALLOC] = socket->rmem, [SK_MEMINFO_RCVBUF] = 8192, [SK_MEMINFO_DROPS] = socket->drops
	};

	message->nlmsg_type = 20;
	diag->pdiag_family = AF_PACKET;
	diag->pdiag_ino = 1000 + socket->cookie;
	diag->pdiag_cookie[0] = socket->cookie;
	if (socket->is_bare)
		return message->nlmsg_len;
	mnl_attr_put(message, PACKET_DIAG_INFO, sizeof(info), &info);
	mnl_attr_put_u32(message, PACKET_DIAG_UID, 1000);
	mnl_attr_put(message, PACKET_DIAG_MEMINFO, sizeof(memory), memory);
	if (socket->ring_blocks)
		mnl_attr_put(message, PACKET_DIAG_RX_RING, sizeof(ring), &ring);
	return message->nlmsg_len;
}

static void packet_read_beside(struct tree *tree, uint64_t own_inode, unsigned int seen,
			       const struct packet_socket *sockets, size_t count)
{
	struct source_context context = tree_context(tree);
	struct socket_reading reading = {
		.context = &context, .snapshot = &tree->snapshot, .seen = seen, .own_inode = own_inode
	};
	_Alignas(8) char bytes[8192];
	size_t length = 0;

	tree_begin(tree);
	for (size_t i = 0; i < count; i++)
		length += MNL_ALIGN(packet_put(bytes + length, &sockets[i]));
	assert_true(socket_packet_take(&reading, bytes, length));
	assert_false(reading.unparsed || reading.cut);
	tree_end(tree);
}

static void packet_read(struct tree *tree, unsigned int seen, const struct packet_socket *sockets, size_t count)
{
	packet_read_beside(tree, 0, seen, sockets, count);
}

static void a_capture_tells_its_drops_and_its_device(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	struct packet_socket sockets[] = { { .cookie = 1, .drops = 40 },
					   { .cookie = 2, .ifindex = 2, .drops = 7, .rmem = 8100 },
					   { .cookie = 3, .ifindex = 9 } };
	struct object *link = object_intern(tree->objects, (struct object_key){ OBJECT_LINK, TREE_NETNS, 2, 0 }, NULL);

	object_label(link, LABEL_NAME, "eth0");
	packet_read(tree, 0, sockets, 2);
	sockets[1].drops = 19;
	packet_read(tree, SOCKET_PART_PACKET, sockets, 3);
	assert_int_equal(tree_value(tree, C_PACKET_SOCKET_DROPS, "packet socket on eth0"), 12);
	assert_int_equal(tree_value(tree, C_PACKET_SOCKET_DROPS, "packet socket on all interfaces"), 0);
	assert_int_equal(tree_value(tree, C_PACKET_SOCKET_RMEM, "packet socket on eth0"), 8100);
	assert_int_equal(tree_value(tree, C_PACKET_SOCKET_RCVBUF, "packet socket on eth0"), 8192);
	assert_int_equal(tree_value(tree, C_SOCK_INODE, "packet socket on eth0"), 1002);
	assert_int_equal(tree_object(tree, "packet socket on eth0")->link, link->id);
	assert_string_equal(object_text(tree_object(tree, "packet socket on eth0"), LABEL_PROTOCOL), "packet");
	assert_false(tree_object(tree, "packet socket on eth0")->born);
	assert_true(tree_object(tree, "packet socket on interface 9")->born);
}

static void a_capture_is_named_anew_when_it_is_bound(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	struct packet_socket socket = { .cookie = 1 };

	packet_read(tree, 0, &socket, 1);
	socket.ifindex = 4;
	packet_read(tree, 0, &socket, 1);
	assert_true(is_told(tree, C_PACKET_SOCKET_DROPS, "packet socket on interface 4"));
}

static void the_drops_of_a_ring_are_not_known(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	const struct packet_socket sockets[] = { { .cookie = 1, .ring_blocks = 512 },
						 { .cookie = 2, .is_bare = true } };

	packet_read(tree, 0, sockets, ARRAY_SIZE(sockets));
	for (size_t i = 0; i < 2; i++)
		assert_null(series_cell_at(tree->series, C_PACKET_SOCKET_DROPS, i));
	assert_int_equal(series_cell_at(tree->series, C_PACKET_SOCKET_RING, 0)->last, 2097152);
}

#define PACKET_HEAD "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n"
#define PACKET_ROW "0000000000000000 3      3    0003   1     1 0      0      655723\n"
#define PACKET_OTHER_ROW "0000000000000000 3      3    0003   1     1 0      0      655724\n"

/* The tool listens on one itself, for LLDP: that alone is no capture. */
static void the_tools_own_packet_socket_does_not_count(void **state)
{
	const struct packet_socket sockets[] = { { .cookie = 1 }, { .cookie = 2, .ifindex = 9 } };
	CLEANUP_TREE struct tree *tree = tree_new();
	struct source_context context = tree_context(tree);

	tree_file(tree, "/proc/thread-self/net/packet", PACKET_HEAD PACKET_ROW);
	assert_false(socket_packet_in_use(&context, 655723));
	assert_true(socket_packet_in_use(&context, 65572));
	tree_file(tree, "/proc/thread-self/net/packet", PACKET_HEAD PACKET_ROW PACKET_OTHER_ROW);
	assert_true(socket_packet_in_use(&context, 655723));
	packet_read_beside(tree, 1001, 0, sockets, 2);
	assert_null(series_cell_at(tree->series, C_SOCK_INODE, 1));
	assert_non_null(tree_object(tree, "packet socket on interface 9"));
	packet_read(tree, 0, sockets, 2);
	assert_non_null(series_cell_at(tree->series, C_SOCK_INODE, 1));
}

/* In a namespace of its own, where nobody else listens. 0: as it should be; 77: not allowed. */
static int listen_in_new_namespace(void)
{
	CLEANUP_TEXT struct text buffer = { 0 };
	struct objects *objects = objects_new();
	struct snapshot snapshot = { 0 };
	const struct source_context context = { .objects = objects, .sysroot = "", .buffer = &buffer };

	if (unshare(CLONE_NEWNET) < 0)
		return 77;
	snapshot_begin(&snapshot, objects);
	if (lldp_inode() || socket_packet_in_use(&context, 0))
		return 1;
	source_lldp.read(&context, &snapshot);
	if (snapshot.coverage.data[0].error)
		return 77;
	return !lldp_inode() || socket_packet_in_use(&context, lldp_inode()) || !socket_packet_in_use(&context, 0);
}

static void the_socket_for_lldp_is_known_by_its_inode(void **state)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(listen_in_new_namespace());
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

static void packet_sockets_without_sock_diag_are_said_to_be_unread(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	struct source_context context = tree_context(tree);

	proc_tree(tree);
	assert_false(socket_packet_in_use(&context, 0));
	tree_file(tree, "/proc/thread-self/net/packet", PACKET_HEAD);
	assert_false(socket_packet_in_use(&context, 0));
	tree_read(tree, &source_socket);
	assert_false(series_observation(tree->series, SOURCE_SOCKET, tree->netns->id)->partial);
	tree_file(tree, "/proc/thread-self/net/packet", PACKET_HEAD PACKET_ROW);
	assert_true(socket_packet_in_use(&context, 0));
	udp_with(tree, 7, NEW_UDP);
	tree_read(tree, &source_socket);
	assert_true(series_observation(tree->series, SOURCE_SOCKET, tree->netns->id)->partial);
	/* which says nothing about the others: what is new among them was born since */
	assert_true(tree_object(tree, "udp 10.0.0.2:54")->born);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_look_as_ss_prints_them),
		cmocka_unit_test(a_udp_line_tells_queue_inode_and_drops),
		cmocka_unit_test(broken_lines_are_refused),
		cmocka_unit_test(drops_are_counted_from_the_first_reading_or_from_birth),
		cmocka_unit_test(sockets_are_no_older_than_their_namespace),
		cmocka_unit_test(half_open_connections_belong_to_the_best_listener),
		cmocka_unit_test(a_namespace_without_sockets_needs_no_lists),
		cmocka_unit_test(what_cannot_be_read_is_said),
		cmocka_unit_test(a_very_long_list_is_cut_and_the_rest_stands),
		cmocka_unit_test(a_line_that_is_not_understood_makes_it_partial),
		cmocka_unit_test(quiet_udp_sockets_tell_drops_and_memory_only),
		cmocka_unit_test(a_listener_tells_its_accept_queue),
		cmocka_unit_test(a_connection_is_told_in_full_once_it_retransmits),
		cmocka_unit_test(an_old_kernels_short_tcp_info_gives_fewer_numbers),
		cmocka_unit_test(a_capture_tells_its_drops_and_its_device),
		cmocka_unit_test(a_capture_is_named_anew_when_it_is_bound),
		cmocka_unit_test(the_drops_of_a_ring_are_not_known),
		cmocka_unit_test(the_tools_own_packet_socket_does_not_count),
		cmocka_unit_test(the_socket_for_lldp_is_known_by_its_inode),
		cmocka_unit_test(packet_sockets_without_sock_diag_are_said_to_be_unread),
	};

	return cmocka_run_group_tests_name("source/socket", tests, NULL, NULL);
}
