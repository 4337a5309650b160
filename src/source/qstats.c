/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Statistics of devices and their queues by driver-independent names, over the generic netlink family "netdev"
 * (net/core/netdev-genl.c: netdev_nl_qstats_get_dumpit, Linux 6.9; Documentation/netlink/specs/netdev.yaml). A device
 * answers with what its driver counts and with nothing for the rest. The totals of a device also hold the queues
 * it no longer has. Drivers are called under their lock, so this runs where it may block.
 */
#include "source/qstats.h"

#include "source/device.h"
#include "source/genl.h"

#include "base/alloc.h"

#include <errno.h>
#include <linux/genetlink.h>

#define FAMILY "netdev"
#define CMD_QSTATS_GET 12 /* the header linux/netdev.h is newer than the oldest system this builds on */
#define SCOPE_OF_QUEUES 1

enum qstats_attribute {
	QSTATS_IFINDEX = 1,
	QSTATS_QUEUE_TYPE = 2,
	QSTATS_QUEUE_ID = 3,
	QSTATS_SCOPE = 4,
	QSTATS_ATTRIBUTES = 35,
};

static const struct {
	uint16_t attribute;
	counter_id counter;
} statistics[] = {
	{ 8, C_QSTATS_RX_PACKETS },
	{ 9, C_QSTATS_RX_BYTES },
	{ 10, C_QSTATS_TX_PACKETS },
	{ 11, C_QSTATS_TX_BYTES },
	{ 12, C_QSTATS_RX_ALLOC_FAIL },
	{ 13, C_QSTATS_RX_HW_DROPS },
	{ 14, C_QSTATS_RX_HW_DROP_OVERRUNS },
	{ 18, C_QSTATS_RX_CSUM_BAD },
	{ 23, C_QSTATS_RX_HW_DROP_RATELIMITS },
	{ 24, C_QSTATS_TX_HW_DROPS },
	{ 25, C_QSTATS_TX_HW_DROP_ERRORS },
	{ 32, C_QSTATS_TX_HW_DROP_RATELIMITS },
	{ 33, C_QSTATS_TX_STOP },
	{ 34, C_QSTATS_TX_WAKE },
};

/* The kernel's type "uint": 32 bits when they are enough, else 64. */
static uint64_t any_uint(const struct nlattr *attribute)
{
	return mnl_attr_get_payload_len(attribute) >= sizeof(uint64_t) ? netlink_u64(attribute, 0)
								       : netlink_u32(attribute, 0);
}

static const struct object *object_of(const struct source_context *context, const struct nlattr *const *attributes)
{
	struct object_key key = { OBJECT_LINK, context->netns->key.netns, netlink_u32(attributes[QSTATS_IFINDEX], 0),
				  0 };
	const struct object *link = object_find(context->objects, key);

	if (!link || !attributes[QSTATS_QUEUE_ID])
		return link;
	return device_queue(context, link, netlink_u32(attributes[QSTATS_QUEUE_TYPE], 0) != 0,
			    netlink_u32(attributes[QSTATS_QUEUE_ID], 0));
}

bool qstats_parse(const struct source_context *context, struct snapshot *snapshot, const void *bytes, size_t length)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message;

	while ((message = netlink_next(&walk, sizeof(struct genlmsghdr)))) {
		const struct nlattr *attributes[QSTATS_ATTRIBUTES];
		const struct object *object;

		netlink_attributes(message, sizeof(struct genlmsghdr), attributes, ARRAY_SIZE(attributes));
		object = object_of(context, attributes);
		for (size_t i = 0; object && i < ARRAY_SIZE(statistics); i++) {
			const struct nlattr *value = attributes[statistics[i].attribute];

			if (value)
				snapshot_add(snapshot, statistics[i].counter, object, any_uint(value));
		}
	}
	return !walk.broken;
}

/* One dump, of devices or of their queues. */
static int read_scope(const struct source_context *context, struct snapshot *snapshot, struct netlink *netlink,
		      uint16_t family, bool queues, bool *whole)
{
	struct netlink_request request;
	unsigned int state = 0;
	int error;

	genl_request(&request, family, CMD_QSTATS_GET);
	if (queues)
		mnl_attr_put_u32(request.header, QSTATS_SCOPE, SCOPE_OF_QUEUES);
	error = netlink_dump(netlink, &request, context->buffer, &state);
	if (error)
		return error;
	*whole &= qstats_parse(context, snapshot, context->buffer->data, context->buffer->length) && !state;
	return 0;
}

static const char *failure(const struct netlink *netlink, int error)
{
	if (error == -ENOENT || error == -EOPNOTSUPP)
		return "statistics of queues: this kernel has none (Linux 6.9 and later)";
	return netlink_reason(netlink, "statistics of queues (netdev netlink)", error);
}

static void qstats_source_read(const struct source_context *context, struct snapshot *snapshot)
{
	struct netlink netlink CLEANUP_NETLINK = NETLINK_CLOSED;
	bool whole = true;
	uint16_t family;
	int error;

	if (!device_any(context) || *context->sysroot) {
		snapshot_covered(snapshot, SOURCE_QSTATS, context->netns);
		return;
	}
	error = genl_open(context, &netlink, FAMILY, &family);
	/* The queues first: the totals then enclose them. */
	if (!error)
		error = read_scope(context, snapshot, &netlink, family, true, &whole);
	if (!error)
		error = read_scope(context, snapshot, &netlink, family, false, &whole);
	if (error)
		snapshot_missed(snapshot, SOURCE_QSTATS, context->netns, error == -ENOENT ? -EOPNOTSUPP : error,
				failure(&netlink, error));
	else if (!whole)
		snapshot_covered_partly(snapshot, SOURCE_QSTATS, context->netns,
					"the statistics of queues were cut short or changed while they were read");
	else
		snapshot_covered(snapshot, SOURCE_QSTATS, context->netns);
}

const struct source source_qstats = { SOURCE_QSTATS, SCOPE_NETNS, COST_DEAR, qstats_source_read };
