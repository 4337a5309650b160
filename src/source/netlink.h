/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Netlink: the one place that opens a netlink socket, asks for a dump and
 * collects the answer. Answers are parsed elsewhere, from plain bytes, so that
 * recorded and hostile bytes take the same way as the kernel's.
 */
#pragma once

#include "base/alloc.h"
#include "base/text.h"

#include <libmnl/libmnl.h>

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A socket for the time of one reading: it belongs to the namespace in which it was opened and keeps
 * that namespace alive, so close it before leaving. Initialise with NETLINK_CLOSED. A closed one may wait for
 * the next netlink_open() in the same namespace: netlink_left() ends that.
 */
struct netlink {
	struct mnl_socket *socket; /* NULL: closed */
	int protocol;
	uint32_t sequence;
	bool broken;	  /* no answer came where one was due */
	bool strict;	  /* the kernel checks and obeys what a dump request asks for (4.20 and later) */
	char *buffer;	  /* one datagram */
	char extack[120]; /* what the kernel said about the last refusal, "" if nothing */
};

#define NETLINK_CLOSED ((struct netlink){ .socket = NULL })
#define CLEANUP_NETLINK CLEANUP(netlink_close)

/*
 * Opens NETLINK_ROUTE, NETLINK_SOCK_DIAG, NETLINK_NETFILTER … with strict checking of dump requests where the
 * kernel has it, extended errors and a receive timeout of NETLINK_TIMEOUT_MS. 0 or -errno.
 */
#define NETLINK_TIMEOUT_MS 2000
int netlink_open(struct netlink *netlink, int protocol) __attribute__((warn_unused_result));
void netlink_close(struct netlink *netlink);

/* The thread has entered another namespace than its own; it is about to leave that (closes what waits there). */
void netlink_entered(void);
void netlink_left(void);

/* In a child that has closed all it inherited: the sockets that wait are the parent's. */
void netlink_forget(void);

/* What a dump may be short of. */
enum netlink_state {
	NETLINK_CUT = 1 << 0, /* stopped at the answer's maximum */
	NETLINK_INTERRUPTED =
		1 << 1, /* things changed while it was listed, at every attempt: some may be missing or twice */
};

/* One request in its own memory; the header is filled in by netlink_request(). */
struct netlink_request {
	_Alignas(struct nlmsghdr) char bytes[512];
	struct nlmsghdr *header;
};

/*
 * Begins a request: message type, NLM_F_ flags beyond NLM_F_REQUEST, and a zeroed family header of `size` bytes,
 * which is returned for filling in. Attributes: mnl_attr_put_check(request->header, sizeof(request->bytes), …).
 */
void *netlink_request(struct netlink_request *request, uint16_t type, uint16_t flags, size_t size);

/*
 * Sends a dump request (NLM_F_DUMP is added) and collects the answer's messages in `ret_bytes`, emptied first, up to
 * its `max`. A dump that the kernel calls inconsistent is asked for again, three times at most. 0 with *ret_state (enum
 * netlink_state), or -errno: -ETIMEDOUT when no answer came, else what the kernel or the socket said. NLMSG_DONE
 * and errors are not part of `ret_bytes`.
 */
int netlink_dump(struct netlink *netlink, struct netlink_request *request, struct text *ret_bytes,
		 unsigned int *ret_state) __attribute__((warn_unused_result));

/*
 * The same, but hands over each datagram as it comes: for answers too large to hold. `take` gets whole
 * messages and returns false to stop (then the socket is closed and opened anew). Not repeated when inconsistent.
 */
int netlink_stream(struct netlink *netlink, struct netlink_request *request,
		   bool (*take)(void *data, const char *bytes, size_t length), void *data, unsigned int *ret_state)
	__attribute__((warn_unused_result));

/* Sends a request that has one answer (no dump) and leaves that message in `ret_bytes`. 0 or -errno. */
int netlink_ask(struct netlink *netlink, struct netlink_request *request, struct text *ret_bytes)
	__attribute__((warn_unused_result));

/* "what (the kernel's own words)": interned text for snapshot_missed(). */
const char *netlink_reason(const struct netlink *netlink, const char *what, int error);

/* ---- walking bytes, hostile ones included ---- */

struct netlink_walk {
	const char *bytes; /* aligned for struct nlmsghdr */
	size_t left;
	bool broken; /* it ended in the middle of a message */
};

struct netlink_walk netlink_walk(const void *bytes, size_t length);

/* The next message whose payload holds at least `header_size` bytes; shorter ones mark the walk broken. */
const struct nlmsghdr *netlink_next(struct netlink_walk *walk, size_t header_size);

/*
 * Sorts attributes by type into `ret` (entries 0 to count - 1; absent ones NULL; the last of a kind wins): those behind
 * a message's family header, or those nested in an attribute (NULL: none) behind `skip` bytes of a structure.
 */
void netlink_attributes(const struct nlmsghdr *message, size_t header_size, const struct nlattr **ret, size_t count);
void netlink_nested(const struct nlattr *nest, size_t skip, const struct nlattr **ret, size_t count);

/* The value, or `otherwise` when it is absent or too short. */
uint8_t netlink_u8(const struct nlattr *attribute, uint8_t otherwise);
uint16_t netlink_u16(const struct nlattr *attribute, uint16_t otherwise);
uint32_t netlink_u32(const struct nlattr *attribute, uint32_t otherwise);
uint64_t netlink_u64(const struct nlattr *attribute, uint64_t otherwise);

/* The string, or NULL when it is absent or not terminated. */
const char *netlink_string(const struct nlattr *attribute);

/* Copies up to `size` bytes of the payload into a zeroed `ret`; returns how many the kernel gave. */
size_t netlink_copy(const struct nlattr *attribute, void *ret, size_t size);
