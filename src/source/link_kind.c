/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each kind of device says about itself (IFLA_INFO_DATA) and about its
 * members (IFLA_INFO_SLAVE_DATA): bridges and their ports, bonds and their
 * members, VLANs, macvlans and tunnels. Formats: include/uapi/linux/if_link.h; fillers:
 * net/bridge/br_netlink.c, drivers/net/bonding/bond_netlink.c, drivers/net/macvlan.c.
 * A port's switches are sampled only while they differ from what a new port has.
 */
#include "source/link.h"

#include <linux/if_bonding.h>
#include <linux/if_link.h>
#include <string.h>

/* Enumerators since 6.7; the numbers are the kernel's for good. */
enum {
	BR_FDB_N_LEARNED = IFLA_BR_MCAST_QUERIER_STATE + 1,
	BR_FDB_MAX_LEARNED,
};

enum number_form {
	NUMBER_U8,
	NUMBER_U16,
	NUMBER_U32,
};

struct number_row {
	uint16_t attribute;
	enum number_form form;
	counter_id counter;
};

static const struct number_row bridge_rows[] = {
	{ IFLA_BR_STP_STATE, NUMBER_U32, C_LINK_BRIDGE_STP },
	{ IFLA_BR_TOPOLOGY_CHANGE, NUMBER_U8, C_LINK_BRIDGE_TOPOLOGY_CHANGE },
	{ IFLA_BR_ROOT_PORT, NUMBER_U16, C_LINK_BRIDGE_ROOT_PORT },
	{ IFLA_BR_VLAN_FILTERING, NUMBER_U8, C_LINK_BRIDGE_VLAN_FILTERING },
	{ BR_FDB_N_LEARNED, NUMBER_U32, C_LINK_BRIDGE_FDB_LEARNED },
	{ BR_FDB_MAX_LEARNED, NUMBER_U32, C_LINK_BRIDGE_FDB_MAX },
};

static const struct number_row bond_rows[] = {
	{ IFLA_BOND_MODE, NUMBER_U8, C_LINK_BOND_MODE },
	{ IFLA_BOND_ACTIVE_SLAVE, NUMBER_U32, C_LINK_BOND_ACTIVE },
	{ IFLA_BOND_MIIMON, NUMBER_U32, C_LINK_BOND_MIIMON },
	{ IFLA_BOND_XMIT_HASH_POLICY, NUMBER_U8, C_LINK_BOND_HASH_POLICY },
};

static const struct number_row aggregator_rows[] = {
	{ IFLA_BOND_AD_INFO_AGGREGATOR, NUMBER_U16, C_LINK_BOND_AGGREGATOR },
	{ IFLA_BOND_AD_INFO_NUM_PORTS, NUMBER_U16, C_LINK_BOND_AGGREGATOR_PORTS },
};

static const struct number_row bond_member_rows[] = {
	{ IFLA_BOND_SLAVE_STATE, NUMBER_U8, C_LINK_BOND_MEMBER_BACKUP },
	{ IFLA_BOND_SLAVE_MII_STATUS, NUMBER_U8, C_LINK_BOND_MEMBER_MII },
	{ IFLA_BOND_SLAVE_LINK_FAILURE_COUNT, NUMBER_U32, C_LINK_BOND_MEMBER_FAILURES },
	{ IFLA_BOND_SLAVE_AD_AGGREGATOR_ID, NUMBER_U16, C_LINK_BOND_MEMBER_AGGREGATOR },
	{ IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE, NUMBER_U8, C_LINK_BOND_MEMBER_ACTOR_STATE },
	{ IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE, NUMBER_U16, C_LINK_BOND_MEMBER_PARTNER_STATE },
};

static const struct number_row vlan_rows[] = {
	{ IFLA_VLAN_ID, NUMBER_U16, C_LINK_VLAN_ID },
};

static const struct number_row macvlan_rows[] = {
	{ IFLA_MACVLAN_MODE, NUMBER_U32, C_LINK_MACVLAN_MODE },
	{ IFLA_MACVLAN_MACADDR_COUNT, NUMBER_U32, C_LINK_MACVLAN_ADDRESSES },
	{ IFLA_MACVLAN_BC_QUEUE_LEN_USED, NUMBER_U32, C_LINK_MACVLAN_QUEUE_LENGTH },
};

static void add_numbers(struct snapshot *snapshot, const struct object *link, const struct number_row *rows,
			size_t count, const struct nlattr *const *attributes)
{
	for (size_t i = 0; i < count; i++) {
		const struct nlattr *attribute = attributes[rows[i].attribute];
		uint64_t value = UINT64_MAX;

		if (!attribute)
			continue;
		switch (rows[i].form) {
		case NUMBER_U8:
			value = netlink_u8(attribute, 0);
			break;
		case NUMBER_U16:
			value = netlink_u16(attribute, 0);
			break;
		case NUMBER_U32:
			value = netlink_u32(attribute, 0);
			break;
		}
		snapshot_add(snapshot, rows[i].counter, link, value);
	}
}

static void add_bridge(struct snapshot *snapshot, const struct object *link, const struct nlattr *data)
{
	const struct nlattr *attributes[BR_FDB_MAX_LEARNED + 1];

	netlink_nested(data, 0, attributes, ARRAY_SIZE(attributes));
	add_numbers(snapshot, link, bridge_rows, ARRAY_SIZE(bridge_rows), attributes);
}

static void add_bond(struct snapshot *snapshot, const struct object *link, const struct nlattr *data)
{
	const struct nlattr *attributes[IFLA_BOND_MAX + 1], *aggregator[IFLA_BOND_AD_INFO_MAX + 1];

	netlink_nested(data, 0, attributes, ARRAY_SIZE(attributes));
	add_numbers(snapshot, link, bond_rows, ARRAY_SIZE(bond_rows), attributes);
	netlink_nested(attributes[IFLA_BOND_AD_INFO], 0, aggregator, ARRAY_SIZE(aggregator));
	add_numbers(snapshot, link, aggregator_rows, ARRAY_SIZE(aggregator_rows), aggregator);
}

static void add_vlan(struct snapshot *snapshot, const struct object *link, const struct nlattr *data)
{
	const struct nlattr *attributes[IFLA_VLAN_MAX + 1];

	netlink_nested(data, 0, attributes, ARRAY_SIZE(attributes));
	add_numbers(snapshot, link, vlan_rows, ARRAY_SIZE(vlan_rows), attributes);
}

static void add_macvlan(struct snapshot *snapshot, const struct object *link, const struct nlattr *data)
{
	const struct nlattr *attributes[IFLA_MACVLAN_MAX + 1];

	netlink_nested(data, 0, attributes, ARRAY_SIZE(attributes));
	add_numbers(snapshot, link, macvlan_rows, ARRAY_SIZE(macvlan_rows), attributes);
}

static void add_vxlan(struct snapshot *snapshot, const struct object *link, const struct nlattr *data)
{
	const struct nlattr *attributes[IFLA_VXLAN_LOCAL6 + 1];

	netlink_nested(data, 0, attributes, ARRAY_SIZE(attributes));
	if (attributes[IFLA_VXLAN_LINK])
		snapshot_add(snapshot, C_LINK_VXLAN_LOWER, link, netlink_u32(attributes[IFLA_VXLAN_LINK], 0));
	snapshot_add(snapshot, C_LINK_TUNNEL_IPV6, link,
		     attributes[IFLA_VXLAN_GROUP6] || attributes[IFLA_VXLAN_LOCAL6]);
}

static void add_geneve(struct snapshot *snapshot, const struct object *link, const struct nlattr *data)
{
	const struct nlattr *attributes[IFLA_GENEVE_REMOTE6 + 1];

	netlink_nested(data, 0, attributes, ARRAY_SIZE(attributes));
	snapshot_add(snapshot, C_LINK_TUNNEL_IPV6, link, attributes[IFLA_GENEVE_REMOTE6] != NULL);
}

/* Tunnels whose kind tells the address family they send over. */
static void add_tunnel(struct snapshot *snapshot, const struct object *link, const char *kind)
{
	static const char *const over4[] = { "gre", "gretap", "ipip", "sit", "erspan", "vti" };
	static const char *const over6[] = { "ip6gre", "ip6gretap", "ip6tnl", "ip6erspan", "vti6" };

	if (text_is_one_of(kind, over4, ARRAY_SIZE(over4)))
		snapshot_add(snapshot, C_LINK_TUNNEL_IPV6, link, 0);
	else if (text_is_one_of(kind, over6, ARRAY_SIZE(over6)))
		snapshot_add(snapshot, C_LINK_TUNNEL_IPV6, link, 1);
}

void link_add_kind(struct snapshot *snapshot, const struct object *link, const char *kind, const struct nlattr *data)
{
	static const struct {
		const char *kind;
		void (*add)(struct snapshot *snapshot, const struct object *link, const struct nlattr *data);
	} rows[] = {
		{ "bridge", add_bridge },   { "bond", add_bond },	{ "vlan", add_vlan },
		{ "macvlan", add_macvlan }, { "macvtap", add_macvlan }, { "vxlan", add_vxlan },
		{ "geneve", add_geneve },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(kind, rows[i].kind) == 0) {
			rows[i].add(snapshot, link, data);
			return;
		}
	}
	add_tunnel(snapshot, link, kind);
}

/* ---- members ---- */

/* Switches of a bridge port, sampled as 1 while they are not what a new port has. */
static const struct {
	uint16_t attribute;
	uint8_t usual;
	counter_id counter;
} port_switches[] = {
	{ IFLA_BRPORT_LEARNING, 1, C_LINK_PORT_NO_LEARNING },
	{ IFLA_BRPORT_UNICAST_FLOOD, 1, C_LINK_PORT_NO_UNICAST_FLOOD },
	{ IFLA_BRPORT_MCAST_FLOOD, 1, C_LINK_PORT_NO_MULTICAST_FLOOD },
	{ IFLA_BRPORT_BCAST_FLOOD, 1, C_LINK_PORT_NO_BROADCAST_FLOOD },
	{ IFLA_BRPORT_ISOLATED, 0, C_LINK_PORT_ISOLATED },
	{ IFLA_BRPORT_LOCKED, 0, C_LINK_PORT_LOCKED },
};

static void add_bridge_port(struct snapshot *snapshot, const struct object *link, const struct nlattr *data)
{
	const struct nlattr *attributes[IFLA_BRPORT_MAX + 1];

	netlink_nested(data, 0, attributes, ARRAY_SIZE(attributes));
	if (attributes[IFLA_BRPORT_STATE])
		snapshot_add(snapshot, C_LINK_BRIDGE_PORT_STATE, link, netlink_u8(attributes[IFLA_BRPORT_STATE], 0));
	for (size_t i = 0; i < ARRAY_SIZE(port_switches); i++) {
		uint8_t usual = port_switches[i].usual;

		if (netlink_u8(attributes[port_switches[i].attribute], usual) != usual)
			snapshot_add(snapshot, port_switches[i].counter, link, 1);
	}
}

void link_add_membership(struct snapshot *snapshot, const struct object *link, const char *kind,
			 const struct nlattr *data)
{
	const struct nlattr *attributes[IFLA_BOND_SLAVE_MAX + 1];

	if (strcmp(kind, "bridge") == 0)
		add_bridge_port(snapshot, link, data);
	if (strcmp(kind, "bond") != 0)
		return;
	netlink_nested(data, 0, attributes, ARRAY_SIZE(attributes));
	add_numbers(snapshot, link, bond_member_rows, ARRAY_SIZE(bond_member_rows), attributes);
}
