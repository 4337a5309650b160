/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Queueing disciplines and classes, from one RTM_GETQDISC dump per namespace
 * and an RTM_GETTCLASS dump per device that has a classful shaper
 * (net/sched/sch_api.c). `packets` counts segments, `drops` buffers. Children
 * that the kernel attached by itself (a class's default fifo) are not listed; what
 * they drop is counted in their class. The dumps take the rtnl lock.
 */
#include "source/qdisc.h"

#include <errno.h>
#include <linux/gen_stats.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>

#ifndef TCA_STATS_PKT64
#define TCA_STATS_PKT64 8 /* an enumerator since 5.5 */
#endif

/* Kinds whose classes are queues of their own making, not mirrors of a child qdisc. */
static bool has_classes(const char *kind)
{
	static const char *const kinds[] = { "htb", "hfsc", "drr", "qfq", "cbq" };

	return text_is_one_of(kind, kinds, ARRAY_SIZE(kinds));
}

static bool is_ingress(const char *kind)
{
	static const char *const kinds[] = { "ingress", "clsact" };

	return text_is_one_of(kind, kinds, ARRAY_SIZE(kinds));
}

static const struct qdisc_counters qdisc_counters = {
	C_QDISC_PACKETS,  C_QDISC_BYTES,	   C_QDISC_DROPS,	  C_QDISC_OVERLIMITS,
	C_QDISC_REQUEUES, C_QDISC_BACKLOG_PACKETS, C_QDISC_BACKLOG_BYTES,
};
static const struct qdisc_counters class_counters = {
	C_CLASS_PACKETS,  C_CLASS_BYTES,	   C_CLASS_DROPS,	  C_CLASS_OVERLIMITS,
	C_CLASS_REQUEUES, C_CLASS_BACKLOG_PACKETS, C_CLASS_BACKLOG_BYTES,
};
static const struct qdisc_counters ingress_counters = {
	C_TC_INGRESS_PACKETS, COUNTER_NONE, C_TC_INGRESS_DROPS, COUNTER_NONE, COUNTER_NONE, COUNTER_NONE, COUNTER_NONE,
};

const struct qdisc_counters *qdisc_counters_of(const char *kind, bool class)
{
	if (class)
		return &class_counters;
	return is_ingress(kind) ? &ingress_counters : &qdisc_counters;
}

bool qdisc_is_told(const char *kind, bool class)
{
	return class ? has_classes(kind) : strcmp(kind, "noqueue") != 0;
}

static void add_statistics(struct snapshot *snapshot, const struct object *object,
			   const struct qdisc_counters *counters, const struct nlattr *const *statistics)
{
	struct gnet_stats_basic basic;
	struct gnet_stats_queue queue;

	/* The first two members are what counts: the structure's padding differs between architectures. */
	if (netlink_copy(statistics[TCA_STATS_BASIC], &basic, sizeof(basic)) >=
	    sizeof(basic.bytes) + sizeof(uint32_t)) {
		snapshot_add(snapshot, counters->bytes, object, basic.bytes);
		snapshot_add(snapshot, counters->packets, object,
			     netlink_u64(statistics[TCA_STATS_PKT64], basic.packets));
	}
	if (netlink_copy(statistics[TCA_STATS_QUEUE], &queue, sizeof(queue)) == sizeof(queue)) {
		snapshot_add(snapshot, counters->drops, object, queue.drops);
		snapshot_add(snapshot, counters->overlimits, object, queue.overlimits);
		snapshot_add(snapshot, counters->requeues, object, queue.requeues);
		snapshot_add(snapshot, counters->backlog_packets, object, queue.qlen);
		snapshot_add(snapshot, counters->backlog_bytes, object, queue.backlog);
	}
}

/* "qdisc fq_codel 8001: parent 1:10", "class htb 1:10": as tc prints them, without the device. */
static void label(struct object *object, const char *what, const char *kind, const struct tcmsg *header)
{
	unsigned int major = TC_H_MAJ(header->tcm_handle) >> 16, minor = TC_H_MIN(header->tcm_handle);
	unsigned int above = TC_H_MAJ(header->tcm_parent) >> 16;

	object_label(object, LABEL_KIND, kind);
	if (strcmp(what, "class") == 0)
		object_labelf(object, LABEL_NAME, "class %s %x:%x", kind, major, minor);
	else if (header->tcm_parent == TC_H_ROOT)
		object_labelf(object, LABEL_NAME, "qdisc %s %x: root", kind, major);
	else if (header->tcm_parent == TC_H_INGRESS || header->tcm_parent == TC_H_UNSPEC)
		object_labelf(object, LABEL_NAME, "qdisc %s %x:", kind, major);
	else if (above)
		object_labelf(object, LABEL_NAME, "qdisc %s %x: parent %x:%x", kind, major, above,
			      TC_H_MIN(header->tcm_parent));
	else
		object_labelf(object, LABEL_NAME, "qdisc %s %x: parent :%x", kind, major, TC_H_MIN(header->tcm_parent));
}

struct object *qdisc_object(const struct source_context *context, const struct tcmsg *header, bool class,
			    const char *kind, bool born)
{
	uint64_t netns = context->netns->key.netns, ifindex = (uint32_t)header->tcm_ifindex;
	uint64_t place = class ? header->tcm_handle : (uint64_t)header->tcm_parent << 32 | header->tcm_handle;
	bool is_new = false;
	struct object *object =
		object_intern(context->objects,
			      (struct object_key){ class ? OBJECT_CLASS : OBJECT_QDISC, netns, ifindex, place },
			      &is_new);
	const struct object *link = NULL;

	if (ifindex)
		link = object_intern(context->objects, (struct object_key){ OBJECT_LINK, netns, ifindex, 0 }, NULL);
	if (!object || (ifindex && !link))
		return NULL;
	object->born |= is_new && born;
	object->link = link ? link->id : 0;
	if (strcmp(object_text(object, LABEL_KIND), kind) != 0)
		label(object, class ? "class" : "qdisc", kind, header);
	return object;
}

static bool parse_one(const struct source_context *context, struct snapshot *snapshot, const struct nlmsghdr *message,
		      bool born, struct qdisc_tree *tree)
{
	const struct tcmsg *header = mnl_nlmsg_get_payload(message);
	bool class = message->nlmsg_type == RTM_NEWTCLASS;
	const struct nlattr *attributes[TCA_STATS2 + 1], *statistics[TCA_STATS_PKT64 + 1];
	struct qdisc_node *node;
	struct object *object;
	const char *kind;

	netlink_attributes(message, sizeof(*header), attributes, ARRAY_SIZE(attributes));
	kind = netlink_string(attributes[TCA_KIND]);
	if (!kind || header->tcm_ifindex <= 0 || !qdisc_is_told(kind, class))
		return true;
	object = qdisc_object(context, header, class, kind, born);
	node = object ? vec_add(&tree->nodes, QDISC_NODES_MAX) : NULL;
	if (!node)
		return false;
	*node = (struct qdisc_node){ object, (uint32_t)header->tcm_ifindex, header->tcm_handle, header->tcm_parent,
				     !class && has_classes(kind) };
	netlink_nested(attributes[TCA_STATS2], 0, statistics, ARRAY_SIZE(statistics));
	add_statistics(snapshot, object, qdisc_counters_of(kind, class), statistics);
	if (class) {
		class_add_options(snapshot, object, kind, attributes[TCA_OPTIONS]);
		return true;
	}
	qdisc_add_options(snapshot, object, kind, attributes[TCA_OPTIONS]);
	qdisc_add_extended(snapshot, object, kind, statistics[TCA_STATS_APP]);
	return true;
}

bool qdisc_parse(const struct source_context *context, struct snapshot *snapshot, const void *bytes, size_t length,
		 bool born, struct qdisc_tree *tree)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message;

	while ((message = netlink_next(&walk, sizeof(struct tcmsg)))) {
		if (message->nlmsg_type != RTM_NEWQDISC && message->nlmsg_type != RTM_NEWTCLASS)
			continue;
		if (!parse_one(context, snapshot, message, born, tree))
			return false;
	}
	return !walk.broken;
}

/* By device and handle; of those that share the handle 0 (a default mq and its children) the root first. */
static int node_compare(const void *left, const void *right)
{
	const struct qdisc_node *a = left, *b = right;

	if (a->ifindex != b->ifindex)
		return a->ifindex < b->ifindex ? -1 : 1;
	if (a->handle != b->handle)
		return a->handle < b->handle ? -1 : 1;
	return (a->parent != TC_H_ROOT) - (b->parent != TC_H_ROOT);
}

/* The first node of that device and handle. */
static const struct qdisc_node *node_find(const struct qdisc_tree *tree, uint32_t ifindex, uint32_t handle)
{
	struct qdisc_node key = { .ifindex = ifindex, .handle = handle, .parent = TC_H_ROOT };
	size_t low = 0, high = tree->nodes.count;
	const struct qdisc_node *node;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (node_compare(&tree->nodes.data[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	node = low < tree->nodes.count ? &tree->nodes.data[low] : NULL;
	return node && node->ifindex == ifindex && node->handle == handle ? node : NULL;
}

/* The class that a node hangs from, else the qdisc that owns that class or, for a class at the top, itself. */
static const struct object *node_above(const struct qdisc_tree *tree, const struct qdisc_node *node)
{
	bool class = node->object->key.kind == OBJECT_CLASS;
	uint32_t parent = class && node->parent == TC_H_ROOT ? TC_H_MAJ(node->handle) : node->parent;
	const struct qdisc_node *above = NULL;

	if (parent == TC_H_ROOT || parent == TC_H_INGRESS || parent == TC_H_UNSPEC)
		return NULL;
	above = node_find(tree, node->ifindex, parent);
	if (!above || above == node)
		above = node_find(tree, node->ifindex, TC_H_MAJ(parent));
	return above && above != node ? above->object : NULL;
}

void qdisc_relate(struct qdisc_tree *tree)
{
	struct qdisc_node *node;

	vec_sort(&tree->nodes, node_compare);
	vec_each(&tree->nodes, node) {
		const struct object *above = node_above(tree, node);

		node->object->parent = above ? above->id : 0;
	}
}

static int dump(const struct source_context *context, struct netlink *netlink, uint16_t type, uint32_t ifindex,
		unsigned int *ret_state)
{
	struct netlink_request request;
	struct tcmsg *header = netlink_request(&request, type, 0, sizeof(*header));

	header->tcm_ifindex = (int)ifindex;
	return netlink_dump(netlink, &request, context->buffer, ret_state);
}

/* The classes of every device that has some: one dump each, for the kernel wants to be told the device. */
static int read_classes(const struct source_context *context, struct snapshot *snapshot, struct netlink *netlink,
			bool born, struct qdisc_tree *tree, bool *whole)
{
	size_t qdiscs = tree->nodes.count;
	uint32_t done = 0;

	for (size_t i = 0; i < qdiscs; i++) {
		uint32_t ifindex = tree->nodes.data[i].ifindex;
		unsigned int state = 0;
		int error;

		if (!tree->nodes.data[i].classes || ifindex == done)
			continue;
		error = dump(context, netlink, RTM_GETTCLASS, ifindex, &state);
		if (error == -ENODEV)
			continue;
		if (error)
			return error;
		*whole &= qdisc_parse(context, snapshot, context->buffer->data, context->buffer->length, born, tree);
		*whole &= !state;
		done = ifindex;
	}
	return 0;
}

static void qdisc_source_read(const struct source_context *context, struct snapshot *snapshot)
{
	struct netlink netlink CLEANUP_NETLINK = NETLINK_CLOSED;
	struct qdisc_tree tree = { 0 };
	bool born = source_was_read(context, SOURCE_QDISC), whole = true;
	const char *what = "listing the queueing disciplines (RTM_GETQDISC)";
	unsigned int state = 0;
	int error = *context->sysroot ? -EOPNOTSUPP : netlink_open(&netlink, NETLINK_ROUTE);

	if (!error)
		error = dump(context, &netlink, RTM_GETQDISC, 0, &state);
	if (!error) {
		whole = qdisc_parse(context, snapshot, context->buffer->data, context->buffer->length, born, &tree);
		whole &= !state;
		what = "listing the traffic classes (RTM_GETTCLASS)";
		error = read_classes(context, snapshot, &netlink, born, &tree, &whole);
		qdisc_relate(&tree);
	}
	if (error)
		snapshot_missed(snapshot, SOURCE_QDISC, context->netns, error, netlink_reason(&netlink, what, error));
	else if (!whole)
		snapshot_covered_partly(snapshot, SOURCE_QDISC, context->netns,
					"the list of qdiscs was cut short or changed while it was read");
	else
		snapshot_covered(snapshot, SOURCE_QDISC, context->netns);
	vec_free(&tree.nodes);
}

const struct source source_qdisc = { SOURCE_QDISC, SCOPE_NETNS, COST_CHEAP, qdisc_source_read };
