/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The switch and port at the other end of a cable, from the LLDP frames that come by in the window (IEEE 802.1AB, clause
 * 8; organisations' parts in annexes D and F). A packet socket for that protocol alone, in the tool's own namespace,
 * read without waiting. No device is set to promiscuous mode and no multicast group is joined, so frames come only
 * where the driver lets them through; switches send one every 30 s. Nothing is ever sent.
 */
#include "source/lldp.h"

#include "source/procfs.h"

#include "base/alloc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PACKET_FILE "/proc/thread-self/net/packet"
#define LINKS_MAX 1024
#define FRAMES_AT_ONCE 64

enum {
	TLV_END = 0,
	TLV_CHASSIS = 1,
	TLV_PORT = 2,
	TLV_SYSTEM_NAME = 5,
	TLV_ORGANISATION = 127,
};

/* Subtypes of an id that are addresses; all others are text or close to it. */
enum {
	CHASSIS_MAC = 4,
	CHASSIS_NETWORK = 5,
	PORT_MAC = 3,
	PORT_NETWORK = 4,
};

#define ORGANISATION_8021 0x0080c2u
#define ORGANISATION_8023 0x00120fu
#define PORT_VLAN_SUBTYPE 1
#define MAX_FRAME_SUBTYPE 4

static void put_printable(const unsigned char *bytes, size_t length, char *ret, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < length && bytes[i] && used + 1 < size; i++)
		ret[used++] = (char)(bytes[i] >= ' ' && bytes[i] < 0x7f ? bytes[i] : '?');
	ret[used] = '\0';
}

static void put_hardware(const unsigned char *bytes, size_t length, char *ret, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	size_t used = 0;

	for (size_t i = 0; i < length && used + 4 <= size; i++) {
		if (i)
			ret[used++] = ':';
		ret[used++] = digits[bytes[i] >> 4];
		ret[used++] = digits[bytes[i] & 15];
	}
	ret[used] = '\0';
}

/* The first byte is the family (1: IPv4, 2: IPv6). */
static void put_network(const unsigned char *bytes, size_t length, char *ret, size_t size)
{
	ret[0] = '\0';
	if (length == 5 && bytes[0] == 1)
		(void)inet_ntop(AF_INET, bytes + 1, ret, (socklen_t)size);
	else if (length == 17 && bytes[0] == 2)
		(void)inet_ntop(AF_INET6, bytes + 1, ret, (socklen_t)size);
}

/* A chassis or port id: its subtype, then the id. */
static void put_id(const unsigned char *bytes, size_t length, int hardware, int network, char *ret, size_t size)
{
	if (!length)
		return;
	if (bytes[0] == hardware)
		put_hardware(bytes + 1, length - 1, ret, size);
	else if (bytes[0] == network)
		put_network(bytes + 1, length - 1, ret, size);
	else
		put_printable(bytes + 1, length - 1, ret, size);
}

static void parse_organisation(const unsigned char *bytes, size_t length, struct lldp_neighbour *neighbour)
{
	uint32_t organisation;
	uint16_t value;

	if (length < 6)
		return;
	organisation = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
	value = (uint16_t)(bytes[4] << 8 | bytes[5]);
	if (organisation == ORGANISATION_8021 && bytes[3] == PORT_VLAN_SUBTYPE)
		neighbour->port_vlan = value;
	else if (organisation == ORGANISATION_8023 && bytes[3] == MAX_FRAME_SUBTYPE)
		neighbour->max_frame_bytes = value;
}

static void parse_part(unsigned int type, const unsigned char *bytes, size_t length, struct lldp_neighbour *neighbour)
{
	switch (type) {
	case TLV_CHASSIS:
		put_id(bytes, length, CHASSIS_MAC, CHASSIS_NETWORK, neighbour->chassis, sizeof(neighbour->chassis));
		break;
	case TLV_PORT:
		put_id(bytes, length, PORT_MAC, PORT_NETWORK, neighbour->port, sizeof(neighbour->port));
		break;
	case TLV_SYSTEM_NAME:
		put_printable(bytes, length, neighbour->system, sizeof(neighbour->system));
		break;
	case TLV_ORGANISATION:
		parse_organisation(bytes, length, neighbour);
		break;
	default:
		break;
	}
}

bool lldp_parse(const void *bytes, size_t length, struct lldp_neighbour *ret)
{
	const unsigned char *at = bytes;
	struct lldp_neighbour neighbour = { 0 };

	while (length >= 2) {
		unsigned int type = at[0] >> 1;
		size_t part = (size_t)(at[0] & 1) << 8 | at[1];

		if (type == TLV_END)
			break;
		if (part > length - 2)
			return false;
		parse_part(type, at + 2, part, &neighbour);
		at += 2 + part;
		length -= 2 + part;
	}
	if (!*neighbour.chassis || !*neighbour.port)
		return false;
	*ret = neighbour;
	return true;
}

/* ---- listening ---- */

/* A device on which something was heard. */
struct heard {
	uint32_t ifindex;
	uint64_t frames;
	struct lldp_neighbour neighbour;
};

static VEC(struct heard) heard;
static int listening = -1; /* until the tool ends; in its own namespace, which it keeps alive anyway */
static uint64_t inode;	   /* of that socket */

static struct heard *heard_on(uint32_t ifindex)
{
	struct heard *link;

	vec_each(&heard, link) {
		if (link->ifindex == ifindex)
			return link;
	}
	link = vec_add(&heard, LINKS_MAX);
	if (link)
		link->ifindex = ifindex;
	return link;
}

uint64_t lldp_inode(void)
{
	return inode;
}

/* Opening a packet socket could load the module: only where the kernel has such sockets already. */
static int listen_begin(const struct source_context *context)
{
	struct stat status;

	if (listening >= 0)
		return 0;
	if (*context->sysroot || access(PACKET_FILE, F_OK) < 0)
		return -EOPNOTSUPP;
	listening = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_LLDP));
	if (listening < 0)
		return -errno;
	inode = fstat(listening, &status) == 0 ? status.st_ino : 0;
	return 0;
}

static void take_frames(void)
{
	for (int i = 0; i < FRAMES_AT_ONCE; i++) {
		unsigned char bytes[ETH_DATA_LEN];
		struct sockaddr_ll from = { 0 };
		socklen_t size = sizeof(from);
		ssize_t length = recvfrom(listening, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &size);
		struct lldp_neighbour neighbour;
		struct heard *link;

		if (length < 0)
			return;
		if (from.sll_pkttype == PACKET_OUTGOING || !lldp_parse(bytes, (size_t)length, &neighbour))
			continue;
		link = heard_on((uint32_t)from.sll_ifindex);
		if (!link)
			continue;
		link->frames++;
		link->neighbour = neighbour;
	}
}

static void add_heard(const struct source_context *context, struct snapshot *snapshot, const struct heard *link)
{
	struct object_key key = { OBJECT_LINK, objects_home(context->objects), link->ifindex, 0 };
	const struct lldp_neighbour *neighbour = &link->neighbour;
	struct object *object = object_intern(context->objects, key, NULL);

	if (!object)
		return;
	object_labelf(object, LABEL_SWITCH, "port %s of switch %s", neighbour->port,
		      *neighbour->system ? neighbour->system : neighbour->chassis);
	snapshot_add(snapshot, C_LLDP_FRAMES, object, link->frames);
	if (neighbour->port_vlan)
		snapshot_add(snapshot, C_LLDP_PORT_VLAN, object, neighbour->port_vlan);
	if (neighbour->max_frame_bytes)
		snapshot_add(snapshot, C_LLDP_MAX_FRAME, object, neighbour->max_frame_bytes);
}

static void lldp_read(const struct source_context *context, struct snapshot *snapshot)
{
	int error = listen_begin(context);
	const struct heard *link;

	if (error) {
		snapshot_missed(snapshot, SOURCE_LLDP, procfs_host(context), error,
				error == -EOPNOTSUPP ? "LLDP: this kernel has no packet sockets now"
						     : "listening for LLDP frames: no permission (needs root)");
		return;
	}
	take_frames();
	vec_each(&heard, link)
		add_heard(context, snapshot, link);
	snapshot_covered(snapshot, SOURCE_LLDP, procfs_host(context));
}

const struct source source_lldp = { SOURCE_LLDP, SCOPE_HOST, COST_CHEAP, lldp_read };
