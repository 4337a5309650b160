/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What only ethtool's netlink interface tells of a device (Linux 5.6 and later): signal quality, pause frames, forward
 * error correction, the counters that IEEE 802.3 and RMON define, what may be switched on, how interrupts are
 * gathered, how the hash spreads what is received. Rings, channels and speed come over the ioctl (ethtool_settings.c),
 * which older kernels have too. A device is asked by its number: no name that could load a module.
 */
#include "source/ethnl.h"

#include "source/device.h"
#include "source/genl.h"

#include "base/alloc.h"
#include "base/intern.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/ethtool_netlink.h>

#define MSG_RSS_GET 38 /* Linux 6.2 */
#define GROUPS_MASK                                                                              \
	(1 << ETHTOOL_STATS_ETH_PHY | 1 << ETHTOOL_STATS_ETH_MAC | 1 << ETHTOOL_STATS_ETH_CTRL | \
	 1 << ETHTOOL_STATS_RMON)
#define GROUPS_COUNT 4

static const struct question {
	uint8_t command;
	uint16_t header; /* the attribute that says which device */
	uint32_t flags;
} questions[] = {
	{ ETHTOOL_MSG_LINKSTATE_GET, ETHTOOL_A_LINKSTATE_HEADER, 0 },
	{ ETHTOOL_MSG_PAUSE_GET, ETHTOOL_A_PAUSE_HEADER, ETHTOOL_FLAG_STATS },
	{ ETHTOOL_MSG_FEC_GET, ETHTOOL_A_FEC_HEADER, ETHTOOL_FLAG_STATS },
	{ ETHTOOL_MSG_STATS_GET, ETHTOOL_A_STATS_HEADER, 0 },
	{ ETHTOOL_MSG_FEATURES_GET, ETHTOOL_A_FEATURES_HEADER, 0 },
	{ ETHTOOL_MSG_COALESCE_GET, ETHTOOL_A_COALESCE_HEADER, 0 },
	{ MSG_RSS_GET, 1, 0 },
};

void ethnl_put_device(struct netlink_request *request, uint16_t type, uint32_t flags, const struct object *link)
{
	struct nlattr *nest = mnl_attr_nest_start(request->header, type);

	mnl_attr_put_u32(request->header, ETHTOOL_A_HEADER_DEV_INDEX, (uint32_t)link->key.a);
	if (flags)
		mnl_attr_put_u32(request->header, ETHTOOL_A_HEADER_FLAGS, flags);
	mnl_attr_nest_end(request->header, nest);
}

/* Which groups of statistics: a bitset of one word, all of it meant. */
static void put_groups(struct netlink_request *request)
{
	struct nlattr *nest = mnl_attr_nest_start(request->header, ETHTOOL_A_STATS_GROUPS);

	mnl_attr_put_u32(request->header, ETHTOOL_A_BITSET_SIZE, GROUPS_COUNT);
	mnl_attr_put_u32(request->header, ETHTOOL_A_BITSET_VALUE, GROUPS_MASK);
	mnl_attr_put_u32(request->header, ETHTOOL_A_BITSET_MASK, GROUPS_MASK);
	mnl_attr_nest_end(request->header, nest);
}

/* What a driver does not implement and a kernel does not know is no failure. */
static bool is_unsupported(int error)
{
	return error == -EOPNOTSUPP || error == -EINVAL;
}

static int ask(const struct source_context *context, struct snapshot *snapshot, struct netlink *netlink,
	       uint16_t family, const struct question *question, const struct object *link)
{
	struct netlink_request request;
	int error;

	genl_request(&request, family, question->command);
	ethnl_put_device(&request, question->header, question->flags, link);
	if (question->command == ETHTOOL_MSG_STATS_GET)
		put_groups(&request);
	error = netlink_ask(netlink, &request, context->buffer);
	if (error)
		return is_unsupported(error) ? 0 : error;
	return ethnl_parse(snapshot, link, context->buffer->data, context->buffer->length) ? 0 : -EPROTO;
}

static void read_device(const struct source_context *context, struct snapshot *snapshot, struct netlink *netlink,
			uint16_t family, const struct object *link)
{
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(questions) && !error; i++)
		error = ask(context, snapshot, netlink, family, &questions[i], link);
	if (error == -ENODEV)
		return;
	if (error)
		snapshot_missed(snapshot, SOURCE_ETHNL, link, error,
				text_internf("%s (ethtool netlink): %s", object_text(link, LABEL_NAME),
					     source_error_phrase(error)));
	else
		snapshot_covered(snapshot, SOURCE_ETHNL, link);
}

int ethnl_open(const struct source_context *context, struct netlink *netlink, uint16_t *ret_family)
{
	int error = genl_open(context, netlink, ETHTOOL_GENL_NAME, ret_family);

	return error == -ENOENT ? -EOPNOTSUPP : error;
}

static void ethnl_source_read(const struct source_context *context, struct snapshot *snapshot)
{
	struct netlink netlink CLEANUP_NETLINK = NETLINK_CLOSED;
	const struct object *link;
	uint32_t next = 0;
	uint16_t family;
	int error;

	if (!device_any(context)) {
		snapshot_covered(snapshot, SOURCE_ETHNL, context->netns);
		return;
	}
	error = ethnl_open(context, &netlink, &family);
	if (error) {
		snapshot_missed(snapshot, SOURCE_ETHNL, context->netns, error,
				error == -EOPNOTSUPP ? "ethtool netlink: this kernel has none (Linux 5.6 and later)"
						     : netlink_reason(&netlink, "ethtool netlink", error));
		return;
	}
	while ((link = device_next(context, &next)))
		read_device(context, snapshot, &netlink, family, link);
	snapshot_covered(snapshot, SOURCE_ETHNL, context->netns);
}

const struct source source_ethnl = { SOURCE_ETHNL, SCOPE_NETNS, COST_DEAR, ethnl_source_read };
