/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Neighbours (ARP and IPv6 neighbour discovery): the tables' statistics and
 * limits (RTM_GETNEIGHTBL) and, in every namespace, the entries that do not
 * resolve or change their hardware address (RTM_GETNEIGH). net/core/neighbour.c keeps one table, one set of statistics and
 * one set of limits for all namespaces; they are read in the tool's own namespace.
 * unresolved_discards is only in /proc/net/stat, which only the first namespace has.
 */
#include "source/neighbour.h"

#include "source/procfs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

static const struct {
	size_t offset;
	counter_id counter;
} statistics[] = {
#define STATISTIC(field, symbol)                                           \
	{                                                                  \
		offsetof(struct ndt_stats, ndts_##field), C_NEIGH_##symbol \
	}
	STATISTIC(allocs, ALLOCS),
	STATISTIC(destroys, DESTROYS),
	STATISTIC(hash_grows, HASH_GROWS),
	STATISTIC(res_failed, RES_FAILED),
	STATISTIC(lookups, LOOKUPS),
	STATISTIC(hits, HITS),
	STATISTIC(periodic_gc_runs, PERIODIC_GC_RUNS),
	STATISTIC(forced_gc_runs, FORCED_GC_RUNS),
	STATISTIC(table_fulls, TABLE_FULLS),
#undef STATISTIC
};

static const struct {
	uint16_t attribute;
	counter_id counter;
} limits[] = {
	{ NDTA_THRESH1, C_NEIGH_GC_THRESH1 },
	{ NDTA_THRESH2, C_NEIGH_GC_THRESH2 },
	{ NDTA_THRESH3, C_NEIGH_GC_THRESH3 },
};

static const struct object *table_object(const struct source_context *context, int family)
{
	struct object_key key = { OBJECT_NEIGHBOUR_TABLE, 0, (uint64_t)family, 0 };
	struct object *table = object_intern(context->objects, key, NULL);

	if (table)
		object_label(table, LABEL_NAME, family == AF_INET ? "arp_cache" : "ndisc_cache");
	return table;
}

static void add_table(struct snapshot *snapshot, const struct object *table, const struct nlattr *const *attributes)
{
	const struct nlattr *parameters[NDTPA_QUEUE_LENBYTES + 1];
	struct ndt_config config;
	struct ndt_stats stats;
	size_t length = netlink_copy(attributes[NDTA_STATS], &stats, sizeof(stats));

	for (size_t i = 0; i < ARRAY_SIZE(statistics); i++) {
		uint64_t value;

		if (statistics[i].offset + sizeof(value) > length)
			continue;
		memcpy(&value, (const char *)&stats + statistics[i].offset, sizeof(value));
		snapshot_add(snapshot, statistics[i].counter, table, value);
	}
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		if (attributes[limits[i].attribute])
			snapshot_add(snapshot, limits[i].counter, table,
				     netlink_u32(attributes[limits[i].attribute], 0));
	}
	if (netlink_copy(attributes[NDTA_CONFIG], &config, sizeof(config)) == sizeof(config))
		snapshot_add(snapshot, C_NEIGH_ENTRIES, table, config.ndtc_entries);
	netlink_nested(attributes[NDTA_PARMS], 0, parameters, ARRAY_SIZE(parameters));
	if (parameters[NDTPA_QUEUE_LENBYTES])
		snapshot_add(snapshot, C_NEIGH_UNRES_QLEN_BYTES, table,
			     netlink_u32(parameters[NDTPA_QUEUE_LENBYTES], 0));
}

bool neighbour_parse_tables(const struct source_context *context, struct snapshot *snapshot, const void *bytes,
			    size_t length)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message;
	bool taken[2] = { false, false };

	while ((message = netlink_next(&walk, sizeof(struct ndtmsg)))) {
		const struct ndtmsg *header = mnl_nlmsg_get_payload(message);
		const struct nlattr *attributes[NDTA_MAX + 1];
		const struct object *table;

		netlink_attributes(message, sizeof(*header), attributes, ARRAY_SIZE(attributes));
		/* Messages without statistics are about one device. */
		if (message->nlmsg_type != RTM_NEWNEIGHTBL || !attributes[NDTA_STATS] ||
		    (header->ndtm_family != AF_INET && header->ndtm_family != AF_INET6))
			continue;
		/* The kernel says a table once more in each datagram that goes on with its devices. */
		if (taken[header->ndtm_family == AF_INET6])
			continue;
		taken[header->ndtm_family == AF_INET6] = true;
		table = table_object(context, header->ndtm_family);
		if (!table)
			return false;
		add_table(snapshot, table, attributes);
	}
	return !walk.broken;
}

/* ---- entries ---- */

static bool name_entry(const struct source_context *context, struct snapshot *snapshot, const struct ndmsg *header,
		       const struct nlattr *address)
{
	uint64_t netns = context->netns->key.netns;
	struct object_key key = { OBJECT_NEIGHBOUR, netns, (uint32_t)header->ndm_ifindex, 0 };
	const struct object *link =
		object_intern(context->objects, (struct object_key){ OBJECT_LINK, netns, key.a, 0 }, NULL);
	size_t needed = header->ndm_family == AF_INET ? 4 : 16;
	char text[INET6_ADDRSTRLEN];
	struct object *entry;

	if (!address || mnl_attr_get_payload_len(address) < needed ||
	    !inet_ntop(header->ndm_family, mnl_attr_get_payload(address), text, sizeof(text)))
		return false;
	key.b = object_hash(text);
	entry = object_intern(context->objects, key, NULL);
	if (!entry || !link)
		return false;
	entry->link = link->id;
	object_label(entry, LABEL_NAME, text);
	object_label(entry, LABEL_ADDRESS, text);
	object_label(entry, LABEL_KIND, header->ndm_state & NUD_FAILED ? "FAILED" : "INCOMPLETE");
	snapshot_add(snapshot, C_NEIGH_STATE, entry, header->ndm_state);
	return true;
}

bool neighbour_parse_entries(const struct source_context *context, struct snapshot *snapshot, const void *bytes,
			     size_t length, struct neighbour_counts *counts)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message;

	while ((message = netlink_next(&walk, sizeof(struct ndmsg)))) {
		const struct ndmsg *header = mnl_nlmsg_get_payload(message);
		const struct nlattr *attributes[NDA_LLADDR + 1];

		if (message->nlmsg_type != RTM_NEWNEIGH ||
		    (header->ndm_family != AF_INET && header->ndm_family != AF_INET6))
			continue;
		counts->seen++;
		netlink_attributes(message, sizeof(*header), attributes, ARRAY_SIZE(attributes));
		if (!(header->ndm_state & (NUD_FAILED | NUD_INCOMPLETE))) {
			if (counts->memory && !(header->ndm_state & NUD_NOARP))
				neighbour_compare(context, snapshot, counts->memory, header, attributes[NDA_DST],
						  attributes[NDA_LLADDR]);
			continue;
		}
		if (header->ndm_state & NUD_FAILED)
			counts->failed++;
		else
			counts->incomplete++;
		if (counts->named < NEIGHBOURS_NAMED && name_entry(context, snapshot, header, attributes[NDA_DST]))
			counts->named++;
	}
	counts->broken |= walk.broken;
	return counts->seen < NEIGHBOURS_READ;
}

struct entries_reading {
	const struct source_context *context;
	struct snapshot *snapshot;
	struct neighbour_counts counts;
};

static bool take_entries(void *data, const char *bytes, size_t length)
{
	struct entries_reading *reading = data;

	return neighbour_parse_entries(reading->context, reading->snapshot, bytes, length, &reading->counts);
}

static void read_entries(const struct source_context *context, struct snapshot *snapshot, struct netlink *netlink)
{
	static struct neighbour_memory *memory; /* until the tool ends */
	struct entries_reading reading = { .context = context, .snapshot = snapshot };
	struct netlink_request request;
	unsigned int state = 0;
	int error;

	if (!memory)
		memory = NEW(struct neighbour_memory);
	neighbour_memory_begin(memory, context->series);
	reading.counts.memory = memory;
	netlink_request(&request, RTM_GETNEIGH, 0, sizeof(struct ndmsg));
	error = netlink_stream(netlink, &request, take_entries, &reading, &state);
	if (error) {
		snapshot_missed(snapshot, SOURCE_NEIGHBOUR, context->netns, error,
				netlink_reason(netlink, "listing the neighbours (RTM_GETNEIGH)", error));
		return;
	}
	snapshot_add(snapshot, C_NEIGH_FAILED, context->netns, reading.counts.failed);
	snapshot_add(snapshot, C_NEIGH_INCOMPLETE, context->netns, reading.counts.incomplete);
	if (state || reading.counts.broken)
		snapshot_covered_partly(snapshot, SOURCE_NEIGHBOUR, context->netns,
					"the list of neighbours was too long or changed while it was read");
	else
		snapshot_covered(snapshot, SOURCE_NEIGHBOUR, context->netns);
}

/* ---- tables ---- */

bool neighbour_read_discards(const struct source_context *context, struct snapshot *snapshot, int family)
{
	static const struct procfs_column column = { "unresolved_discards", C_NEIGH_UNRESOLVED_DISCARDS };
	const char *path =
		family == AF_INET ? "/proc/thread-self/net/stat/arp_cache" : "/proc/thread-self/net/stat/ndisc_cache";
	struct procfs_file file;

	return procfs_read_quietly(context, path, &file) == 0 &&
	       procfs_add_columns(&file, snapshot, table_object(context, family), &column, 1) == 0;
}

static void read_table(const struct source_context *context, struct snapshot *snapshot, int family)
{
	const struct object *table = table_object(context, family);

	if (!table)
		return;
	if (neighbour_read_discards(context, snapshot, family))
		snapshot_covered(snapshot, SOURCE_NEIGHBOUR, table);
	else
		snapshot_covered_partly(snapshot, SOURCE_NEIGHBOUR, table,
					"unresolved_discards can only be read in the host's first namespace");
}

static void read_tables(const struct source_context *context, struct snapshot *snapshot, struct netlink *netlink)
{
	struct netlink_request request;
	unsigned int state = 0;
	int error;

	netlink_request(&request, RTM_GETNEIGHTBL, 0, sizeof(struct ndtmsg));
	error = netlink_dump(netlink, &request, context->buffer, &state);
	if (!error && !neighbour_parse_tables(context, snapshot, context->buffer->data, context->buffer->length))
		error = -EPROTO;
	if (!error) {
		read_table(context, snapshot, AF_INET);
		if (object_find(context->objects, (struct object_key){ OBJECT_NEIGHBOUR_TABLE, 0, AF_INET6, 0 }))
			read_table(context, snapshot, AF_INET6);
		return;
	}
	snapshot_missed(snapshot, SOURCE_NEIGHBOUR, table_object(context, AF_INET), error,
			netlink_reason(netlink, "reading the neighbour tables (RTM_GETNEIGHTBL)", error));
}

static void neighbour_source_read(const struct source_context *context, struct snapshot *snapshot)
{
	struct netlink netlink CLEANUP_NETLINK = NETLINK_CLOSED;
	int error = *context->sysroot ? -EOPNOTSUPP : netlink_open(&netlink, NETLINK_ROUTE);

	if (error) {
		snapshot_missed(snapshot, SOURCE_NEIGHBOUR, context->netns, error,
				netlink_reason(&netlink, "opening rtnetlink", error));
		return;
	}
	if (context->netns->key.netns == objects_home(context->objects))
		read_tables(context, snapshot, &netlink);
	read_entries(context, snapshot, &netlink);
}

const struct source source_neighbour = { SOURCE_NEIGHBOUR, SCOPE_NETNS, COST_MIDDLE, neighbour_source_read };
