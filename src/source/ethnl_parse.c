/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers of ethtool over netlink (net/ethtool/{linkstate,features,coalesce,pause,fec,stats,rss}.c;
 * Documentation/networking/ethtool-netlink.rst). Statistics of a kind that the driver does not count are absent, not 0.
 * In the verbose bitsets that are asked for, each bit comes with its name: the numbers change between kernels.
 */
#include "source/ethnl.h"

#include "source/netlink.h"

#include "base/alloc.h"

#include <linux/ethtool.h>
#include <linux/ethtool_netlink.h>
#include <linux/genetlink.h>
#include <string.h>

/* Newer than the headers of the oldest system this builds on. */
#define MSG_RSS_GET_REPLY 38
#define RSS_INDIRECTION 4
#define LINKSTATE_EXT_DOWN_COUNT 7

#define RSS_QUEUES_MAX 4096

struct reply {
	struct snapshot *snapshot;
	const struct object *link;
	const struct nlmsghdr *message;
};

/* An attribute that is one number. */
struct field {
	uint16_t attribute;
	unsigned int bytes;
	counter_id counter;
};

static void add(const struct reply *reply, counter_id counter, uint64_t value)
{
	snapshot_add(reply->snapshot, counter, reply->link, value);
}

static void add_fields(const struct reply *reply, const struct nlattr *const *attributes, const struct field *fields,
		       size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct nlattr *attribute = attributes[fields[i].attribute];
		uint64_t value = 0;

		/* Arrays (FEC) begin with the sum over all lanes. The host's byte order, so a short one fits too. */
		if (!attribute || mnl_attr_get_payload_len(attribute) < fields[i].bytes)
			continue;
		if (fields[i].bytes == sizeof(uint64_t))
			value = netlink_u64(attribute, 0);
		else if (fields[i].bytes == sizeof(uint32_t))
			value = netlink_u32(attribute, 0);
		else
			value = netlink_u8(attribute, 0);
		add(reply, fields[i].counter, value);
	}
}

static void attributes_of(const struct reply *reply, const struct nlattr **ret, size_t count)
{
	netlink_attributes(reply->message, sizeof(struct genlmsghdr), ret, count);
}

static void parse_link_state(const struct reply *reply)
{
	static const struct field fields[] = {
		{ ETHTOOL_A_LINKSTATE_SQI, 4, C_ETHNL_SIGNAL_QUALITY },
		{ ETHTOOL_A_LINKSTATE_SQI_MAX, 4, C_ETHNL_SIGNAL_QUALITY_MAX },
		{ ETHTOOL_A_LINKSTATE_EXT_STATE, 1, C_ETHNL_DOWN_REASON },
		{ LINKSTATE_EXT_DOWN_COUNT, 4, C_ETHNL_LINK_DOWN_COUNT },
	};
	const struct nlattr *attributes[LINKSTATE_EXT_DOWN_COUNT + 1];

	attributes_of(reply, attributes, ARRAY_SIZE(attributes));
	add_fields(reply, attributes, fields, ARRAY_SIZE(fields));
}

static void parse_coalesce(const struct reply *reply)
{
	static const struct field fields[] = {
		{ ETHTOOL_A_COALESCE_RX_USECS, 4, C_ETHNL_COALESCE_RX_US },
		{ ETHTOOL_A_COALESCE_RX_MAX_FRAMES, 4, C_ETHNL_COALESCE_RX_FRAMES },
		{ ETHTOOL_A_COALESCE_USE_ADAPTIVE_RX, 1, C_ETHNL_COALESCE_ADAPTIVE_RX },
	};
	const struct nlattr *attributes[ETHTOOL_A_COALESCE_MAX + 1];

	attributes_of(reply, attributes, ARRAY_SIZE(attributes));
	add_fields(reply, attributes, fields, ARRAY_SIZE(fields));
}

static void parse_pause(const struct reply *reply)
{
	static const struct field fields[] = {
		{ ETHTOOL_A_PAUSE_STAT_RX_FRAMES, 8, C_ETHNL_PAUSE_RX_FRAMES },
		{ ETHTOOL_A_PAUSE_STAT_TX_FRAMES, 8, C_ETHNL_PAUSE_TX_FRAMES },
	};
	const struct nlattr *attributes[ETHTOOL_A_PAUSE_STATS + 1], *statistics[ETHTOOL_A_PAUSE_STAT_MAX + 1];

	attributes_of(reply, attributes, ARRAY_SIZE(attributes));
	netlink_nested(attributes[ETHTOOL_A_PAUSE_STATS], 0, statistics, ARRAY_SIZE(statistics));
	add_fields(reply, statistics, fields, ARRAY_SIZE(fields));
}

static void parse_fec(const struct reply *reply)
{
	static const struct field fields[] = {
		{ ETHTOOL_A_FEC_STAT_CORRECTED, 8, C_ETHNL_FEC_CORRECTED },
		{ ETHTOOL_A_FEC_STAT_UNCORR, 8, C_ETHNL_FEC_UNCORRECTABLE },
		{ ETHTOOL_A_FEC_STAT_CORR_BITS, 8, C_ETHNL_FEC_CORRECTED_BITS },
	};
	const struct nlattr *attributes[ETHTOOL_A_FEC_STATS + 1], *statistics[ETHTOOL_A_FEC_STAT_MAX + 1];

	attributes_of(reply, attributes, ARRAY_SIZE(attributes));
	if (attributes[ETHTOOL_A_FEC_ACTIVE])
		add(reply, C_ETHNL_FEC_ACTIVE,
		    netlink_u32(attributes[ETHTOOL_A_FEC_ACTIVE], 0) != ETHTOOL_LINK_MODE_FEC_NONE_BIT);
	netlink_nested(attributes[ETHTOOL_A_FEC_STATS], 0, statistics, ARRAY_SIZE(statistics));
	add_fields(reply, statistics, fields, ARRAY_SIZE(fields));
}

/* ---- standard statistics ---- */

static const struct {
	uint32_t group;
	uint16_t statistic;
	counter_id counter;
} standard[] = {
	{ ETHTOOL_STATS_ETH_PHY, ETHTOOL_A_STATS_ETH_PHY_5_SYM_ERR, C_ETHNL_PHY_SYMBOL_ERRORS },
	{ ETHTOOL_STATS_ETH_MAC, ETHTOOL_A_STATS_ETH_MAC_6_FCS_ERR, C_ETHNL_MAC_FCS_ERRORS },
	{ ETHTOOL_STATS_ETH_MAC, ETHTOOL_A_STATS_ETH_MAC_7_ALIGN_ERR, C_ETHNL_MAC_ALIGNMENT_ERRORS },
	{ ETHTOOL_STATS_ETH_MAC, ETHTOOL_A_STATS_ETH_MAC_10_LATE_COL, C_ETHNL_MAC_LATE_COLLISIONS },
	{ ETHTOOL_STATS_ETH_MAC, ETHTOOL_A_STATS_ETH_MAC_11_XS_COL, C_ETHNL_MAC_EXCESS_COLLISIONS },
	{ ETHTOOL_STATS_ETH_MAC, ETHTOOL_A_STATS_ETH_MAC_12_TX_INT_ERR, C_ETHNL_MAC_INTERNAL_TX_ERRORS },
	{ ETHTOOL_STATS_ETH_MAC, ETHTOOL_A_STATS_ETH_MAC_13_CS_ERR, C_ETHNL_MAC_CARRIER_ERRORS },
	{ ETHTOOL_STATS_ETH_MAC, ETHTOOL_A_STATS_ETH_MAC_15_RX_INT_ERR, C_ETHNL_MAC_INTERNAL_RX_ERRORS },
	{ ETHTOOL_STATS_ETH_MAC, ETHTOOL_A_STATS_ETH_MAC_23_IR_LEN_ERR, C_ETHNL_MAC_LENGTH_ERRORS },
	{ ETHTOOL_STATS_ETH_MAC, ETHTOOL_A_STATS_ETH_MAC_25_TOO_LONG_ERR, C_ETHNL_MAC_TOO_LONG },
	{ ETHTOOL_STATS_ETH_CTRL, ETHTOOL_A_STATS_ETH_CTRL_4_RX, C_ETHNL_CONTROL_RX_FRAMES },
	{ ETHTOOL_STATS_ETH_CTRL, ETHTOOL_A_STATS_ETH_CTRL_3_TX, C_ETHNL_CONTROL_TX_FRAMES },
	{ ETHTOOL_STATS_RMON, ETHTOOL_A_STATS_RMON_UNDERSIZE, C_ETHNL_RMON_UNDERSIZE },
	{ ETHTOOL_STATS_RMON, ETHTOOL_A_STATS_RMON_OVERSIZE, C_ETHNL_RMON_OVERSIZE },
	{ ETHTOOL_STATS_RMON, ETHTOOL_A_STATS_RMON_FRAG, C_ETHNL_RMON_FRAGMENTS },
	{ ETHTOOL_STATS_RMON, ETHTOOL_A_STATS_RMON_JABBER, C_ETHNL_RMON_JABBERS },
};

/* One ETHTOOL_A_STATS_GRP_STAT: a nest with a number whose type says which statistic it is; padding may precede it. */
static void add_standard(const struct reply *reply, uint32_t group, const struct nlattr *nest)
{
	const struct nlattr *attribute;

	mnl_attr_for_each_nested(attribute, nest)
	{
		for (size_t i = 0; i < ARRAY_SIZE(standard); i++) {
			if (standard[i].group == group && standard[i].statistic == mnl_attr_get_type(attribute) &&
			    mnl_attr_get_payload_len(attribute) == sizeof(uint64_t))
				add(reply, standard[i].counter, netlink_u64(attribute, 0));
		}
	}
}

static void parse_group(const struct reply *reply, const struct nlattr *group)
{
	const struct nlattr *attributes[ETHTOOL_A_STATS_GRP_ID + 1], *attribute;
	uint32_t id;

	netlink_nested(group, 0, attributes, ARRAY_SIZE(attributes));
	id = netlink_u32(attributes[ETHTOOL_A_STATS_GRP_ID], UINT32_MAX);
	mnl_attr_for_each_nested(attribute, group)
	{
		if (mnl_attr_get_type(attribute) == ETHTOOL_A_STATS_GRP_STAT)
			add_standard(reply, id, attribute);
	}
}

static void parse_standard(const struct reply *reply)
{
	const struct nlattr *attribute;

	mnl_attr_for_each(attribute, reply->message, sizeof(struct genlmsghdr))
	{
		if (mnl_attr_get_type(attribute) == ETHTOOL_A_STATS_GRP)
			parse_group(reply, attribute);
	}
}

/* ---- features ---- */

/* Whether the bit of that name is set. With a mask every bit of it is listed, else those that are set. */
static bool bit_is_set(const struct nlattr *bitset, const char *name)
{
	const struct nlattr *parts[ETHTOOL_A_BITSET_MAX + 1], *bit;

	netlink_nested(bitset, 0, parts, ARRAY_SIZE(parts));
	if (!parts[ETHTOOL_A_BITSET_BITS])
		return false;
	mnl_attr_for_each_nested(bit, parts[ETHTOOL_A_BITSET_BITS])
	{
		const struct nlattr *fields[ETHTOOL_A_BITSET_BIT_MAX + 1];
		const char *own;

		netlink_nested(bit, 0, fields, ARRAY_SIZE(fields));
		own = netlink_string(fields[ETHTOOL_A_BITSET_BIT_NAME]);
		if (own && strcmp(own, name) == 0)
			return parts[ETHTOOL_A_BITSET_NOMASK] || fields[ETHTOOL_A_BITSET_BIT_VALUE];
	}
	return false;
}

/* What can be switched on and is off: what a device cannot do, or must not ("fixed"), is no fault of its settings. */
static void parse_features(const struct reply *reply)
{
	static const struct {
		const char *name;
		counter_id counter;
	} rows[] = {
		{ "rx-gro", C_ETHNL_GRO_SWITCHED_OFF },
		{ "rx-checksum", C_ETHNL_RX_CHECKSUM_SWITCHED_OFF },
		{ "tx-tcp-segmentation", C_ETHNL_TSO_SWITCHED_OFF },
		{ "tx-generic-segmentation", C_ETHNL_GSO_SWITCHED_OFF },
	};
	const struct nlattr *attributes[ETHTOOL_A_FEATURES_MAX + 1];

	attributes_of(reply, attributes, ARRAY_SIZE(attributes));
	if (!attributes[ETHTOOL_A_FEATURES_ACTIVE])
		return;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		add(reply, rows[i].counter,
		    bit_is_set(attributes[ETHTOOL_A_FEATURES_HW], rows[i].name) &&
			    !bit_is_set(attributes[ETHTOOL_A_FEATURES_NOCHANGE], rows[i].name) &&
			    !bit_is_set(attributes[ETHTOOL_A_FEATURES_ACTIVE], rows[i].name));
}

/* ---- receive side scaling ---- */

/* To how many queues the device's hash sends what it receives. */
static void parse_rss(const struct reply *reply)
{
	const struct nlattr *attributes[RSS_INDIRECTION + 1], *table;
	bool used[RSS_QUEUES_MAX] = { false };
	uint64_t queues = 0;

	attributes_of(reply, attributes, ARRAY_SIZE(attributes));
	table = attributes[RSS_INDIRECTION];
	for (size_t i = 0; table && i < mnl_attr_get_payload_len(table) / sizeof(uint32_t); i++) {
		uint32_t queue;

		memcpy(&queue, (const char *)mnl_attr_get_payload(table) + i * sizeof(queue), sizeof(queue));
		if (queue >= RSS_QUEUES_MAX || used[queue])
			continue;
		used[queue] = true;
		queues++;
	}
	if (queues)
		add(reply, C_ETHNL_RSS_QUEUES, queues);
}

static void parse_message(const struct reply *reply)
{
	const struct genlmsghdr *header = mnl_nlmsg_get_payload(reply->message);

	switch (header->cmd) {
	case ETHTOOL_MSG_LINKSTATE_GET_REPLY:
		parse_link_state(reply);
		break;
	case ETHTOOL_MSG_FEATURES_GET_REPLY:
		parse_features(reply);
		break;
	case ETHTOOL_MSG_COALESCE_GET_REPLY:
		parse_coalesce(reply);
		break;
	case ETHTOOL_MSG_PAUSE_GET_REPLY:
		parse_pause(reply);
		break;
	case ETHTOOL_MSG_FEC_GET_REPLY:
		parse_fec(reply);
		break;
	case ETHTOOL_MSG_STATS_GET_REPLY:
		parse_standard(reply);
		break;
	case MSG_RSS_GET_REPLY:
		parse_rss(reply);
		break;
	default:
		break; /* nobody asked for it */
	}
}

bool ethnl_parse(struct snapshot *snapshot, const struct object *link, const void *bytes, size_t length)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	struct reply reply = { .snapshot = snapshot, .link = link };

	while ((reply.message = netlink_next(&walk, sizeof(struct genlmsghdr))))
		parse_message(&reply);
	return !walk.broken;
}

uint8_t ethnl_parse_port(const void *bytes, size_t length)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message = netlink_next(&walk, sizeof(struct genlmsghdr));
	const struct nlattr *attributes[ETHTOOL_A_LINKINFO_PORT + 1];

	if (!message)
		return PORT_OTHER;
	netlink_attributes(message, sizeof(struct genlmsghdr), attributes, ARRAY_SIZE(attributes));
	return netlink_u8(attributes[ETHTOOL_A_LINKINFO_PORT], PORT_OTHER);
}

struct slice ethnl_parse_eeprom(const void *bytes, size_t length)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message = netlink_next(&walk, sizeof(struct genlmsghdr));
	const struct nlattr *attributes[ETHTOOL_A_MODULE_EEPROM_DATA + 1];
	const struct nlattr *data;

	if (!message)
		return (struct slice){ "", 0 };
	netlink_attributes(message, sizeof(struct genlmsghdr), attributes, ARRAY_SIZE(attributes));
	data = attributes[ETHTOOL_A_MODULE_EEPROM_DATA];
	return data ? (struct slice){ mnl_attr_get_payload(data), mnl_attr_get_payload_len(data) }
		    : (struct slice){ "", 0 };
}
