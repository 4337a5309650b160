/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interfaces with their 64-bit statistics, state and relations, from one
 * RTM_GETLINK dump per namespace (net/core/rtnetlink.c: rtnl_fill_ifinfo).
 * The dump takes the rtnl lock. Between two of them the statistics alone are
 * read (link_statistics.c).
 */
#include "source/link.h"

#include "source/device.h"

#include "base/intern.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

static const struct {
	uint16_t attribute;
	counter_id counter;
} numbers[] = {
	{ IFLA_CARRIER_CHANGES, C_LINK_CARRIER_CHANGES },
	{ IFLA_CARRIER_UP_COUNT, C_LINK_CARRIER_UP_COUNT },
	{ IFLA_CARRIER_DOWN_COUNT, C_LINK_CARRIER_DOWN_COUNT },
	{ IFLA_MTU, C_LINK_MTU },
	{ IFLA_TXQLEN, C_LINK_TXQLEN },
	{ IFLA_NUM_TX_QUEUES, C_LINK_NUM_TX_QUEUES },
	{ IFLA_NUM_RX_QUEUES, C_LINK_NUM_RX_QUEUES },
	{ IFLA_PROMISCUITY, C_LINK_PROMISCUITY },
};

/* One link on its way through the parser. */
struct reading {
	const struct source_context *context;
	struct snapshot *snapshot;
	struct object *link;
	const struct ifinfomsg *header;
	const struct nlattr *attributes[IFLA_MAX + 1];
	const struct nlattr *info[IFLA_INFO_SLAVE_DATA + 1];
	const char *kind; /* "veth", or NULL for what has no kind of its own */
};

static void add(const struct reading *reading, counter_id counter, uint64_t value)
{
	snapshot_add(reading->snapshot, counter, reading->link, value);
}

static void add_state(const struct reading *reading)
{
	const struct nlattr *const *attributes = reading->attributes;
	const struct nlattr *xdp[IFLA_XDP_ATTACHED + 1];

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (attributes[numbers[i].attribute])
			add(reading, numbers[i].counter, netlink_u32(attributes[numbers[i].attribute], 0));
	}
	/* Below it in another namespace: the index means nothing here. */
	if (attributes[IFLA_LINK] && !attributes[IFLA_LINK_NETNSID])
		add(reading, C_LINK_LOWER_IFINDEX, netlink_u32(attributes[IFLA_LINK], 0));
	add(reading, C_LINK_FLAGS_UP, !!(reading->header->ifi_flags & IFF_UP));
	if (attributes[IFLA_OPERSTATE])
		add(reading, C_LINK_OPERSTATE, netlink_u8(attributes[IFLA_OPERSTATE], 0));
	if (attributes[IFLA_CARRIER])
		add(reading, C_LINK_CARRIER, netlink_u8(attributes[IFLA_CARRIER], 0));
	netlink_nested(attributes[IFLA_XDP], 0, xdp, ARRAY_SIZE(xdp));
	if (xdp[IFLA_XDP_ATTACHED])
		add(reading, C_LINK_XDP, netlink_u8(xdp[IFLA_XDP_ATTACHED], 0) != XDP_ATTACHED_NONE);
}

static const char *plain_kind(uint16_t type)
{
	if (type == ARPHRD_LOOPBACK)
		return "loopback";
	return type == ARPHRD_ETHER ? "ether" : "none";
}

static void label_address(struct object *link, const struct nlattr *address)
{
	static const char digits[] = "0123456789abcdef";
	size_t length = address ? mnl_attr_get_payload_len(address) : 0;
	const unsigned char *bytes = length ? mnl_attr_get_payload(address) : NULL;
	char text[3 * 32];

	if (!length || length > sizeof(text) / 3)
		return;
	for (size_t i = 0; i < length; i++) {
		text[3 * i] = digits[bytes[i] >> 4];
		text[3 * i + 1] = digits[bytes[i] & 15];
		text[3 * i + 2] = ':';
	}
	text[3 * length - 1] = '\0';
	object_label(link, LABEL_ADDRESS, text);
}

struct object *link_object(const struct source_context *context, uint32_t ifindex)
{
	struct object_key key = { OBJECT_LINK, context->netns->key.netns, ifindex, 0 };

	return ifindex ? object_intern(context->objects, key, NULL) : NULL;
}

/* The other end of a pair: here, or in a namespace that has yet to be found. */
static void relate_peer(const struct reading *reading, struct link_remotes *remotes)
{
	uint32_t ifindex = netlink_u32(reading->attributes[IFLA_LINK], 0);
	const struct nlattr *nsid = reading->attributes[IFLA_LINK_NETNSID];
	struct object *link = reading->link;
	const struct object *known = link->peer ? object_get(reading->context->objects, link->peer) : NULL;
	struct link_remote *remote;

	if (!ifindex || !reading->kind || (strcmp(reading->kind, "veth") != 0 && strcmp(reading->kind, "netkit") != 0))
		return;
	if (known && known->key.a == ifindex && (known->key.netns != link->key.netns) == (nsid != NULL))
		return;
	link->peer = 0;
	if (!nsid) {
		const struct object *peer = link_object(reading->context, ifindex);

		link->peer = peer ? peer->id : 0;
		return;
	}
	remote = vec_add(&remotes->list, LINK_REMOTES_MAX);
	if (remote)
		*remote = (struct link_remote){ link, ifindex, (int32_t)netlink_u32(nsid, UINT32_MAX) };
}

static void link_read(struct reading *reading, struct link_remotes *remotes)
{
	const struct object *master = link_object(reading->context, netlink_u32(reading->attributes[IFLA_MASTER], 0));
	const char *name = netlink_string(reading->attributes[IFLA_IFNAME]), *master_kind;

	netlink_nested(reading->attributes[IFLA_LINKINFO], 0, reading->info, ARRAY_SIZE(reading->info));
	reading->kind = netlink_string(reading->info[IFLA_INFO_KIND]);
	master_kind = netlink_string(reading->info[IFLA_INFO_SLAVE_KIND]);
	if (name)
		object_label(reading->link, LABEL_NAME, name);
	object_label(reading->link, LABEL_KIND, reading->kind ? reading->kind : plain_kind(reading->header->ifi_type));
	label_address(reading->link, reading->attributes[IFLA_ADDRESS]);
	device_label(reading->link, netlink_string(reading->attributes[IFLA_PARENT_DEV_BUS_NAME]),
		     netlink_string(reading->attributes[IFLA_PARENT_DEV_NAME]));
	reading->link->parent = master ? master->id : 0;
	relate_peer(reading, remotes);
	link_add_statistics(reading->snapshot, reading->link, reading->attributes[IFLA_STATS64]);
	add_state(reading);
	if (reading->kind)
		link_add_kind(reading->snapshot, reading->link, reading->kind, reading->info[IFLA_INFO_DATA]);
	if (master_kind)
		link_add_membership(reading->snapshot, reading->link, master_kind, reading->info[IFLA_INFO_SLAVE_DATA]);
}

bool link_parse(const struct source_context *context, struct snapshot *snapshot, const void *bytes, size_t length,
		struct link_remotes *remotes)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	struct reading reading = { .context = context, .snapshot = snapshot };
	const struct nlmsghdr *message;

	while ((message = netlink_next(&walk, sizeof(struct ifinfomsg)))) {
		if (message->nlmsg_type != RTM_NEWLINK)
			continue;
		reading.header = mnl_nlmsg_get_payload(message);
		if (reading.header->ifi_index <= 0)
			continue;
		reading.link = link_object(context, (uint32_t)reading.header->ifi_index);
		if (!reading.link)
			return false;
		netlink_attributes(message, sizeof(struct ifinfomsg), reading.attributes,
				   ARRAY_SIZE(reading.attributes));
		link_read(&reading, remotes);
	}
	return !walk.broken;
}

static int link_dump(const struct source_context *context, struct netlink *netlink, unsigned int *ret_state)
{
	struct netlink_request request;

	netlink_request(&request, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
	return netlink_dump(netlink, &request, context->buffer, ret_state);
}

static void link_source_read(const struct source_context *context, struct snapshot *snapshot)
{
	struct netlink netlink CLEANUP_NETLINK = NETLINK_CLOSED;
	struct link_remotes remotes = { 0 };
	unsigned int state = 0;
	size_t links;
	int error = *context->sysroot ? -EOPNOTSUPP : netlink_open(&netlink, NETLINK_ROUTE);

	if (!error && !link_list_is_due(context) && link_statistics_read(context, &netlink, snapshot)) {
		snapshot_covered(snapshot, SOURCE_LINK, context->netns);
		return;
	}
	if (!error)
		error = link_dump(context, &netlink, &state);
	if (error) {
		snapshot_missed(snapshot, SOURCE_LINK, context->netns, error,
				netlink_reason(&netlink, "listing the interfaces (RTM_GETLINK)", error));
		return;
	}
	links = link_count(context->buffer->data, context->buffer->length);
	if (!link_parse(context, snapshot, context->buffer->data, context->buffer->length, &remotes) || state)
		snapshot_covered_partly(snapshot, SOURCE_LINK, context->netns,
					"the list of interfaces was cut short or changed while it was read");
	else
		snapshot_covered(snapshot, SOURCE_LINK, context->netns);
	snapshot_add(snapshot, C_LINK_LISTED, context->netns, links);
	link_peers_find(context, &netlink, &remotes);
	vec_free(&remotes.list);
}

const struct source source_link = { SOURCE_LINK, SCOPE_NETNS, COST_CHEAP, link_source_read };
