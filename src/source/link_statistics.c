/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The 64-bit statistics of interfaces: as an attribute of RTM_GETLINK, and alone by RTM_GETSTATS (4.7,
 * net/core/rtnetlink.c: rtnl_stats_dump), which is five times cheaper than the list with everything in it (1.2 against
 * 7 us for an interface). So states, names and relations are read at the window's ends, twice a second (with many interfaces
 * less often), and whenever an interface came or went; the statistics at each tick.
 *
 * Kernels differ in how long struct rtnl_link_stats64 is: only what came is sampled.
 */
#include "source/link.h"

#include "model/series.h"

#include "base/clock.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#define LIST_PERIOD_NS (500 * NS_PER_MS)
#define LIST_PERIOD_EACH_NS (5 * NS_PER_MS) /* for each interface: the list then takes 0.2 % of a CPU */

static const struct {
	size_t offset;
	counter_id counter;
} statistics[] = {
#define STATISTIC(field, symbol)                                           \
	{                                                                  \
		offsetof(struct rtnl_link_stats64, field), C_LINK_##symbol \
	}
	STATISTIC(rx_packets, RX_PACKETS),
	STATISTIC(tx_packets, TX_PACKETS),
	STATISTIC(rx_bytes, RX_BYTES),
	STATISTIC(tx_bytes, TX_BYTES),
	STATISTIC(rx_errors, RX_ERRORS),
	STATISTIC(tx_errors, TX_ERRORS),
	STATISTIC(rx_dropped, RX_DROPPED),
	STATISTIC(tx_dropped, TX_DROPPED),
	STATISTIC(multicast, MULTICAST),
	STATISTIC(collisions, COLLISIONS),
	STATISTIC(rx_length_errors, RX_LENGTH_ERRORS),
	STATISTIC(rx_over_errors, RX_OVER_ERRORS),
	STATISTIC(rx_crc_errors, RX_CRC_ERRORS),
	STATISTIC(rx_frame_errors, RX_FRAME_ERRORS),
	STATISTIC(rx_fifo_errors, RX_FIFO_ERRORS),
	STATISTIC(rx_missed_errors, RX_MISSED_ERRORS),
	STATISTIC(tx_aborted_errors, TX_ABORTED_ERRORS),
	STATISTIC(tx_carrier_errors, TX_CARRIER_ERRORS),
	STATISTIC(tx_fifo_errors, TX_FIFO_ERRORS),
	STATISTIC(tx_heartbeat_errors, TX_HEARTBEAT_ERRORS),
	STATISTIC(tx_window_errors, TX_WINDOW_ERRORS),
	STATISTIC(rx_nohandler, RX_NOHANDLER),
	STATISTIC(rx_otherhost_dropped, RX_OTHERHOST_DROPPED),
#undef STATISTIC
};

void link_add_statistics(struct snapshot *snapshot, const struct object *link, const struct nlattr *attribute)
{
	struct rtnl_link_stats64 stats;
	size_t length = netlink_copy(attribute, &stats, sizeof(stats));

	for (size_t i = 0; i < ARRAY_SIZE(statistics); i++) {
		uint64_t value;

		if (statistics[i].offset + sizeof(value) > length)
			continue;
		memcpy(&value, (const char *)&stats + statistics[i].offset, sizeof(value));
		snapshot_add(snapshot, statistics[i].counter, link, value);
	}
}

/* When this namespace's interfaces were last listed, and how many there were. */
static const struct cell *listed(const struct source_context *context)
{
	return context->series ? series_cell(context->series, C_LINK_LISTED, context->netns->id) : NULL;
}

bool link_list_is_due(const struct source_context *context)
{
	const struct cell *cell = context->between ? listed(context) : NULL;

	return !cell ||
	       clock_monotonic_ns() - cell->last_ns >= LIST_PERIOD_NS + cell->last * (uint64_t)LIST_PERIOD_EACH_NS;
}

size_t link_count(const void *bytes, size_t length)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	size_t count = 0;

	while (netlink_next(&walk, 0))
		count++;
	return count;
}

bool link_statistics_parse(const struct source_context *context, struct snapshot *snapshot, const void *bytes,
			   size_t length)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message;

	while ((message = netlink_next(&walk, sizeof(struct if_stats_msg)))) {
		const struct if_stats_msg *header = mnl_nlmsg_get_payload(message);
		struct object_key key = { OBJECT_LINK, context->netns->key.netns, header->ifindex, 0 };
		const struct nlattr *attributes[IFLA_STATS_LINK_64 + 1];
		const struct object *link = object_find(context->objects, key);

		netlink_attributes(message, sizeof(*header), attributes, ARRAY_SIZE(attributes));
		if (message->nlmsg_type != RTM_NEWSTATS || !link || !attributes[IFLA_STATS_LINK_64])
			return false;
		link_add_statistics(snapshot, link, attributes[IFLA_STATS_LINK_64]);
	}
	return !walk.broken;
}

bool link_statistics_read(const struct source_context *context, struct netlink *netlink, struct snapshot *snapshot)
{
	const struct cell *list = listed(context);
	size_t before = snapshot->samples.count;
	struct netlink_request request;
	struct if_stats_msg *header = netlink_request(&request, RTM_GETSTATS, 0, sizeof(*header));
	unsigned int state = 0;

	header->filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64);
	if (list && netlink_dump(netlink, &request, context->buffer, &state) == 0 && !state &&
	    link_count(context->buffer->data, context->buffer->length) == list->last &&
	    link_statistics_parse(context, snapshot, context->buffer->data, context->buffer->length))
		return true;
	snapshot->samples.count = before;
	return false;
}
