/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets of one namespace, whichever interface tells of them: sock_diag
 * (socket_diag.c) or, where using it would load a module, /proc/net
 * (socket_proc.c). Both turn what they read into struct socket_facts; socket.c
 * makes objects and samples of it. Packet sockets (socket_packet.c) have no
 * addresses and go a way of their own.
 */
#pragma once

#include "source/source.h"

#include "base/parse.h"

#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* include/net/tcp_states.h; UDP uses ESTABLISHED when connected and CLOSE otherwise. */
enum socket_state {
	SOCKET_ESTABLISHED = 1,
	SOCKET_SYN_SENT = 2,
	SOCKET_SYN_RECV = 3,
	SOCKET_FIN_WAIT1 = 4,
	SOCKET_CLOSE = 7,
	SOCKET_CLOSE_WAIT = 8,
	SOCKET_LAST_ACK = 9,
	SOCKET_LISTEN = 10,
	SOCKET_CLOSING = 11,
};

struct socket_address {
	uint8_t family;	   /* AF_INET or AF_INET6 */
	uint8_t bytes[16]; /* network order; 4 of them for AF_INET */
	uint16_t port;	   /* host order */
};

/* What `struct socket_facts` holds beyond addresses and queues. */
enum socket_known {
	SOCKET_HAS_DROPS = 1 << 0,
	SOCKET_HAS_MEMORY = 1 << 1, /* memory[], drops included */
	SOCKET_HAS_LIMIT = 1 << 2,  /* wqueue of a listener is its accept queue's limit */
	SOCKET_HAS_COOKIE = 1 << 3,
	SOCKET_IS_V6ONLY = 1 << 4,
	SOCKET_IS_DUAL = 1 << 5, /* an IPv6 socket that takes IPv4 as well */
};

struct socket_facts {
	unsigned int known; /* enum socket_known */
	uint8_t protocol;   /* IPPROTO_UDP, IPPROTO_TCP */
	uint8_t state;	    /* enum socket_state */
	struct socket_address local, remote;
	uint32_t ifindex; /* bound to that device, 0 if to none */
	uint64_t cookie, inode;
	uint32_t uid;
	uint32_t rqueue, wqueue; /* bytes; listeners: connections */
	uint32_t memory[SK_MEMINFO_VARS];
	const void *tcp_info; /* struct tcp_info of any kernel, or NULL; not owned */
	size_t tcp_info_length;
};

/* Half-open connections of one local address. */
struct socket_half_open {
	struct socket_address local;
	uint64_t count;
};

struct socket_listener {
	struct socket_address local;
	uint32_t object;
	uint64_t half_open;
};

/* One reading of a namespace's sockets. Begin with zeroes and these first four. */
struct socket_reading {
	const struct source_context *context;
	struct snapshot *snapshot;
	unsigned int seen;  /* enum socket_part: read before in the same way, so what is new was born since */
	uint64_t own_inode; /* of a packet socket of the tool itself, which is left out; 0: it has none */
	size_t connections, datagram_sockets, packet_sockets;
	bool cut;	     /* more sockets than are taken */
	bool unparsed;	     /* something was not understood */
	bool packets_untold; /* there are packet sockets, and nothing tells of them */
	bool left_out;	     /* of the connections that are new, some quiet ones */
	bool listeners_only; /* connections, half-open ones among them, were left out this time */
	bool rings;	     /* some packet sockets count their losses for themselves alone */
	VEC(struct socket_listener) listeners;
	VEC(struct socket_half_open) half_open;
};

enum socket_part { SOCKET_PART_UDP = 1, SOCKET_PART_TCP = 2, SOCKET_PART_PACKET = 4 };

/* In an object's key: behind every IPPROTO_. A netlink socket's other half of the key is its port. */
#define SOCKET_PROTOCOL_PACKET (AF_PACKET << 8)
#define SOCKET_PROTOCOL_NETLINK(protocol) ((uint64_t)AF_NETLINK << 8 | (protocol))
#define SOCKET_PROTOCOL_UNIX (AF_UNIX << 8)
#define SOCKET_NETLINK_PROTOCOLS 32 /* MAX_LINKS of linux/netlink.h */

/* Connections and UDP sockets taken per reading and namespace; what is beyond makes the reading partial. */
#define SOCKET_CONNECTIONS_MAX 20000
#define SOCKET_DATAGRAM_MAX 50000
#define SOCKET_LISTENERS_MAX 20000
#define SOCKET_PACKET_MAX 5000

/* So many connections of a window, gone ones included, are kept for nothing: a new one then has to be in trouble. */
#define SOCKET_QUIET_MAX 100000

/* Adds one socket to the reading; false when no more of its kind are taken. */
bool socket_take(struct socket_reading *reading, const struct socket_facts *facts);

/* Ends the reading: half-open connections are given to their listeners. Frees what the reading holds. */
void socket_finish(struct socket_reading *reading);

/* "10.0.0.2:53", "[fd00::2]:53", "*:53", "127.0.0.53%lo:53": as ss prints it. `device` may be NULL. */
void socket_address_text(const struct socket_address *address, bool dual, const char *device, struct text *ret);

/* The name of a device of this namespace, as the link source tells it; also sets the object's link. NULL if unknown. */
const char *socket_device(const struct socket_reading *reading, uint32_t ifindex, struct object *object);

/* Reads `parts` (enum socket_part; UDP and TCP) by sock_diag. 0, or -errno with *ret_reason (interned). */
int socket_diag_read(struct socket_reading *reading, unsigned int parts, const char **ret_reason)
	__attribute__((warn_unused_result));

/* Whether the walk over all TCP connections is due in this namespace (socket_due.c says when it is). */
bool socket_connections_due(const struct source_context *context);

/* A datagram of sock_diag answers: takes every socket in it. False to stop. */
bool socket_diag_take(struct socket_reading *reading, uint8_t protocol, const char *bytes, size_t length);

/* True when the namespace has any packet socket but that of inode `own` (0: none is left out): one small file. */
bool socket_packet_in_use(const struct source_context *context, uint64_t own);

/* Reads the packet sockets by sock_diag. 0, or -errno with *ret_reason (interned). */
int socket_packet_read(struct socket_reading *reading, const char **ret_reason) __attribute__((warn_unused_result));

/* A datagram of sock_diag answers about packet sockets: takes every socket in it. False to stop. */
bool socket_packet_take(struct socket_reading *reading, const char *bytes, size_t length);

/* Reads `parts` from /proc/thread-self/net (UDP and TCP). 0, or -errno with *ret_reason. */
int socket_proc_read(struct socket_reading *reading, unsigned int parts, const char **ret_reason)
	__attribute__((warn_unused_result));

/* A line of /proc/net/{udp,udp6,tcp,tcp6}, not the heading. 0 or -EINVAL. */
int socket_proc_parse(struct slice line, uint8_t family, uint8_t protocol, struct socket_facts *ret)
	__attribute__((warn_unused_result));

/*
 * Which of UDP and TCP have any socket at all, from /proc/net/sockstat and sockstat6: enum socket_part. A namespace
 * without sockets then costs two small files instead of a walk over every TCP connection of the host.
 */
unsigned int socket_parts_in_use(const struct source_context *context);

/* samples of struct tcp_info, which has as many fields as its kernel knows; `full`: all of them. */
void socket_tcp_samples(struct snapshot *snapshot, const struct object *object, const void *info, size_t length,
			bool full);

/* The numbers of tcp_info that tell whether a connection deserves all of them. */
struct socket_trouble {
	bool now;		/* something is missing at this moment */
	uint32_t total_retrans; /* segments sent again so far */
};

struct socket_trouble socket_tcp_trouble(const void *info, size_t length);
