/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which namespace holds the other end of a veth. A link names it by an id that
 * is private to its own namespace; RTM_GETNSID with an open namespace says that
 * id without assigning one (net/core/net_namespace.c: rtnl_net_getid). Each known
 * namespace is opened for one question only.
 */
#include "source/link.h"

#include "model/series.h"

#include "base/clock.h"
#include "base/netns.h"

#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <stdio.h>

#define PATH_SIZE 256
#define SEARCHES_MAX 4096
#define RETRY_FIRST_NS (200 * NS_PER_MS)
#define RETRY_LONGEST_NS (10 * NS_PER_S)

/* When a namespace's strange ids are looked up again, after a search that left some unknown. */
struct search {
	uint64_t netns;
	uint64_t next_ns, delay_ns;
};

static VEC(struct search) searches;

static struct search *search_of(uint64_t netns)
{
	struct search *search;

	vec_each(&searches, search) {
		if (search->netns == netns)
			return search;
	}
	search = vec_add(&searches, SEARCHES_MAX);
	if (search)
		search->netns = netns;
	return search;
}

/* Another has its number, and maybe its name, by now. */
static bool is_superseded(const struct objects *objects, const struct object *netns)
{
	struct object_key next = netns->key;

	next.netns += object_netns_key(0, 1);
	return object_find(objects, next) != NULL;
}

/* An open descriptor of exactly that namespace, or -1. Processes and names may have moved on since they were listed. */
static int namespace_open(const struct object *netns)
{
	char by_pid[PATH_SIZE];
	const char *paths[] = { object_text(netns, LABEL_PATH), by_pid };

	snprintf(by_pid, sizeof(by_pid), "/proc/%d/ns/net", (int)netns->pid);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		int fd;

		if (*paths[i] && netns_open_inode(paths[i], object_netns_inode(netns->key.netns), &fd) == 0)
			return fd;
	}
	return -1;
}

/* The id under which the socket's namespace knows that one, or -1. */
static int32_t namespace_id(struct netlink *netlink, const struct object *netns, struct text *buffer)
{
	CLEANUP_CLOSE int fd = namespace_open(netns);
	const struct nlattr *attributes[NETNSA_NSID + 1];
	struct netlink_request request;
	struct netlink_walk walk;
	const struct nlmsghdr *message;

	if (fd < 0)
		return -1;
	netlink_request(&request, RTM_GETNSID, 0, sizeof(struct rtgenmsg));
	mnl_attr_put_u32(request.header, NETNSA_FD, (uint32_t)fd);
	if (netlink_ask(netlink, &request, buffer) < 0)
		return -1;
	walk = netlink_walk(buffer->data, buffer->length);
	message = netlink_next(&walk, sizeof(struct rtgenmsg));
	if (!message || message->nlmsg_type != RTM_NEWNSID)
		return -1;
	netlink_attributes(message, sizeof(struct rtgenmsg), attributes, ARRAY_SIZE(attributes));
	return (int32_t)netlink_u32(attributes[NETNSA_NSID], UINT32_MAX);
}

static size_t pair_up(const struct source_context *context, const struct link_remotes *remotes, int32_t nsid,
		      const struct object *netns)
{
	const struct link_remote *remote;
	size_t paired = 0;

	vec_each(&remotes->list, remote) {
		struct object_key key = { OBJECT_LINK, netns->key.netns, remote->ifindex, 0 };
		struct object *peer = remote->nsid == nsid ? object_intern(context->objects, key, NULL) : NULL;

		if (!peer)
			continue;
		remote->link->peer = peer->id;
		peer->peer = remote->link->id;
		paired++;
	}
	return paired;
}

/* The namespace's first reading in this window. */
static bool is_first(const struct source_context *context)
{
	const struct observation *seen =
		context->series ? series_observation(context->series, SOURCE_LINK, context->netns->id) : NULL;

	return context->series && !(seen && seen->readings);
}

/* The search of the context's namespace when it is time for it, else NULL. */
static struct search *search_due(const struct source_context *context, uint64_t now_ns)
{
	struct search *search = search_of(context->netns->key.netns);

	if (search && is_first(context))
		search->next_ns = search->delay_ns = 0; /* a new window knows no peers */
	return search && now_ns >= search->next_ns ? search : NULL;
}

bool link_peers_due(const struct source_context *context)
{
	return search_due(context, clock_monotonic_ns()) != NULL;
}

void link_peers_find(const struct source_context *context, struct netlink *netlink, const struct link_remotes *remotes)
{
	uint64_t now = clock_monotonic_ns();
	struct search *search;
	size_t paired = 0;

	if (!remotes->list.count)
		return;
	search = search_due(context, now);
	if (!search)
		return;
	for (uint32_t id = 0; id < objects_count(context->objects) && paired < remotes->list.count; id++) {
		const struct object *netns = object_get(context->objects, id);
		int32_t nsid = -1;

		if (netns->key.kind == OBJECT_NETNS && netns != context->netns &&
		    !is_superseded(context->objects, netns))
			nsid = namespace_id(netlink, netns, context->buffer);

		if (nsid >= 0)
			paired += pair_up(context, remotes, nsid, netns);
	}
	if (paired == remotes->list.count)
		search->delay_ns = 0;
	else
		search->delay_ns = search->delay_ns ? search->delay_ns * 2 : RETRY_FIRST_NS;
	if (search->delay_ns > RETRY_LONGEST_NS)
		search->delay_ns = RETRY_LONGEST_NS;
	search->next_ns = now + search->delay_ns;
}
