/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routes and policy rules that refuse traffic (blackhole, unreachable,
 * prohibit, throw), and whether there is a default route and where it leads. The kernel is asked for one
 * type at a time, so that a full Internet table stays where it is
 * (net/ipv4/fib_frontend.c: ip_valid_fib_dump_req). An IPv4 table lists its
 * default route first.
 */
#include "source/route.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

static const char *route_type(unsigned int type)
{
	switch (type) {
	case RTN_BLACKHOLE:
		return "blackhole";
	case RTN_UNREACHABLE:
		return "unreachable";
	case RTN_PROHIBIT:
		return "prohibit";
	case RTN_THROW:
		return "throw";
	default:
		return NULL;
	}
}

static const char *rule_action(unsigned int action)
{
	switch (action) {
	case FR_ACT_BLACKHOLE:
		return "blackhole";
	case FR_ACT_UNREACHABLE:
		return "unreachable";
	case FR_ACT_PROHIBIT:
		return "prohibit";
	default:
		return NULL;
	}
}

/* "10.9.0.0/16", or `none` when no address was given. */
static void add_prefix(struct text *text, int family, const struct nlattr *address, unsigned int length,
		       const char *none)
{
	char name[INET6_ADDRSTRLEN];
	size_t needed = family == AF_INET ? 4 : 16;

	if (address && mnl_attr_get_payload_len(address) >= needed &&
	    inet_ntop(family, mnl_attr_get_payload(address), name, sizeof(name)))
		text_addf(text, "%s/%u", name, length);
	else
		text_add(text, none);
}

static void add_object(const struct source_context *context, struct snapshot *snapshot, counter_id counter,
		       const char *kind, const char *text, struct route_counts *counts)
{
	struct object_key key = { OBJECT_ROUTE, context->netns->key.netns, object_hash(text), 0 };
	struct object *route = counts->named < ROUTES_NAMED ? object_intern(context->objects, key, NULL) : NULL;

	if (!route)
		return;
	object_label(route, LABEL_NAME, text);
	object_label(route, LABEL_KIND, kind);
	object_label(route, LABEL_TEXT, text);
	snapshot_add(snapshot, counter, route, 1);
	counts->named++;
}

/* Where a route leads: its device, or its next hops (net/ipv4/fib_semantics.c: fib_dump_info). */
static struct route_default route_way(const struct rtmsg *header, const struct nlattr *device,
				      const struct nlattr *multipath)
{
	struct route_default way = { .ifindex = netlink_u32(device, 0), .nexthops = 1 };
	size_t left = multipath ? mnl_attr_get_payload_len(multipath) : 0;
	const char *at = left ? mnl_attr_get_payload(multipath) : NULL;

	way.dead = !!(header->rtm_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN));
	for (way.nexthops = !left; left >= sizeof(struct rtnexthop); way.nexthops++) {
		struct rtnexthop hop;
		size_t step;

		memcpy(&hop, at, sizeof(hop));
		step = MNL_ALIGN(hop.rtnh_len);
		if (hop.rtnh_len < sizeof(hop) || hop.rtnh_len > left)
			break;
		if (!way.ifindex)
			way.ifindex = (uint32_t)hop.rtnh_ifindex;
		way.dead += !!(hop.rtnh_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN));
		step = step < left ? step : left;
		at += step;
		left -= step;
	}
	return way;
}

static void count_default(const struct rtmsg *header, const struct nlattr *const *attributes,
			  struct route_counts *counts)
{
	struct route_default way = route_way(header, attributes[RTA_OIF], attributes[RTA_MULTIPATH]);
	struct route_default *first = header->rtm_family == AF_INET ? &counts->first_v4 : &counts->first_v6;

	counts->default_v4 += header->rtm_family == AF_INET;
	counts->default_v6 += header->rtm_family == AF_INET6;
	if (!first->ifindex)
		*first = way;
}

static void parse_route(const struct source_context *context, struct snapshot *snapshot, const struct nlmsghdr *message,
			struct route_counts *counts)
{
	const struct rtmsg *header = mnl_nlmsg_get_payload(message);
	const char *type = route_type(header->rtm_type);
	const struct nlattr *attributes[RTA_TABLE + 1];
	CLEANUP_TEXT struct text text = { 0 };
	uint32_t table;

	netlink_attributes(message, sizeof(*header), attributes, ARRAY_SIZE(attributes));
	table = netlink_u32(attributes[RTA_TABLE], header->rtm_table);
	if (header->rtm_type == RTN_UNICAST && table == RT_TABLE_MAIN && !header->rtm_dst_len)
		count_default(header, attributes, counts);
	if (!type)
		return;
	text_addf(&text, "%s ", type);
	add_prefix(&text, header->rtm_family, attributes[RTA_DST], header->rtm_dst_len,
		   header->rtm_family == AF_INET ? "default" : "::/0");
	if (table != RT_TABLE_MAIN)
		text_addf(&text, " table %u", table);
	add_object(context, snapshot, C_ROUTE_PRESENT, type, text_string(&text), counts);
}

/* "1000: from 10.0.0.0/8 iif eth0 unreachable", as ip-rule prints them. */
static void parse_rule(const struct source_context *context, struct snapshot *snapshot, const struct nlmsghdr *message,
		       struct route_counts *counts)
{
	const struct fib_rule_hdr *header = mnl_nlmsg_get_payload(message);
	const char *action = rule_action(header->action);
	const struct nlattr *attributes[FRA_OIFNAME + 1];
	CLEANUP_TEXT struct text text = { 0 };

	counts->rules++;
	if (!action)
		return;
	netlink_attributes(message, sizeof(*header), attributes, ARRAY_SIZE(attributes));
	text_addf(&text, "%u: from ", netlink_u32(attributes[FRA_PRIORITY], 0));
	add_prefix(&text, header->family, attributes[FRA_SRC], header->src_len, "all");
	if (attributes[FRA_DST]) {
		text_add(&text, " to ");
		add_prefix(&text, header->family, attributes[FRA_DST], header->dst_len, "all");
	}
	if (attributes[FRA_FWMARK])
		text_addf(&text, " fwmark 0x%x", netlink_u32(attributes[FRA_FWMARK], 0));
	if (netlink_string(attributes[FRA_IIFNAME]))
		text_addf(&text, " iif %s", netlink_string(attributes[FRA_IIFNAME]));
	if (netlink_string(attributes[FRA_OIFNAME]))
		text_addf(&text, " oif %s", netlink_string(attributes[FRA_OIFNAME]));
	text_addf(&text, " %s%s", action, header->family == AF_INET6 ? " (IPv6)" : "");
	add_object(context, snapshot, C_ROUTE_RULE_PRESENT, action, text_string(&text), counts);
}

bool route_parse(const struct source_context *context, struct snapshot *snapshot, const void *bytes, size_t length,
		 struct route_counts *counts)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message;

	_Static_assert(sizeof(struct rtmsg) == sizeof(struct fib_rule_hdr), "one size of header for both");
	while ((message = netlink_next(&walk, sizeof(struct rtmsg)))) {
		const struct rtmsg *header = mnl_nlmsg_get_payload(message);

		counts->seen++;
		if (header->rtm_family != AF_INET && header->rtm_family != AF_INET6)
			continue;
		if (message->nlmsg_type == RTM_NEWROUTE)
			parse_route(context, snapshot, message, counts);
		else if (message->nlmsg_type == RTM_NEWRULE)
			parse_rule(context, snapshot, message, counts);
	}
	counts->broken |= walk.broken;
	return counts->seen < counts->limit;
}

struct reading {
	const struct source_context *context;
	struct snapshot *snapshot;
	struct netlink netlink;
	struct route_counts counts;
	unsigned int state; /* of all dumps */
};

static bool take(void *data, const char *bytes, size_t length)
{
	struct reading *reading = data;

	return route_parse(reading->context, reading->snapshot, bytes, length, &reading->counts);
}

/* One dump. A table or address family that this kernel or namespace lacks holds no routes: no error. */
static int dump(struct reading *reading, struct netlink_request *request, uint32_t limit, unsigned int *ret_state)
{
	int error;

	reading->counts.seen = 0;
	reading->counts.limit = limit;
	error = netlink_stream(&reading->netlink, request, take, reading, ret_state);
	if (error == -ENOENT || error == -EAFNOSUPPORT || error == -EOPNOTSUPP)
		return 0;
	reading->state |= *ret_state;
	return error;
}

/* The refusing routes of a family. A kernel that does not filter lists everything at the first question. */
static int read_refusals(struct reading *reading, uint8_t family)
{
	static const uint8_t types[] = { RTN_BLACKHOLE, RTN_UNREACHABLE, RTN_PROHIBIT, RTN_THROW };

	for (size_t i = 0; i < (reading->netlink.strict ? ARRAY_SIZE(types) : 1); i++) {
		struct netlink_request request;
		struct rtmsg *header = netlink_request(&request, RTM_GETROUTE, 0, sizeof(*header));
		unsigned int state = 0;
		int error;

		header->rtm_family = family;
		header->rtm_type = types[i];
		error = dump(reading, &request, ROUTES_READ, &state);
		if (error)
			return error;
	}
	return 0;
}

/* How many default routes there are; nothing is said when the list was too long to reach them. */
static int read_defaults(struct reading *reading, uint8_t family, counter_id counter, const uint32_t *count)
{
	struct netlink_request request;
	struct rtmsg *header = netlink_request(&request, RTM_GETROUTE, 0, sizeof(*header));
	unsigned int before = reading->state, state = 0;
	int error = 0;

	header->rtm_family = family;
	header->rtm_type = RTN_UNICAST;
	header->rtm_table = RT_TABLE_MAIN;
	if (reading->netlink.strict)
		error = dump(reading, &request, DEFAULTS_READ, &state);
	reading->state = before | (state & ~(unsigned int)NETLINK_CUT);
	if (!error && (*count || family == AF_INET || !(state & NETLINK_CUT)))
		snapshot_add(reading->snapshot, counter, reading->context->netns, *count);
	return error;
}

static int read_rules(struct reading *reading, uint8_t family)
{
	struct netlink_request request;
	struct fib_rule_hdr *header = netlink_request(&request, RTM_GETRULE, 0, sizeof(*header));
	unsigned int state = 0;
	int error;

	header->family = family;
	reading->counts.rules = 0;
	error = dump(reading, &request, ROUTES_READ, &state);
	if (!error)
		snapshot_add(reading->snapshot, family == AF_INET ? C_ROUTE_RULES_V4 : C_ROUTE_RULES_V6,
			     reading->context->netns, reading->counts.rules);
	return error;
}

/* Where the first default route leads. */
static void add_default(const struct reading *reading, bool four)
{
	const struct route_default *first = four ? &reading->counts.first_v4 : &reading->counts.first_v6;
	const struct object *netns = reading->context->netns;

	if (!first->ifindex)
		return;
	snapshot_add(reading->snapshot, four ? C_ROUTE_DEFAULT_IFINDEX_V4 : C_ROUTE_DEFAULT_IFINDEX_V6, netns,
		     first->ifindex);
	snapshot_add(reading->snapshot, four ? C_ROUTE_NEXTHOPS_V4 : C_ROUTE_NEXTHOPS_V6, netns, first->nexthops);
	snapshot_add(reading->snapshot, four ? C_ROUTE_NEXTHOPS_DEAD_V4 : C_ROUTE_NEXTHOPS_DEAD_V6, netns, first->dead);
}

static int read_family(struct reading *reading, uint8_t family)
{
	bool four = family == AF_INET;
	int error = read_refusals(reading, family);

	if (!error)
		error = read_defaults(reading, family, four ? C_ROUTE_DEFAULT_V4 : C_ROUTE_DEFAULT_V6,
				      four ? &reading->counts.default_v4 : &reading->counts.default_v6);
	add_default(reading, four);
	return error ? error : read_rules(reading, family);
}

static void route_source_read(const struct source_context *context, struct snapshot *snapshot)
{
	struct reading reading = { .context = context, .snapshot = snapshot };
	int error = *context->sysroot ? -EOPNOTSUPP : netlink_open(&reading.netlink, NETLINK_ROUTE);

	if (!error)
		error = read_family(&reading, AF_INET);
	if (!error)
		error = read_family(&reading, AF_INET6);
	if (error)
		snapshot_missed(snapshot, SOURCE_ROUTE, context->netns, error,
				netlink_reason(&reading.netlink, "listing routes and rules (RTM_GETROUTE)", error));
	else if (reading.state || reading.counts.broken || reading.counts.named >= ROUTES_NAMED)
		snapshot_covered_partly(snapshot, SOURCE_ROUTE, context->netns,
					"the list of routes was too long or changed while it was read");
	else
		snapshot_covered(snapshot, SOURCE_ROUTE, context->netns);
	netlink_close(&reading.netlink);
}

const struct source source_route = { SOURCE_ROUTE, SCOPE_NETNS, COST_MIDDLE, route_source_read };
