/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/port: spanning tree and LACP statistics as RTM_GETSTATS gives them, /proc/net/bonding, a team's list of ports. */
#include "source/port.h"

#include "source/link.h"
#include "unit/netlink_fixture.h"

#include <linux/genetlink.h>
#include <linux/if_bonding.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/if_team.h>
#include <linux/rtnetlink.h>

static void statistics_begin(struct netlink_request *request, uint32_t ifindex)
{
	struct if_stats_msg *header = netlink_request(request, RTM_NEWSTATS, 0, sizeof(*header));

	header->ifindex = ifindex;
}

static bool parse(struct fixture *fixture, const struct netlink_request *request)
{
	return port_parse_statistics(&fixture->context, &fixture->snapshot, request->bytes, request->header->nlmsg_len);
}

static void spanning_tree_of_a_port(void **state)
{
	struct bridge_stp_xstats stats = { 3, 4, 500, 6, 7, 8 };
	struct netlink_request request;
	struct nlattr *slave, *kind;
	struct fixture fixture;
	const struct object *link;

	fixture_begin(&fixture);
	statistics_begin(&request, 9);
	slave = mnl_attr_nest_start(request.header, IFLA_STATS_LINK_XSTATS_SLAVE);
	kind = mnl_attr_nest_start(request.header, LINK_XSTATS_TYPE_BRIDGE);
	mnl_attr_put(request.header, BRIDGE_XSTATS_STP, sizeof(stats), &stats);
	mnl_attr_nest_end(request.header, kind);
	mnl_attr_nest_end(request.header, slave);
	assert_true(parse(&fixture, &request));
	link = link_object(&fixture.context, 9);
	assert_int_equal(fixture_value(&fixture, C_PORT_STP_BLOCKED, link), 3);
	assert_int_equal(fixture_value(&fixture, C_PORT_STP_FORWARDING, link), 4);
	assert_int_equal(fixture_value(&fixture, C_PORT_BPDU_RECEIVED, link), 500);
	assert_int_equal(fixture_value(&fixture, C_PORT_TCN_RECEIVED, link), 7);
	assert_int_equal(fixture_value(&fixture, C_PORT_TCN_SENT, link), 8);
	fixture_end(&fixture);
}

/* A structure that ends after two members: what is not there is not sampled. */
static void a_shorter_structure_is_taken_as_far_as_it_goes(void **state)
{
	struct bridge_stp_xstats stats = { 3, 4, 500, 6, 7, 8 };
	struct netlink_request request;
	struct nlattr *slave, *kind;
	struct fixture fixture;
	const struct object *link;

	fixture_begin(&fixture);
	statistics_begin(&request, 9);
	slave = mnl_attr_nest_start(request.header, IFLA_STATS_LINK_XSTATS_SLAVE);
	kind = mnl_attr_nest_start(request.header, LINK_XSTATS_TYPE_BRIDGE);
	mnl_attr_put(request.header, BRIDGE_XSTATS_STP, 16, &stats);
	mnl_attr_nest_end(request.header, kind);
	mnl_attr_nest_end(request.header, slave);
	assert_true(parse(&fixture, &request));
	link = link_object(&fixture.context, 9);
	assert_int_equal(fixture_value(&fixture, C_PORT_STP_FORWARDING, link), 4);
	assert_false(fixture_has(&fixture, C_PORT_BPDU_RECEIVED, link));
	fixture_end(&fixture);
}

static void lacp_of_a_member(void **state)
{
	struct netlink_request request;
	struct nlattr *slave, *kind, *lacp;
	struct fixture fixture;
	const struct object *link;

	fixture_begin(&fixture);
	statistics_begin(&request, 4);
	slave = mnl_attr_nest_start(request.header, IFLA_STATS_LINK_XSTATS_SLAVE);
	kind = mnl_attr_nest_start(request.header, LINK_XSTATS_TYPE_BOND);
	lacp = mnl_attr_nest_start(request.header, BOND_XSTATS_3AD);
	mnl_attr_put_u64(request.header, BOND_3AD_STAT_LACPDU_RX, 20);
	mnl_attr_put_u64(request.header, BOND_3AD_STAT_LACPDU_TX, 30);
	mnl_attr_put_u64(request.header, BOND_3AD_STAT_LACPDU_ILLEGAL_RX, 1);
	mnl_attr_nest_end(request.header, lacp);
	mnl_attr_nest_end(request.header, kind);
	mnl_attr_nest_end(request.header, slave);
	assert_true(parse(&fixture, &request));
	link = link_object(&fixture.context, 4);
	assert_int_equal(fixture_value(&fixture, C_PORT_LACPDU_RECEIVED, link), 20);
	assert_int_equal(fixture_value(&fixture, C_PORT_LACPDU_SENT, link), 30);
	assert_int_equal(fixture_value(&fixture, C_PORT_LACPDU_ILLEGAL, link), 1);
	assert_false(fixture_has(&fixture, C_PORT_LACPDU_UNKNOWN, link));
	fixture_end(&fixture);
}

/* Devices that are no ports come in the same answer, without any statistics; a cut answer is noticed. */
static void other_devices_and_cuts(void **state)
{
	struct netlink_request request;
	struct fixture fixture;

	fixture_begin(&fixture);
	statistics_begin(&request, 1);
	assert_true(parse(&fixture, &request));
	assert_int_equal(fixture.snapshot.samples.count, 0);
	assert_false(port_parse_statistics(&fixture.context, &fixture.snapshot, request.bytes,
					   request.header->nlmsg_len - 4));
	fixture_end(&fixture);
}

static void churn_by_the_members_names(void **state)
{
	static const char text[] = "Ethernet Channel Bonding Driver: v6.1.0\n"
				   "Bonding Mode: IEEE 802.3ad Dynamic link aggregation\n"
				   "Partner Churned Count: 99\n"
				   "\n"
				   "Slave Interface: gone0\n"
				   "Partner Churned Count: 98\n"
				   "\n"
				   "Slave Interface: eth1\n"
				   "MII Status: up\n"
				   "Partner Churn State: churned\n"
				   "Actor Churned Count: 1\n"
				   "Partner Churned Count: 2\n"
				   "details actor lacp pdu:\n"
				   "    port state: 77\n"
				   "Actor Churned Count: many\n";
	struct fixture fixture;
	struct object *link;

	fixture_begin(&fixture);
	link = link_object(&fixture.context, 5);
	object_label(link, LABEL_NAME, "eth1");
	port_parse_bonding(&fixture.context, &fixture.snapshot, cursor_of(text, sizeof(text) - 1));
	assert_int_equal(fixture_value(&fixture, C_PORT_ACTOR_CHURNED, link), 1);
	assert_int_equal(fixture_value(&fixture, C_PORT_PARTNER_CHURNED, link), 2);
	assert_int_equal(fixture.snapshot.samples.count, 2);
	fixture_end(&fixture);
}

static void ports_of_a_team(void **state)
{
	struct netlink_request request;
	struct genlmsghdr *header = netlink_request(&request, 30, 0, sizeof(*header));
	struct nlattr *list, *item;
	struct fixture fixture;

	header->cmd = TEAM_CMD_PORT_LIST_GET;
	list = mnl_attr_nest_start(request.header, TEAM_ATTR_LIST_PORT);
	item = mnl_attr_nest_start(request.header, TEAM_ATTR_ITEM_PORT);
	mnl_attr_put_u32(request.header, TEAM_ATTR_PORT_IFINDEX, 5);
	mnl_attr_put(request.header, TEAM_ATTR_PORT_LINKUP, 0, NULL);
	mnl_attr_nest_end(request.header, item);
	item = mnl_attr_nest_start(request.header, TEAM_ATTR_ITEM_PORT);
	mnl_attr_put_u32(request.header, TEAM_ATTR_PORT_IFINDEX, 6);
	mnl_attr_nest_end(request.header, item);
	item = mnl_attr_nest_start(request.header, TEAM_ATTR_ITEM_PORT);
	mnl_attr_put_u32(request.header, TEAM_ATTR_PORT_IFINDEX, 7);
	mnl_attr_put(request.header, TEAM_ATTR_PORT_REMOVED, 0, NULL);
	mnl_attr_nest_end(request.header, item);
	mnl_attr_nest_end(request.header, list);
	fixture_begin(&fixture);
	assert_true(port_parse_team(&fixture.context, &fixture.snapshot, request.bytes, request.header->nlmsg_len));
	assert_int_equal(fixture_value(&fixture, C_PORT_TEAM_LINK_UP, link_object(&fixture.context, 5)), 1);
	assert_int_equal(fixture_value(&fixture, C_PORT_TEAM_LINK_UP, link_object(&fixture.context, 6)), 0);
	assert_false(fixture_has(&fixture, C_PORT_TEAM_LINK_UP, link_object(&fixture.context, 7)));
	fixture_end(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spanning_tree_of_a_port),
		cmocka_unit_test(a_shorter_structure_is_taken_as_far_as_it_goes),
		cmocka_unit_test(lacp_of_a_member),
		cmocka_unit_test(other_devices_and_cuts),
		cmocka_unit_test(churn_by_the_members_names),
		cmocka_unit_test(ports_of_a_team),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
