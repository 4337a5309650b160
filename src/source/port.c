/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ports of bridges, bonds and teams, as far as the list of links does not tell:
 * spanning tree and LACP statistics (RTM_GETSTATS: net/bridge/br_netlink.c:
 * br_fill_linkxstats, drivers/net/bonding/bond_netlink.c: bond_fill_linkxstats),
 * LACP churn (/proc/net/bonding, nowhere else: bond_procfs.c) and the links of a team's
 * ports (generic netlink, linux/if_team.h). A namespace without such devices gives no samples.
 */
#include "source/port.h"

#include "source/genl.h"
#include "source/link.h"
#include "source/procfs.h"

#include "base/intern.h"

#include <dirent.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/if_bonding.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/if_team.h>
#include <linux/rtnetlink.h>
#include <string.h>

#define BONDING "/proc/thread-self/net/bonding"
#define BONDS_MAX 256

/* ---- spanning tree and LACP ---- */

static void add_spanning_tree(struct snapshot *snapshot, const struct object *link, const struct nlattr *attribute)
{
	static const struct {
		size_t offset;
		counter_id counter;
	} rows[] = {
		{ offsetof(struct bridge_stp_xstats, transition_blk), C_PORT_STP_BLOCKED },
		{ offsetof(struct bridge_stp_xstats, transition_fwd), C_PORT_STP_FORWARDING },
		{ offsetof(struct bridge_stp_xstats, rx_bpdu), C_PORT_BPDU_RECEIVED },
		{ offsetof(struct bridge_stp_xstats, tx_bpdu), C_PORT_BPDU_SENT },
		{ offsetof(struct bridge_stp_xstats, rx_tcn), C_PORT_TCN_RECEIVED },
		{ offsetof(struct bridge_stp_xstats, tx_tcn), C_PORT_TCN_SENT },
	};
	struct bridge_stp_xstats stats;
	size_t length = netlink_copy(attribute, &stats, sizeof(stats));

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t value;

		if (rows[i].offset + sizeof(value) > length)
			continue;
		memcpy(&value, (const char *)&stats + rows[i].offset, sizeof(value));
		snapshot_add(snapshot, rows[i].counter, link, value);
	}
}

static void add_lacp(struct snapshot *snapshot, const struct object *link, const struct nlattr *nest)
{
	static const struct {
		uint16_t attribute;
		counter_id counter;
	} rows[] = {
		{ BOND_3AD_STAT_LACPDU_RX, C_PORT_LACPDU_RECEIVED },
		{ BOND_3AD_STAT_LACPDU_TX, C_PORT_LACPDU_SENT },
		{ BOND_3AD_STAT_LACPDU_UNKNOWN_RX, C_PORT_LACPDU_UNKNOWN },
		{ BOND_3AD_STAT_LACPDU_ILLEGAL_RX, C_PORT_LACPDU_ILLEGAL },
	};
	const struct nlattr *attributes[BOND_3AD_STAT_MAX + 1];

	netlink_nested(nest, 0, attributes, ARRAY_SIZE(attributes));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (attributes[rows[i].attribute])
			snapshot_add(snapshot, rows[i].counter, link, netlink_u64(attributes[rows[i].attribute], 0));
	}
}

bool port_parse_statistics(const struct source_context *context, struct snapshot *snapshot, const void *bytes,
			   size_t length)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message;

	while ((message = netlink_next(&walk, sizeof(struct if_stats_msg)))) {
		const struct if_stats_msg *header = mnl_nlmsg_get_payload(message);
		const struct nlattr *attributes[IFLA_STATS_MAX + 1], *kinds[LINK_XSTATS_TYPE_MAX + 1];
		const struct nlattr *bridge[BRIDGE_XSTATS_MAX + 1], *bond[BOND_XSTATS_MAX + 1];
		const struct object *link;

		if (message->nlmsg_type != RTM_NEWSTATS)
			continue;
		netlink_attributes(message, sizeof(*header), attributes, ARRAY_SIZE(attributes));
		link = attributes[IFLA_STATS_LINK_XSTATS_SLAVE] ? link_object(context, header->ifindex) : NULL;
		if (!link)
			continue;
		netlink_nested(attributes[IFLA_STATS_LINK_XSTATS_SLAVE], 0, kinds, ARRAY_SIZE(kinds));
		netlink_nested(kinds[LINK_XSTATS_TYPE_BRIDGE], 0, bridge, ARRAY_SIZE(bridge));
		netlink_nested(kinds[LINK_XSTATS_TYPE_BOND], 0, bond, ARRAY_SIZE(bond));
		add_spanning_tree(snapshot, link, bridge[BRIDGE_XSTATS_STP]);
		add_lacp(snapshot, link, bond[BOND_XSTATS_3AD]);
	}
	return !walk.broken;
}

static int read_statistics(const struct source_context *context, struct snapshot *snapshot, bool *whole)
{
	struct netlink netlink CLEANUP_NETLINK = NETLINK_CLOSED;
	struct netlink_request request;
	struct if_stats_msg *header = netlink_request(&request, RTM_GETSTATS, 0, sizeof(*header));
	unsigned int state = 0;
	int error = netlink_open(&netlink, NETLINK_ROUTE);

	header->filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_XSTATS_SLAVE);
	if (!error)
		error = netlink_dump(&netlink, &request, context->buffer, &state);
	if (error == -EOPNOTSUPP)
		return 0; /* before 4.7: no such statistics */
	if (!error)
		*whole &= port_parse_statistics(context, snapshot, context->buffer->data, context->buffer->length);
	*whole &= !state;
	return error;
}

/* ---- churn ---- */

/* A device of the context's namespace by name, or NULL. */
static const struct object *link_named(const struct source_context *context, struct slice name)
{
	for (uint32_t id = 0; id < objects_count(context->objects); id++) {
		const struct object *link = object_get(context->objects, id);

		if (link->key.kind == OBJECT_LINK && link->netns == context->netns->id &&
		    slice_is(name, object_text(link, LABEL_NAME)))
			return link;
	}
	return NULL;
}

void port_parse_bonding(const struct source_context *context, struct snapshot *snapshot, struct cursor lines)
{
	static const struct {
		const char *name;
		counter_id counter;
	} rows[] = {
		{ "Actor Churned Count", C_PORT_ACTOR_CHURNED },
		{ "Partner Churned Count", C_PORT_PARTNER_CHURNED },
	};
	const struct object *member = NULL;
	struct slice line;

	while (cursor_line(&lines, &line)) {
		struct cursor cursor = cursor_of(line.data, line.length);
		struct slice name;
		uint64_t value;

		if (!cursor_until(&cursor, ':', &name))
			continue;
		if (slice_is(slice_trim(name), "Slave Interface"))
			member = link_named(context, slice_trim(cursor.rest));
		for (size_t i = 0; member && i < ARRAY_SIZE(rows); i++) {
			if (slice_is(slice_trim(name), rows[i].name) && parse_u64(slice_trim(cursor.rest), &value) == 0)
				snapshot_add(snapshot, rows[i].counter, member, value);
		}
	}
}

static void read_bonding(const struct source_context *context, struct snapshot *snapshot)
{
	CLEANUP_FREE char *directory = text_format("%s" BONDING, context->sysroot);
	DIR *list = opendir(directory); /* not there without the bonding driver: then there is no churn */
	const struct dirent *entry;

	for (size_t i = 0; list && i < BONDS_MAX && (entry = readdir(list)); i++) {
		CLEANUP_FREE char *path = text_format(BONDING "/%s", entry->d_name);
		struct procfs_file file;

		if (entry->d_name[0] != '.' && procfs_read_quietly(context, path, &file) == 0)
			port_parse_bonding(context, snapshot, file.lines);
	}
	if (list)
		closedir(list);
}

/* ---- teams ---- */

static void add_team_port(const struct source_context *context, struct snapshot *snapshot, const struct nlattr *item)
{
	const struct nlattr *attributes[TEAM_ATTR_PORT_MAX + 1];
	const struct object *link;

	netlink_nested(item, 0, attributes, ARRAY_SIZE(attributes));
	link = link_object(context, netlink_u32(attributes[TEAM_ATTR_PORT_IFINDEX], 0));
	if (link && !attributes[TEAM_ATTR_PORT_REMOVED])
		snapshot_add(snapshot, C_PORT_TEAM_LINK_UP, link, attributes[TEAM_ATTR_PORT_LINKUP] != NULL);
}

bool port_parse_team(const struct source_context *context, struct snapshot *snapshot, const void *bytes, size_t length)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message;

	while ((message = netlink_next(&walk, sizeof(struct genlmsghdr)))) {
		const struct nlattr *attributes[TEAM_ATTR_MAX + 1], *item;

		netlink_attributes(message, sizeof(struct genlmsghdr), attributes, ARRAY_SIZE(attributes));
		if (!attributes[TEAM_ATTR_LIST_PORT])
			continue;
		mnl_attr_for_each_nested(item, attributes[TEAM_ATTR_LIST_PORT]) if (mnl_attr_get_type(item) ==
										    TEAM_ATTR_ITEM_PORT)
			add_team_port(context, snapshot, item);
	}
	return !walk.broken;
}

static int read_team(const struct source_context *context, struct snapshot *snapshot, uint32_t ifindex, bool *whole)
{
	struct netlink netlink CLEANUP_NETLINK = NETLINK_CLOSED;
	struct netlink_request request;
	uint16_t family = 0;
	int error = genl_open(context, &netlink, TEAM_GENL_NAME, &family);

	if (error)
		return error;
	genl_request(&request, family, TEAM_CMD_PORT_LIST_GET);
	mnl_attr_put_u32(request.header, TEAM_ATTR_TEAM_IFINDEX, ifindex);
	error = netlink_ask(&netlink, &request, context->buffer);
	if (!error)
		*whole &= port_parse_team(context, snapshot, context->buffer->data, context->buffer->length);
	return error;
}

static int read_teams(const struct source_context *context, struct snapshot *snapshot, bool *whole)
{
	struct netlink netlink CLEANUP_NETLINK = NETLINK_CLOSED;
	uint16_t family = 0;
	int error = genl_open(context, &netlink, TEAM_GENL_NAME, &family);

	for (uint32_t id = 0; !error && id < objects_count(context->objects); id++) {
		const struct object *link = object_get(context->objects, id);

		if (link->key.kind == OBJECT_LINK && link->netns == context->netns->id &&
		    strcmp(object_text(link, LABEL_KIND), "team") == 0)
			error = read_team(context, snapshot, (uint32_t)link->key.a, whole);
	}
	return error == -ENOENT || error == -ENODEV ? 0 : error; /* no teams in this kernel; one that just went */
}

static void port_read(const struct source_context *context, struct snapshot *snapshot)
{
	const char *what = "reading spanning tree and LACP statistics (RTM_GETSTATS)";
	bool whole = true;
	int error = *context->sysroot ? -EOPNOTSUPP : read_statistics(context, snapshot, &whole);

	if (!error) {
		what = "listing the ports of teams (generic netlink)";
		error = read_teams(context, snapshot, &whole);
	}
	read_bonding(context, snapshot);
	if (error)
		snapshot_missed(snapshot, SOURCE_PORT, context->netns, error,
				text_internf("%s: %s", what, source_error_phrase(error)));
	else if (!whole)
		snapshot_covered_partly(snapshot, SOURCE_PORT, context->netns,
					"the statistics of ports were cut short or changed while they were read");
	else
		snapshot_covered(snapshot, SOURCE_PORT, context->netns);
}

const struct source source_port = { SOURCE_PORT, SCOPE_NETNS, COST_MIDDLE, port_read };
