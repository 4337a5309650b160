/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Open vSwitch in the kernel: how many packets found a flow, how many had to be asked about (upcalls) and how many of
 * those were lost because the questions did not fit into the socket of ovs-vswitchd (generic netlink,
 * include/uapi/linux/openvswitch.h; net/openvswitch/datapath.c: ovs_dp_upcall). A kernel or host without it has nothing
 * to lose there. Since 6.3 each port counts its own upcalls.
 */
#include "source/openvswitch.h"
#include "source/genl.h"
#include "source/link.h"

#include "base/intern.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/openvswitch.h>
#include <string.h>

/* Enumerators since 6.3; the numbers are the kernel's for good. */
enum {
	VPORT_ATTR_UPCALL_STATS = OVS_VPORT_ATTR_NETNSID + 1,
};
enum {
	VPORT_UPCALL_SUCCESS,
	VPORT_UPCALL_FAIL,
};

#define HEADERS_SIZE (sizeof(struct genlmsghdr) + sizeof(struct ovs_header))

static struct object *bridge_object(const struct source_context *context, const struct nlmsghdr *message)
{
	struct ovs_header header;

	memcpy(&header, (const char *)mnl_nlmsg_get_payload(message) + sizeof(struct genlmsghdr), sizeof(header));
	return header.dp_ifindex > 0 ? link_object(context, (uint32_t)header.dp_ifindex) : NULL;
}

bool openvswitch_parse_datapaths(const struct source_context *context, struct snapshot *snapshot, const void *bytes,
				 size_t length)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message;

	while ((message = netlink_next(&walk, HEADERS_SIZE))) {
		const struct nlattr *attributes[OVS_DP_ATTR_STATS + 1];
		struct object *bridge = bridge_object(context, message);
		const char *name;
		struct ovs_dp_stats stats;

		netlink_attributes(message, HEADERS_SIZE, attributes, ARRAY_SIZE(attributes));
		name = netlink_string(attributes[OVS_DP_ATTR_NAME]);
		if (!bridge || netlink_copy(attributes[OVS_DP_ATTR_STATS], &stats, sizeof(stats)) < sizeof(stats))
			continue;
		if (name)
			object_label(bridge, LABEL_NAME, name);
		snapshot_add(snapshot, C_OVS_HIT, bridge, stats.n_hit);
		snapshot_add(snapshot, C_OVS_MISSED, bridge, stats.n_missed);
		snapshot_add(snapshot, C_OVS_LOST, bridge, stats.n_lost);
		snapshot_add(snapshot, C_OVS_FLOWS, bridge, stats.n_flows);
	}
	return !walk.broken;
}

bool openvswitch_parse_ports(const struct source_context *context, struct snapshot *snapshot, const void *bytes,
			     size_t length)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message;

	while ((message = netlink_next(&walk, HEADERS_SIZE))) {
		const struct nlattr *attributes[VPORT_ATTR_UPCALL_STATS + 1], *upcalls[VPORT_UPCALL_FAIL + 1];
		const struct object *port;

		netlink_attributes(message, HEADERS_SIZE, attributes, ARRAY_SIZE(attributes));
		port = link_object(context, netlink_u32(attributes[OVS_VPORT_ATTR_IFINDEX], 0));
		if (!port || attributes[OVS_VPORT_ATTR_NETNSID]) /* a port that was moved to another namespace */
			continue;
		netlink_nested(attributes[VPORT_ATTR_UPCALL_STATS], 0, upcalls, ARRAY_SIZE(upcalls));
		if (!upcalls[VPORT_UPCALL_SUCCESS] || !upcalls[VPORT_UPCALL_FAIL])
			continue;
		snapshot_add(snapshot, C_OVS_PORT_UPCALLS, port, netlink_u64(upcalls[VPORT_UPCALL_SUCCESS], 0));
		snapshot_add(snapshot, C_OVS_PORT_UPCALLS_FAILED, port, netlink_u64(upcalls[VPORT_UPCALL_FAIL], 0));
	}
	return !walk.broken;
}

static int dump(const struct source_context *context, struct netlink *netlink, uint16_t family, uint8_t command,
		bool *whole)
{
	struct netlink_request request;
	unsigned int state = 0;
	int error;

	genl_request(&request, family, command);
	mnl_nlmsg_put_extra_header(request.header, sizeof(struct ovs_header));
	error = netlink_dump(netlink, &request, context->buffer, &state);
	*whole &= !state;
	return error;
}

static int read_datapaths(const struct source_context *context, struct snapshot *snapshot, bool *whole)
{
	struct netlink netlink CLEANUP_NETLINK = NETLINK_CLOSED;
	uint16_t family = 0;
	int error = genl_open(context, &netlink, OVS_DATAPATH_FAMILY, &family);

	if (!error)
		error = dump(context, &netlink, family, OVS_DP_CMD_GET, whole);
	if (!error)
		*whole &=
			openvswitch_parse_datapaths(context, snapshot, context->buffer->data, context->buffer->length);
	return error;
}

static int read_ports(const struct source_context *context, struct snapshot *snapshot, bool *whole)
{
	struct netlink netlink CLEANUP_NETLINK = NETLINK_CLOSED;
	uint16_t family = 0;
	int error = genl_open(context, &netlink, OVS_VPORT_FAMILY, &family);

	if (!error)
		error = dump(context, &netlink, family, OVS_VPORT_CMD_GET, whole);
	if (!error)
		*whole &= openvswitch_parse_ports(context, snapshot, context->buffer->data, context->buffer->length);
	return error;
}

static void openvswitch_read(const struct source_context *context, struct snapshot *snapshot)
{
	bool whole = true;
	int error = read_datapaths(context, snapshot, &whole);

	if (!error)
		error = read_ports(context, snapshot, &whole);
	if (error == -ENOENT)
		error = 0; /* no Open vSwitch in this kernel */
	if (error)
		snapshot_missed(snapshot, SOURCE_OPENVSWITCH, context->netns, error,
				text_internf("listing the Open vSwitch datapaths (generic netlink): %s",
					     source_error_phrase(error)));
	else if (!whole)
		snapshot_covered_partly(snapshot, SOURCE_OPENVSWITCH, context->netns,
					"the list of datapaths was cut short or changed while it was read");
	else
		snapshot_covered(snapshot, SOURCE_OPENVSWITCH, context->netns);
}

const struct source source_openvswitch = { SOURCE_OPENVSWITCH, SCOPE_NETNS, COST_MIDDLE, openvswitch_read };
