/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the link source that work without a kernel, and the search for peers in other namespaces. */
#pragma once

#include "source/netlink.h"
#include "source/source.h"

#include "base/vec.h"

/* A link whose other end lies in another namespace, as the kernel names it: by an id that is only valid here. */
struct link_remote {
	struct object *link;
	uint32_t ifindex; /* of the other end, over there */
	int32_t nsid;	  /* of the namespace over there */
};

#define LINK_REMOTES_MAX 65536

struct link_remotes {
	VEC(struct link_remote) list;
};

/* The device of that index in the context's namespace; NULL for index 0. */
struct object *link_object(const struct source_context *context, uint32_t ifindex);

/*
 * Messages of an RTM_GETLINK dump of the context's namespace. Adds objects, labels, relations and samples; links
 * with an unknown peer in another namespace go to `remotes`. False when the bytes end in the middle of a message
 * or hold one that is too short; what came before it is kept.
 */
bool link_parse(const struct source_context *context, struct snapshot *snapshot, const void *bytes, size_t length,
		struct link_remotes *remotes);

/*
 * What a device of that kind says in its own words (IFLA_INFO_DATA, may be NULL), and what a device says as the member
 * of one of that kind (IFLA_INFO_SLAVE_DATA, may be NULL) (link_kind.c).
 */
void link_add_kind(struct snapshot *snapshot, const struct object *link, const char *kind, const struct nlattr *data);
void link_add_membership(struct snapshot *snapshot, const struct object *link, const char *kind,
			 const struct nlattr *data);

/* The statistics of one link: struct rtnl_link_stats64 of any kernel in an attribute, or NULL for none. */
void link_add_statistics(struct snapshot *snapshot, const struct object *link, const struct nlattr *attribute);

/* Counters of those statistics: in counters.def they stand together. */
static inline bool link_is_statistic(counter_id counter)
{
	return counter >= C_LINK_RX_PACKETS && counter <= C_LINK_RX_OTHERHOST_DROPPED;
}

/* Whether the whole list is to be read, at the window's ends and twice a second in between, or statistics will do. */
bool link_list_is_due(const struct source_context *context);

/* Reads the statistics alone. False, and nothing added, when the kernel cannot or the interfaces are not the same. */
bool link_statistics_read(const struct source_context *context, struct netlink *netlink, struct snapshot *snapshot)
	__attribute__((warn_unused_result));

/* Messages of an RTM_GETSTATS dump. False for an interface that is not known, or bytes that were not understood. */
bool link_statistics_parse(const struct source_context *context, struct snapshot *snapshot, const void *bytes,
			   size_t length) __attribute__((warn_unused_result));

/* How many messages an answer has. */
size_t link_count(const void *bytes, size_t length);

/*
 * Finds the namespaces of `remotes` among those that are known and sets both ends' `peer`. Asks the kernel, which
 * assigns nothing for it; opens each namespace for one question. Retries what it did not find ever more seldom.
 */
void link_peers_find(const struct source_context *context, struct netlink *netlink, const struct link_remotes *remotes);

/* Whether it is time to look again: at a namespace's first reading in a window always. */
bool link_peers_due(const struct source_context *context);
