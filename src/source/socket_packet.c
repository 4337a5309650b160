/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packet sockets (captures: tcpdump, probes, DHCP clients) by sock_diag:
 * linux/packet_diag.h, net/packet/diag.c.
 *
 * packet_rcv() counts what did not fit into the receive buffer in the socket's
 * sk_drops. tpacket_rcv(), which fills a ring that the program has mapped (what
 * tcpdump uses), counts it for the program alone (PACKET_STATISTICS), and
 * asking there sets the program's own count back: for those only the ring's
 * size is told, no drops.
 */
#include "source/socket.h"

#include "source/netlink.h"

#include <errno.h>
#include <linux/packet_diag.h>
#include <string.h>
#include <sys/socket.h>

#define PACKET_PATH "/proc/thread-self/net/packet"

/* net/packet/af_packet.c: packet_seq_show: the inode is the last word. */
static uint64_t inode_of(struct slice line)
{
	struct cursor cursor = { .rest = line };
	struct slice word, last = { 0 };
	uint64_t inode = 0;

	while (cursor_word(&cursor, &word))
		last = word;
	return parse_u64(last, &inode) ? 0 : inode;
}

bool socket_packet_in_use(const struct source_context *context, uint64_t own)
{
	struct cursor cursor;
	struct slice line;

	if (source_read_file(context, PACKET_PATH))
		return false; /* a kernel without packet sockets */
	cursor = cursor_of(text_string(context->buffer), context->buffer->length);
	if (!cursor_line(&cursor, &line))
		return false;
	while (cursor_line(&cursor, &line)) { /* below the heading, one per socket */
		if (slice_trim(line).length && !(own && inode_of(line) == own))
			return true;
	}
	return false;
}

struct packet_facts {
	uint64_t cookie;
	uint32_t inode, uid, ifindex; /* ifindex 0: every device */
	uint32_t memory[SK_MEMINFO_VARS];
	uint64_t ring_bytes; /* of the receive ring, 0 without one */
	bool has_uid, has_memory, has_ring;
};

static void packet_parse(const struct nlmsghdr *message, struct packet_facts *ret)
{
	const struct nlattr *attributes[PACKET_DIAG_MAX + 1];
	struct packet_diag_ring ring;
	struct packet_diag_info info;
	struct packet_diag_msg diag;
	struct packet_facts facts = { 0 };

	memcpy(&diag, mnl_nlmsg_get_payload(message), sizeof(diag));
	netlink_attributes(message, sizeof(diag), attributes, ARRAY_SIZE(attributes));
	facts.inode = diag.pdiag_ino;
	facts.cookie = diag.pdiag_cookie[0] | (uint64_t)diag.pdiag_cookie[1] << 32;
	if (netlink_copy(attributes[PACKET_DIAG_INFO], &info, sizeof(info)) >= sizeof(info.pdi_index))
		facts.ifindex = info.pdi_index;
	facts.has_uid = attributes[PACKET_DIAG_UID] != NULL;
	facts.uid = netlink_u32(attributes[PACKET_DIAG_UID], 0);
	facts.has_memory = netlink_copy(attributes[PACKET_DIAG_MEMINFO], facts.memory, sizeof(facts.memory)) >
			   SK_MEMINFO_DROPS * sizeof(facts.memory[0]);
	facts.has_ring = netlink_copy(attributes[PACKET_DIAG_RX_RING], &ring, sizeof(ring)) > 0;
	if (facts.has_ring)
		facts.ring_bytes = (uint64_t)ring.pdr_block_size * ring.pdr_block_nr;
	*ret = facts;
}

/* A socket is bound after it was made, and its device may be renamed: named anew at each reading. */
static void packet_label(const struct socket_reading *reading, const struct packet_facts *facts, struct object *object)
{
	const char *device = socket_device(reading, facts->ifindex, object);

	object_label(object, LABEL_PROTOCOL, "packet");
	if (device)
		object_labelf(object, LABEL_NAME, "packet socket on %s", device);
	else if (!facts->ifindex)
		object_label(object, LABEL_NAME, "packet socket on all interfaces");
	else
		object_labelf(object, LABEL_NAME, "packet socket on interface %d", (int)facts->ifindex);
}

static void packet_samples(const struct socket_reading *reading, const struct packet_facts *facts,
			   const struct object *object)
{
	struct snapshot *snapshot = reading->snapshot;

	snapshot_add(snapshot, C_SOCK_INODE, object, facts->inode);
	if (facts->has_uid)
		snapshot_add(snapshot, C_SOCK_UID, object, facts->uid);
	if (facts->has_ring) {
		snapshot_add(snapshot, C_PACKET_SOCKET_RING, object, facts->ring_bytes);
	} else if (facts->has_memory) {
		snapshot_add(snapshot, C_PACKET_SOCKET_DROPS, object, facts->memory[SK_MEMINFO_DROPS]);
		snapshot_add(snapshot, C_PACKET_SOCKET_RMEM, object, facts->memory[SK_MEMINFO_RMEM_ALLOC]);
		snapshot_add(snapshot, C_PACKET_SOCKET_RCVBUF, object, facts->memory[SK_MEMINFO_RCVBUF]);
	}
}

static bool packet_take(struct socket_reading *reading, const struct packet_facts *facts)
{
	const struct source_context *context = reading->context;
	struct object *object;
	bool is_new;

	if (reading->packet_sockets >= SOCKET_PACKET_MAX)
		return false;
	object = object_intern(context->objects,
			       (struct object_key){ OBJECT_SOCKET, context->netns->key.netns, facts->cookie,
						    SOCKET_PROTOCOL_PACKET },
			       &is_new);
	if (!object)
		return false;
	reading->packet_sockets++;
	if (is_new)
		object->born = reading->seen & SOCKET_PART_PACKET || context->netns->born;
	packet_label(reading, facts, object);
	packet_samples(reading, facts, object);
	reading->rings |= facts->has_ring;
	return true;
}

bool socket_packet_take(struct socket_reading *reading, const char *bytes, size_t length)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message;
	struct packet_facts facts;
	bool more = true;

	while (more && (message = netlink_next(&walk, sizeof(struct packet_diag_msg)))) {
		packet_parse(message, &facts);
		if (!facts.inode || facts.inode != reading->own_inode)
			more = packet_take(reading, &facts);
	}
	reading->unparsed |= walk.broken;
	reading->cut |= !more;
	return more;
}

static bool take_datagram(void *reading, const char *bytes, size_t length)
{
	return socket_packet_take(reading, bytes, length);
}

int socket_packet_read(struct socket_reading *reading, const char **ret_reason)
{
	CLEANUP_NETLINK struct netlink netlink = NETLINK_CLOSED;
	const char *what = "sock_diag: opening a netlink socket";
	struct netlink_request request;
	struct packet_diag_req *header;
	unsigned int state = 0;
	int error = netlink_open(&netlink, NETLINK_SOCK_DIAG);

	if (!error) {
		what = "sock_diag: listing packet sockets";
		header = netlink_request(&request, SOCK_DIAG_BY_FAMILY, 0, sizeof(*header));
		header->sdiag_family = AF_PACKET;
		header->pdiag_show = PACKET_SHOW_INFO | PACKET_SHOW_MEMINFO | PACKET_SHOW_RING_CFG;
		error = netlink_stream(&netlink, &request, take_datagram, reading, &state);
	}
	reading->cut |= state & NETLINK_CUT;
	if (error == -ENOENT) { /* a kernel built without it, that loads no modules either */
		reading->packets_untold = true;
		return 0;
	}
	if (error)
		*ret_reason = netlink_reason(&netlink, what, error);
	return error;
}
