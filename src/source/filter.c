/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traffic control filters and the actions they lead to (policers, drops) with
 * their statistics, wherever filters hang: at clsact and ingress and at classful
 * qdiscs. One RTM_GETQDISC dump finds the places, one RTM_GETTFILTER dump each reads
 * them (net/sched/cls_api.c: tcf_fill_node, act_api.c: tcf_action_dump_1). An action that several filters
 * share is one object. Policers come as an action, or as the older police attribute of a filter, whose statistics are
 * then the filter's (tcf_exts_dump). Dumping loads no module.
 */
#include "source/filter.h"

#include "source/link.h"

#include <errno.h>
#include <linux/gen_stats.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <string.h>

#ifndef TCA_STATS_PKT64
#define TCA_STATS_PKT64 8 /* an enumerator since 5.5 */
#endif

/* ---- places ---- */

static void add_place(struct filter_places *places, const struct tcmsg *header, uint32_t parent, const char *hook)
{
	struct filter_place *place = vec_add(&places->list, FILTER_PLACES_MAX);

	if (place)
		*place = (struct filter_place){ (uint32_t)header->tcm_ifindex, parent, hook };
}

bool filter_parse_places(const void *bytes, size_t length, struct filter_places *places)
{
	static const char *const classful[] = { "htb", "hfsc", "prio", "drr", "qfq", "cbq", "ets", "multiq", "dsmark" };
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message;

	while ((message = netlink_next(&walk, sizeof(struct tcmsg)))) {
		const struct tcmsg *header = mnl_nlmsg_get_payload(message);
		const struct nlattr *attributes[TCA_KIND + 1];
		const char *kind;

		netlink_attributes(message, sizeof(*header), attributes, ARRAY_SIZE(attributes));
		kind = netlink_string(attributes[TCA_KIND]);
		if (message->nlmsg_type != RTM_NEWQDISC || !kind || header->tcm_ifindex <= 0)
			continue;
		if (strcmp(kind, "clsact") == 0) {
			add_place(places, header, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS), "ingress");
			add_place(places, header, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS), "egress");
		} else if (strcmp(kind, "ingress") == 0) {
			add_place(places, header, header->tcm_handle, "ingress");
		} else if (text_is_one_of(kind, classful, ARRAY_SIZE(classful))) {
			add_place(places, header, header->tcm_handle, "queue");
		}
	}
	return !walk.broken;
}

/* ---- actions ---- */

/* Where a kind of filter keeps its actions and its policer in TCA_OPTIONS. */
static const struct filter_kind {
	const char *kind;
	uint16_t actions, police; /* 0: it has none */
} filter_kinds[] = {
	{ "u32", TCA_U32_ACT, TCA_U32_POLICE },
	{ "flower", TCA_FLOWER_ACT, 0 },
	{ "matchall", TCA_MATCHALL_ACT, 0 },
	{ "bpf", TCA_BPF_ACT, TCA_BPF_POLICE },
	{ "basic", TCA_BASIC_ACT, TCA_BASIC_POLICE },
	{ "fw", TCA_FW_ACT, TCA_FW_POLICE },
	{ "route", TCA_ROUTE4_ACT, TCA_ROUTE4_POLICE },
	{ "cgroup", TCA_CGROUP_ACT, TCA_CGROUP_POLICE },
	{ "flow", TCA_FLOW_ACT, TCA_FLOW_POLICE },
};

#define FILTER_ATTRIBUTES 128
_Static_assert(TCA_FLOWER_ACT < FILTER_ATTRIBUTES && TCA_U32_ACT < FILTER_ATTRIBUTES, "all kinds fit");

static const struct filter_kind *filter_kind_find(const char *kind)
{
	for (size_t i = 0; kind && i < ARRAY_SIZE(filter_kinds); i++) {
		if (strcmp(kind, filter_kinds[i].kind) == 0)
			return &filter_kinds[i];
	}
	return NULL;
}

/* The action's index: the first number of its parameters, which police keeps at another place than the rest. */
static uint32_t action_index(const char *kind, const struct nlattr *options)
{
	const struct nlattr *attributes[TCA_POLICE_MAX + 1];

	netlink_nested(options, 0, attributes, ARRAY_SIZE(attributes));
	return netlink_u32(attributes[strcmp(kind, "police") == 0 ? TCA_POLICE_TBF : 2], 0);
}

static void add_police(struct snapshot *snapshot, const struct object *action, const struct nlattr *options)
{
	const struct nlattr *attributes[TCA_POLICE_MAX + 1];
	struct tc_police police;

	netlink_nested(options, 0, attributes, ARRAY_SIZE(attributes));
	if (netlink_copy(attributes[TCA_POLICE_TBF], &police, sizeof(police)) < sizeof(police))
		return;
	snapshot_add(snapshot, C_FILTER_POLICE_RATE, action,
		     netlink_u64(attributes[TCA_POLICE_RATE64], police.rate.rate));
}

static void add_statistics(struct snapshot *snapshot, const struct object *action, const struct nlattr *nest)
{
	const struct nlattr *statistics[TCA_STATS_PKT64 + 1];
	struct gnet_stats_basic basic;
	struct gnet_stats_queue queue;

	netlink_nested(nest, 0, statistics, ARRAY_SIZE(statistics));
	if (netlink_copy(statistics[TCA_STATS_BASIC], &basic, sizeof(basic)) >= sizeof(basic.bytes) + sizeof(uint32_t))
		snapshot_add(snapshot, C_FILTER_ACTION_PACKETS, action,
			     netlink_u64(statistics[TCA_STATS_PKT64], basic.packets));
	if (netlink_copy(statistics[TCA_STATS_QUEUE], &queue, sizeof(queue)) < sizeof(queue))
		return;
	snapshot_add(snapshot, C_FILTER_ACTION_DROPS, action, queue.drops);
	snapshot_add(snapshot, C_FILTER_ACTION_OVERLIMITS, action, queue.overlimits);
}

/* "police action 3 of filter u32 pref 49 at ingress". */
static void label(const struct filter_reading *reading, struct object *action, const char *kind,
		  const struct nlmsghdr *message, const char *filter)
{
	const struct tcmsg *header = mnl_nlmsg_get_payload(message);

	object_label(action, LABEL_KIND, kind);
	object_label(action, LABEL_HOOK, reading->place.hook);
	object_labelf(action, LABEL_NAME, "%s action %u of filter %s pref %u at %s", kind, (uint32_t)action->key.b,
		      filter, header->tcm_info >> 16, reading->place.hook);
}

static void add_action(struct filter_reading *reading, const struct nlmsghdr *message, const char *filter,
		       const char *kind, const struct nlattr *options, const struct nlattr *statistics)
{
	struct object_key key = { OBJECT_ACTION, reading->context->netns->key.netns, object_hash(kind),
				  action_index(kind, options) };
	const struct object *link = link_object(reading->context, reading->place.ifindex);
	struct object *action;
	bool is_new = false;

	if (!key.b || !statistics || !link)
		return;
	action = object_intern(reading->context->objects, key, &is_new);
	if (!action)
		return;
	if (is_new) {
		action->link = link->id;
		action->born |= reading->born;
		label(reading, action, kind, message, filter);
	}
	add_statistics(reading->snapshot, action, statistics);
	if (strcmp(kind, "police") == 0)
		add_police(reading->snapshot, action, options);
}

static void parse_filter(struct filter_reading *reading, const struct nlmsghdr *message)
{
	const struct nlattr *attributes[TCA_STATS2 + 1], *options[FILTER_ATTRIBUTES];
	const struct nlattr *actions[TCA_ACT_MAX_PRIO + 1];
	const struct filter_kind *filter;

	netlink_attributes(message, sizeof(struct tcmsg), attributes, ARRAY_SIZE(attributes));
	filter = filter_kind_find(netlink_string(attributes[TCA_KIND]));
	if (!filter)
		return;
	netlink_nested(attributes[TCA_OPTIONS], 0, options, ARRAY_SIZE(options));
	if (filter->police && options[filter->police])
		add_action(reading, message, filter->kind, "police", options[filter->police], attributes[TCA_STATS2]);
	netlink_nested(options[filter->actions], 0, actions, ARRAY_SIZE(actions));
	for (size_t i = 1; i < ARRAY_SIZE(actions); i++) {
		const struct nlattr *parts[TCA_ACT_STATS + 1];
		const char *kind;

		netlink_nested(actions[i], 0, parts, ARRAY_SIZE(parts));
		kind = netlink_string(parts[TCA_ACT_KIND]);
		if (kind)
			add_action(reading, message, filter->kind, kind, parts[TCA_ACT_OPTIONS], parts[TCA_ACT_STATS]);
	}
}

bool filter_parse(struct filter_reading *reading, const void *bytes, size_t length)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message;

	while ((message = netlink_next(&walk, sizeof(struct tcmsg)))) {
		if (message->nlmsg_type != RTM_NEWTFILTER)
			continue;
		reading->seen++;
		parse_filter(reading, message);
	}
	reading->broken |= walk.broken;
	return reading->seen < FILTERS_READ;
}

/* ---- reading ---- */

static bool take(void *data, const char *bytes, size_t length)
{
	return filter_parse(data, bytes, length);
}

static int read_places(const struct source_context *context, struct netlink *netlink, struct filter_places *places,
		       bool *whole)
{
	struct netlink_request request;
	unsigned int state = 0;
	int error;

	netlink_request(&request, RTM_GETQDISC, 0, sizeof(struct tcmsg));
	error = netlink_dump(netlink, &request, context->buffer, &state);
	if (!error)
		*whole &= filter_parse_places(context->buffer->data, context->buffer->length, places);
	*whole &= !state;
	return error;
}

static int read_filters(struct filter_reading *reading, struct netlink *netlink, const struct filter_places *places,
			bool *whole)
{
	const struct filter_place *place;

	vec_each(&places->list, place) {
		struct netlink_request request;
		struct tcmsg *header = netlink_request(&request, RTM_GETTFILTER, 0, sizeof(*header));
		unsigned int state = 0;
		int error;

		header->tcm_ifindex = (int)place->ifindex;
		header->tcm_parent = place->parent;
		reading->place = *place;
		error = netlink_stream(netlink, &request, take, reading, &state);
		if (error == -ENODEV || error == -EINVAL) /* it went away since it was listed */
			continue;
		if (error)
			return error;
		*whole &= !state;
	}
	*whole &= !reading->broken;
	return 0;
}

static void filter_source_read(const struct source_context *context, struct snapshot *snapshot)
{
	struct netlink netlink CLEANUP_NETLINK = NETLINK_CLOSED;
	struct filter_reading reading = { .context = context,
					  .snapshot = snapshot,
					  .born = source_was_read(context, SOURCE_FILTER) };
	struct filter_places places = { 0 };
	const char *what = "looking for traffic control filters (RTM_GETQDISC)";
	bool whole = true;
	int error = *context->sysroot ? -EOPNOTSUPP : netlink_open(&netlink, NETLINK_ROUTE);

	if (!error)
		error = read_places(context, &netlink, &places, &whole);
	if (!error) {
		what = "listing traffic control filters (RTM_GETTFILTER)";
		error = read_filters(&reading, &netlink, &places, &whole);
	}
	if (error)
		snapshot_missed(snapshot, SOURCE_FILTER, context->netns, error, netlink_reason(&netlink, what, error));
	else if (!whole)
		snapshot_covered_partly(snapshot, SOURCE_FILTER, context->netns,
					"the list of filters was too long or changed while it was read");
	else
		snapshot_covered(snapshot, SOURCE_FILTER, context->netns);
	vec_free(&places.list);
}

const struct source source_filter = { SOURCE_FILTER, SCOPE_NETNS, COST_MIDDLE, filter_source_read };
