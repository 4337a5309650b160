/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/link_kind: what bridges, bonds, macvlans and their members say; messages are made as the kernel's fillers do. */
#include "source/link.h"
#include "unit/netlink_fixture.h"

#include <linux/if_bonding.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

struct made {
	struct fixture base;
	struct netlink_request request;
	struct nlattr *info, *data;
	const struct object *link;
};

/* An RTM_NEWLINK up to the data of its kind (or of its master's kind), into which a test puts attributes. */
static void made_begin(struct made *made, const char *kind, bool member)
{
	struct ifinfomsg *header;

	*made = (struct made){ 0 };
	fixture_begin(&made->base);
	header = netlink_request(&made->request, RTM_NEWLINK, 0, sizeof(*header));
	header->ifi_index = 3;
	mnl_attr_put_strz(made->request.header, IFLA_IFNAME, "dev0");
	made->info = mnl_attr_nest_start(made->request.header, IFLA_LINKINFO);
	mnl_attr_put_strz(made->request.header, member ? IFLA_INFO_SLAVE_KIND : IFLA_INFO_KIND, kind);
	made->data = mnl_attr_nest_start(made->request.header, member ? IFLA_INFO_SLAVE_DATA : IFLA_INFO_DATA);
}

static void made_parse(struct made *made)
{
	struct link_remotes remotes = { 0 };

	mnl_attr_nest_end(made->request.header, made->data);
	mnl_attr_nest_end(made->request.header, made->info);
	assert_true(link_parse(&made->base.context, &made->base.snapshot, made->request.bytes,
			       made->request.header->nlmsg_len, &remotes));
	vec_free(&remotes.list);
	made->link = fixture_object(&made->base, OBJECT_LINK, "dev0");
}

static void a_bridge_tells_its_spanning_tree_and_table(void **state)
{
	struct made made;
	struct nlmsghdr *message;

	made_begin(&made, "bridge", false);
	message = made.request.header;
	mnl_attr_put_u32(message, IFLA_BR_STP_STATE, 1);
	mnl_attr_put_u8(message, IFLA_BR_TOPOLOGY_CHANGE, 1);
	mnl_attr_put_u16(message, IFLA_BR_ROOT_PORT, 2);
	mnl_attr_put_u8(message, IFLA_BR_VLAN_FILTERING, 1);
	mnl_attr_put_u32(message, IFLA_BR_MCAST_QUERIER_STATE + 1, 77);
	mnl_attr_put_u32(message, IFLA_BR_MCAST_QUERIER_STATE + 2, 100);
	made_parse(&made);
	assert_int_equal(fixture_value(&made.base, C_LINK_BRIDGE_STP, made.link), 1);
	assert_int_equal(fixture_value(&made.base, C_LINK_BRIDGE_TOPOLOGY_CHANGE, made.link), 1);
	assert_int_equal(fixture_value(&made.base, C_LINK_BRIDGE_ROOT_PORT, made.link), 2);
	assert_int_equal(fixture_value(&made.base, C_LINK_BRIDGE_VLAN_FILTERING, made.link), 1);
	assert_int_equal(fixture_value(&made.base, C_LINK_BRIDGE_FDB_LEARNED, made.link), 77);
	assert_int_equal(fixture_value(&made.base, C_LINK_BRIDGE_FDB_MAX, made.link), 100);
	fixture_end(&made.base);
}

static void a_port_shows_only_unusual_switches(void **state)
{
	struct made made;
	struct nlmsghdr *message;

	made_begin(&made, "bridge", true);
	message = made.request.header;
	mnl_attr_put_u8(message, IFLA_BRPORT_STATE, 3);
	mnl_attr_put_u8(message, IFLA_BRPORT_LEARNING, 1);
	mnl_attr_put_u8(message, IFLA_BRPORT_UNICAST_FLOOD, 0);
	mnl_attr_put_u8(message, IFLA_BRPORT_BCAST_FLOOD, 1);
	mnl_attr_put_u8(message, IFLA_BRPORT_ISOLATED, 1);
	made_parse(&made);
	assert_int_equal(fixture_value(&made.base, C_LINK_BRIDGE_PORT_STATE, made.link), 3);
	assert_int_equal(fixture_value(&made.base, C_LINK_PORT_NO_UNICAST_FLOOD, made.link), 1);
	assert_int_equal(fixture_value(&made.base, C_LINK_PORT_ISOLATED, made.link), 1);
	assert_false(fixture_has(&made.base, C_LINK_PORT_NO_LEARNING, made.link));
	assert_false(fixture_has(&made.base, C_LINK_PORT_NO_BROADCAST_FLOOD, made.link));
	assert_false(fixture_has(&made.base, C_LINK_PORT_NO_MULTICAST_FLOOD, made.link)); /* not said at all */
	fixture_end(&made.base);
}

static void a_bond_tells_its_mode_and_aggregator(void **state)
{
	struct made made;
	struct nlmsghdr *message;
	struct nlattr *aggregator;

	made_begin(&made, "bond", false);
	message = made.request.header;
	mnl_attr_put_u8(message, IFLA_BOND_MODE, BOND_MODE_8023AD);
	mnl_attr_put_u32(message, IFLA_BOND_MIIMON, 100);
	mnl_attr_put_u8(message, IFLA_BOND_XMIT_HASH_POLICY, BOND_XMIT_POLICY_LAYER34);
	aggregator = mnl_attr_nest_start(message, IFLA_BOND_AD_INFO);
	mnl_attr_put_u16(message, IFLA_BOND_AD_INFO_AGGREGATOR, 2);
	mnl_attr_put_u16(message, IFLA_BOND_AD_INFO_NUM_PORTS, 1);
	mnl_attr_nest_end(message, aggregator);
	made_parse(&made);
	assert_int_equal(fixture_value(&made.base, C_LINK_BOND_MODE, made.link), 4);
	assert_int_equal(fixture_value(&made.base, C_LINK_BOND_MIIMON, made.link), 100);
	assert_int_equal(fixture_value(&made.base, C_LINK_BOND_HASH_POLICY, made.link), 1);
	assert_int_equal(fixture_value(&made.base, C_LINK_BOND_AGGREGATOR, made.link), 2);
	assert_int_equal(fixture_value(&made.base, C_LINK_BOND_AGGREGATOR_PORTS, made.link), 1);
	assert_false(fixture_has(&made.base, C_LINK_BOND_ACTIVE, made.link));
	fixture_end(&made.base);
}

static void a_bond_member_tells_its_link_and_its_partner(void **state)
{
	struct made made;
	struct nlmsghdr *message;

	made_begin(&made, "bond", true);
	message = made.request.header;
	mnl_attr_put_u8(message, IFLA_BOND_SLAVE_STATE, BOND_STATE_BACKUP);
	mnl_attr_put_u8(message, IFLA_BOND_SLAVE_MII_STATUS, BOND_LINK_DOWN);
	mnl_attr_put_u32(message, IFLA_BOND_SLAVE_LINK_FAILURE_COUNT, 70000);
	mnl_attr_put_u16(message, IFLA_BOND_SLAVE_AD_AGGREGATOR_ID, 513);
	mnl_attr_put_u8(message, IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE, 77);
	mnl_attr_put_u16(message, IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE, 61);
	made_parse(&made);
	assert_int_equal(fixture_value(&made.base, C_LINK_BOND_MEMBER_BACKUP, made.link), 1);
	assert_int_equal(fixture_value(&made.base, C_LINK_BOND_MEMBER_MII, made.link), 2);
	assert_int_equal(fixture_value(&made.base, C_LINK_BOND_MEMBER_FAILURES, made.link), 70000);
	assert_int_equal(fixture_value(&made.base, C_LINK_BOND_MEMBER_AGGREGATOR, made.link), 513);
	assert_int_equal(fixture_value(&made.base, C_LINK_BOND_MEMBER_ACTOR_STATE, made.link), 77);
	assert_int_equal(fixture_value(&made.base, C_LINK_BOND_MEMBER_PARTNER_STATE, made.link), 61);
	fixture_end(&made.base);
}

static void a_macvlan_tells_its_mode(void **state)
{
	struct made made;

	made_begin(&made, "macvlan", false);
	mnl_attr_put_u32(made.request.header, IFLA_MACVLAN_MODE, 16);
	mnl_attr_put_u32(made.request.header, IFLA_MACVLAN_MACADDR_COUNT, 2);
	mnl_attr_put_u32(made.request.header, IFLA_MACVLAN_BC_QUEUE_LEN_USED, 1000);
	made_parse(&made);
	assert_int_equal(fixture_value(&made.base, C_LINK_MACVLAN_MODE, made.link), 16);
	assert_int_equal(fixture_value(&made.base, C_LINK_MACVLAN_ADDRESSES, made.link), 2);
	assert_int_equal(fixture_value(&made.base, C_LINK_MACVLAN_QUEUE_LENGTH, made.link), 1000);
	fixture_end(&made.base);
}

static void numbers_that_are_cut_are_zero_and_strange_kinds_nothing(void **state)
{
	struct made made;

	made_begin(&made, "bond", false);
	mnl_attr_put_u8(made.request.header, IFLA_BOND_MIIMON, 100); /* one byte of four */
	made_parse(&made);
	assert_int_equal(fixture_value(&made.base, C_LINK_BOND_MIIMON, made.link), 0);
	fixture_end(&made.base);
	made_begin(&made, "strange", false);
	mnl_attr_put_u8(made.request.header, IFLA_BOND_MODE, 4);
	made_parse(&made);
	assert_false(fixture_has(&made.base, C_LINK_BOND_MODE, made.link));
	fixture_end(&made.base);
}

static void what_lies_below_in_another_namespace_has_no_index_here(void **state)
{
	struct made made;

	made_begin(&made, "macvlan", false);
	made_parse(&made);
	mnl_attr_put_u32(made.request.header, IFLA_LINK, 2);
	mnl_attr_put_u32(made.request.header, IFLA_LINK_NETNSID, 5);
	snapshot_begin(&made.base.snapshot, made.base.objects);
	assert_true(link_parse(&made.base.context, &made.base.snapshot, made.request.bytes,
			       made.request.header->nlmsg_len, &(struct link_remotes){ 0 }));
	assert_false(fixture_has(&made.base, C_LINK_LOWER_IFINDEX, made.link));
	fixture_end(&made.base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bridge_tells_its_spanning_tree_and_table),
		cmocka_unit_test(a_port_shows_only_unusual_switches),
		cmocka_unit_test(a_bond_tells_its_mode_and_aggregator),
		cmocka_unit_test(a_bond_member_tells_its_link_and_its_partner),
		cmocka_unit_test(a_macvlan_tells_its_mode),
		cmocka_unit_test(numbers_that_are_cut_are_zero_and_strange_kinds_nothing),
		cmocka_unit_test(what_lies_below_in_another_namespace_has_no_index_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
