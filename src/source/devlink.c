/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * devlink: what switch chips and smart NICs dropped in hardware, by trap (the
 * reason), and how often their health reporters saw a part of the device fail
 * (generic netlink, include/uapi/linux/devlink.h; net/devlink/trap.c, health.c).
 * A device that counts its drops says so in rx_dropped; where the dropped packet is handed to the CPU
 * instead (action trap), rx_packets are the drops. Hosts without such devices have no devlink family or an empty list. Only the tool's own namespace is asked.
 */
#include "source/devlink.h"

#include "source/genl.h"
#include "source/procfs.h"

#include <errno.h>
#include <linux/devlink.h>
#include <linux/genetlink.h>

#define ATTRIBUTES (DEVLINK_ATTR_TRAP_GROUP_NAME + 1)

static struct object *part_object(const struct source_context *context, const struct nlattr *const *attributes,
				  const char *kind, const char *name)
{
	const char *bus = netlink_string(attributes[DEVLINK_ATTR_BUS_NAME]);
	const char *device = netlink_string(attributes[DEVLINK_ATTR_DEV_NAME]);
	CLEANUP_TEXT struct text place = { 0 }, part = { 0 };
	struct object_key key = { OBJECT_DEVLINK, 0, 0, 0 };
	uint32_t port = netlink_u32(attributes[DEVLINK_ATTR_PORT_INDEX], UINT32_MAX);
	struct object *object;

	if (!bus || !device)
		return NULL;
	text_addf(&place, "%s/%s", bus, device);
	if (port != UINT32_MAX)
		text_addf(&place, " port %u", port);
	text_addf(&part, "%s %s", kind, name);
	key.a = object_hash(text_string(&place));
	key.b = object_hash(text_string(&part));
	object = object_intern(context->objects, key, NULL);
	if (!object || *object_text(object, LABEL_NAME))
		return object;
	object_label(object, LABEL_KIND, name);
	object_labelf(object, LABEL_NAME, "%s of %s", text_string(&part), text_string(&place));
	return object;
}

static void parse_trap(const struct source_context *context, struct snapshot *snapshot,
		       const struct nlattr *const *attributes, const char *name)
{
	const struct nlattr *statistics[DEVLINK_ATTR_STATS_MAX + 1];
	bool drop = netlink_u8(attributes[DEVLINK_ATTR_TRAP_TYPE], DEVLINK_TRAP_TYPE_CONTROL) == DEVLINK_TRAP_TYPE_DROP;
	bool trapped =
		netlink_u8(attributes[DEVLINK_ATTR_TRAP_ACTION], DEVLINK_TRAP_ACTION_DROP) == DEVLINK_TRAP_ACTION_TRAP;
	const struct object *trap;
	uint64_t packets;

	netlink_nested(attributes[DEVLINK_ATTR_STATS], 0, statistics, ARRAY_SIZE(statistics));
	if (!statistics[DEVLINK_ATTR_STATS_RX_PACKETS])
		return;
	trap = part_object(context, attributes, "trap", name);
	if (!trap)
		return;
	packets = netlink_u64(statistics[DEVLINK_ATTR_STATS_RX_PACKETS], 0);
	snapshot_add(snapshot, C_DEVLINK_TRAP_PACKETS, trap, packets);
	if (statistics[DEVLINK_ATTR_STATS_RX_DROPPED])
		snapshot_add(snapshot, C_DEVLINK_TRAP_DROPS, trap,
			     netlink_u64(statistics[DEVLINK_ATTR_STATS_RX_DROPPED], 0));
	else if (drop && trapped)
		snapshot_add(snapshot, C_DEVLINK_TRAP_DROPS, trap, packets);
}

static void parse_reporter(const struct source_context *context, struct snapshot *snapshot,
			   const struct nlattr *const *attributes)
{
	static const struct {
		uint16_t attribute;
		counter_id counter;
	} rows[] = {
		{ DEVLINK_ATTR_HEALTH_REPORTER_ERR_COUNT, C_DEVLINK_HEALTH_ERRORS },
		{ DEVLINK_ATTR_HEALTH_REPORTER_RECOVER_COUNT, C_DEVLINK_HEALTH_RECOVERIES },
	};
	const struct nlattr *parts[DEVLINK_ATTR_HEALTH_REPORTER_RECOVER_COUNT + 1];
	const struct object *reporter;
	const char *name;

	netlink_nested(attributes[DEVLINK_ATTR_HEALTH_REPORTER], 0, parts, ARRAY_SIZE(parts));
	name = netlink_string(parts[DEVLINK_ATTR_HEALTH_REPORTER_NAME]);
	reporter = name ? part_object(context, attributes, "health reporter", name) : NULL;
	if (!reporter)
		return;
	snapshot_add(snapshot, C_DEVLINK_HEALTH_STATE, reporter,
		     netlink_u8(parts[DEVLINK_ATTR_HEALTH_REPORTER_STATE], 0));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (parts[rows[i].attribute])
			snapshot_add(snapshot, rows[i].counter, reporter, netlink_u64(parts[rows[i].attribute], 0));
	}
}

bool devlink_parse(const struct source_context *context, struct snapshot *snapshot, const void *bytes, size_t length)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message;

	while ((message = netlink_next(&walk, sizeof(struct genlmsghdr)))) {
		const struct nlattr *attributes[ATTRIBUTES];
		const char *trap;

		netlink_attributes(message, sizeof(struct genlmsghdr), attributes, ARRAY_SIZE(attributes));
		trap = netlink_string(attributes[DEVLINK_ATTR_TRAP_NAME]);
		if (trap)
			parse_trap(context, snapshot, attributes, trap);
		else if (attributes[DEVLINK_ATTR_HEALTH_REPORTER])
			parse_reporter(context, snapshot, attributes);
	}
	return !walk.broken;
}

static int dump(const struct source_context *context, struct snapshot *snapshot, struct netlink *netlink,
		uint16_t family, uint8_t command, bool *whole)
{
	struct netlink_request request;
	unsigned int state = 0;
	int error;

	genl_request(&request, family, command);
	error = netlink_dump(netlink, &request, context->buffer, &state);
	if (error == -EOPNOTSUPP)
		return 0; /* a kernel before that part of devlink */
	if (!error)
		*whole &= devlink_parse(context, snapshot, context->buffer->data, context->buffer->length) && !state;
	return error;
}

static void devlink_read(const struct source_context *context, struct snapshot *snapshot)
{
	struct netlink netlink CLEANUP_NETLINK = NETLINK_CLOSED;
	const struct object *host = procfs_host(context);
	uint16_t family = 0;
	bool whole = true;
	int error = genl_open(context, &netlink, DEVLINK_GENL_NAME, &family);

	if (!error)
		error = dump(context, snapshot, &netlink, family, DEVLINK_CMD_TRAP_GET, &whole);
	if (!error)
		error = dump(context, snapshot, &netlink, family, DEVLINK_CMD_HEALTH_REPORTER_GET, &whole);
	if (error == -ENOENT)
		error = 0; /* no devlink in this kernel */
	if (error)
		snapshot_missed(snapshot, SOURCE_DEVLINK, host, error,
				netlink_reason(&netlink, "listing devlink traps and health reporters", error));
	else if (!whole)
		snapshot_covered_partly(snapshot, SOURCE_DEVLINK, host,
					"the list of traps was cut short or changed while it was read");
	else
		snapshot_covered(snapshot, SOURCE_DEVLINK, host);
}

/* Drivers answer some of this from firmware: it may take long. */
const struct source source_devlink = { SOURCE_DEVLINK, SCOPE_HOST, COST_DEAR, devlink_read };
