/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets by sock_diag: linux/sock_diag.h, linux/inet_diag.h.
 *
 * UDP is asked per family. TCP is asked once for both, by the older request
 * TCPDIAG_GETSOCK: it leaves the family open (net/ipv4/inet_diag.c:
 * inet_diag_dump_compat), and one walk of the host's whole connection table
 * (0.2 ms where it has 262,144 buckets, whatever is in it) is half of two.
 * Half-open connections come in the same walk: asking for SYN_RECV gives
 * NEW_SYN_RECV as well. TIME_WAIT is left out: nothing can be lost there.
 */
#include "source/socket.h"

#include "source/netlink.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <string.h>
#include <sys/socket.h>

#define STATE(name) (1u << SOCKET_##name)
#define TCP_STATES                                                                                   \
	(STATE(LISTEN) | STATE(ESTABLISHED) | STATE(SYN_SENT) | STATE(SYN_RECV) | STATE(FIN_WAIT1) | \
	 STATE(CLOSE_WAIT) | STATE(LAST_ACK) | STATE(CLOSING))
#define EXTENSION(name) (1u << (INET_DIAG_##name - 1))

static void parse_address(uint8_t family, const __be32 *address, __be16 port, struct socket_address *ret)
{
	ret->family = family;
	memcpy(ret->bytes, address, family == AF_INET ? 4 : 16);
	ret->port = ntohs(port);
}

static int diag_parse(const struct nlmsghdr *message, uint8_t protocol, struct socket_facts *ret)
{
	const struct nlattr *attributes[INET_DIAG_SKV6ONLY + 1];
	struct inet_diag_msg diag;
	struct socket_facts facts = { .protocol = protocol };

	memcpy(&diag, mnl_nlmsg_get_payload(message), sizeof(diag));
	if (diag.idiag_family != AF_INET && diag.idiag_family != AF_INET6)
		return -EAFNOSUPPORT;
	parse_address(diag.idiag_family, diag.id.idiag_src, diag.id.idiag_sport, &facts.local);
	parse_address(diag.idiag_family, diag.id.idiag_dst, diag.id.idiag_dport, &facts.remote);
	facts.state = diag.idiag_state;
	facts.ifindex = diag.id.idiag_if;
	facts.cookie = diag.id.idiag_cookie[0] | (uint64_t)diag.id.idiag_cookie[1] << 32;
	facts.inode = diag.idiag_inode;
	facts.uid = diag.idiag_uid;
	facts.rqueue = diag.idiag_rqueue;
	facts.wqueue = diag.idiag_wqueue;
	facts.known = SOCKET_HAS_COOKIE | SOCKET_HAS_LIMIT;
	netlink_attributes(message, sizeof(diag), attributes, ARRAY_SIZE(attributes));
	if (netlink_copy(attributes[INET_DIAG_SKMEMINFO], facts.memory, sizeof(facts.memory)) > SK_MEMINFO_DROPS * 4)
		facts.known |= SOCKET_HAS_MEMORY | SOCKET_HAS_DROPS;
	if (attributes[INET_DIAG_SKV6ONLY] && diag.idiag_family == AF_INET6)
		facts.known |= netlink_u8(attributes[INET_DIAG_SKV6ONLY], 0) ? SOCKET_IS_V6ONLY : SOCKET_IS_DUAL;
	if (attributes[INET_DIAG_INFO] && mnl_attr_get_payload_len(attributes[INET_DIAG_INFO])) {
		facts.tcp_info = mnl_attr_get_payload(attributes[INET_DIAG_INFO]);
		facts.tcp_info_length = mnl_attr_get_payload_len(attributes[INET_DIAG_INFO]);
	}
	*ret = facts;
	return 0;
}

bool socket_diag_take(struct socket_reading *reading, uint8_t protocol, const char *bytes, size_t length)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message;
	struct socket_facts facts;
	bool more = true;

	while (more && (message = netlink_next(&walk, sizeof(struct inet_diag_msg)))) {
		if (diag_parse(message, protocol, &facts) < 0)
			reading->unparsed = true;
		else
			more = socket_take(reading, &facts);
	}
	reading->unparsed |= walk.broken;
	return more;
}

static bool take_udp(void *reading, const char *bytes, size_t length)
{
	return socket_diag_take(reading, IPPROTO_UDP, bytes, length);
}

static bool take_tcp(void *reading, const char *bytes, size_t length)
{
	return socket_diag_take(reading, IPPROTO_TCP, bytes, length);
}

static int read_udp(struct socket_reading *reading, struct netlink *netlink, uint8_t family, unsigned int *state)
{
	struct netlink_request request;
	struct inet_diag_req_v2 *header = netlink_request(&request, SOCK_DIAG_BY_FAMILY, 0, sizeof(*header));

	header->sdiag_family = family;
	header->sdiag_protocol = IPPROTO_UDP;
	header->idiag_ext = EXTENSION(SKMEMINFO);
	header->idiag_states = UINT32_MAX;
	return netlink_stream(netlink, &request, take_udp, reading, state);
}

static int read_tcp(struct socket_reading *reading, struct netlink *netlink, unsigned int *state)
{
	struct netlink_request request;
	struct inet_diag_req *header = netlink_request(&request, TCPDIAG_GETSOCK, 0, sizeof(*header));

	header->idiag_family = AF_INET; /* the kernel answers for both */
	header->idiag_ext = EXTENSION(SKMEMINFO) | EXTENSION(INFO);
	header->idiag_states = reading->listeners_only ? STATE(LISTEN) : TCP_STATES;
	return netlink_stream(netlink, &request, take_tcp, reading, state);
}

int socket_diag_read(struct socket_reading *reading, unsigned int parts, const char **ret_reason)
{
	CLEANUP_NETLINK struct netlink netlink = NETLINK_CLOSED;
	const char *what = "sock_diag: opening a netlink socket";
	unsigned int state[3] = { 0 };
	int error = netlink_open(&netlink, NETLINK_SOCK_DIAG);

	if (!error && parts & SOCKET_PART_UDP) {
		what = "sock_diag: listing UDP sockets";
		error = read_udp(reading, &netlink, AF_INET, &state[0]);
		if (!error)
			error = read_udp(reading, &netlink, AF_INET6, &state[1]);
		if (error == -ENOENT) /* a kernel without IPv6: nothing to list */
			error = 0;
	}
	if (!error && parts & SOCKET_PART_TCP) {
		what = "sock_diag: listing TCP sockets";
		error = read_tcp(reading, &netlink, &state[2]);
	}
	reading->cut |= (state[0] | state[1] | state[2]) & NETLINK_CUT;
	if (error)
		*ret_reason = netlink_reason(&netlink, what, error);
	return error;
}
