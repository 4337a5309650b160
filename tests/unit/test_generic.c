/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/genl, source/openvswitch and source/devlink: generic netlink answers, made as the kernel's fillers do. */
#include "source/genl.h"

#include "source/devlink.h"
#include "source/link.h"
#include "source/openvswitch.h"
#include "unit/netlink_fixture.h"

#include <linux/devlink.h>
#include <linux/genetlink.h>
#include <linux/openvswitch.h>

static void family_add(struct text *bytes, const char *name, uint16_t id)
{
	struct netlink_request request;

	genl_request(&request, GENL_ID_CTRL, CTRL_CMD_NEWFAMILY);
	mnl_attr_put_u16(request.header, CTRL_ATTR_FAMILY_ID, id);
	mnl_attr_put_strz(request.header, CTRL_ATTR_FAMILY_NAME, name);
	text_add_bytes(bytes, request.bytes, request.header->nlmsg_len);
}

static void families_are_found_by_their_whole_name(void **state)
{
	CLEANUP_TEXT struct text bytes = { 0 };

	family_add(&bytes, "nlctrl", GENL_ID_CTRL);
	family_add(&bytes, "ovs_vport", 31);
	family_add(&bytes, "ovs", 32);
	assert_int_equal(genl_family_find(bytes.data, bytes.length, "ovs"), 32);
	assert_int_equal(genl_family_find(bytes.data, bytes.length, "ovs_vport"), 31);
	assert_int_equal(genl_family_find(bytes.data, bytes.length, "team"), 0);
	assert_int_equal(genl_family_find(bytes.data, 0, "ovs"), 0);
}

/* A request with Open vSwitch's own header behind the generic one. */
static void switch_begin(struct netlink_request *request, uint8_t command, int bridge)
{
	struct ovs_header *header;

	genl_request(request, 30, command);
	header = mnl_nlmsg_put_extra_header(request->header, sizeof(*header));
	header->dp_ifindex = bridge;
}

static void datapath_of_a_bridge(void **state)
{
	struct ovs_dp_stats stats = { .n_hit = 70000, .n_missed = 9000, .n_lost = 3000, .n_flows = 60 };
	struct netlink_request request;
	struct fixture fixture;
	const struct object *bridge;

	fixture_begin(&fixture);
	switch_begin(&request, OVS_DP_CMD_NEW, 5);
	mnl_attr_put_strz(request.header, OVS_DP_ATTR_NAME, "ovs-system");
	mnl_attr_put(request.header, OVS_DP_ATTR_STATS, sizeof(stats), &stats);
	assert_true(openvswitch_parse_datapaths(&fixture.context, &fixture.snapshot, request.bytes,
						request.header->nlmsg_len));
	bridge = link_object(&fixture.context, 5);
	assert_string_equal(object_text(bridge, LABEL_NAME), "ovs-system");
	assert_int_equal(fixture_value(&fixture, C_OVS_HIT, bridge), 70000);
	assert_int_equal(fixture_value(&fixture, C_OVS_MISSED, bridge), 9000);
	assert_int_equal(fixture_value(&fixture, C_OVS_LOST, bridge), 3000);
	assert_int_equal(fixture_value(&fixture, C_OVS_FLOWS, bridge), 60);
	assert_false(openvswitch_parse_datapaths(&fixture.context, &fixture.snapshot, request.bytes, 22));
	fixture_end(&fixture);
}

static void ports_count_their_own_questions(void **state)
{
	struct netlink_request request;
	struct nlattr *upcalls;
	struct fixture fixture;

	fixture_begin(&fixture);
	switch_begin(&request, OVS_VPORT_CMD_NEW, 5);
	mnl_attr_put_u32(request.header, OVS_VPORT_ATTR_IFINDEX, 9);
	upcalls = mnl_attr_nest_start(request.header, OVS_VPORT_ATTR_NETNSID + 1);
	mnl_attr_put_u64(request.header, 0, 5000);
	mnl_attr_put_u64(request.header, 1, 2900);
	mnl_attr_nest_end(request.header, upcalls);
	assert_true(
		openvswitch_parse_ports(&fixture.context, &fixture.snapshot, request.bytes, request.header->nlmsg_len));
	assert_int_equal(fixture_value(&fixture, C_OVS_PORT_UPCALLS, link_object(&fixture.context, 9)), 5000);
	assert_int_equal(fixture_value(&fixture, C_OVS_PORT_UPCALLS_FAILED, link_object(&fixture.context, 9)), 2900);
	/* Moved to another namespace: its index means nothing here. */
	mnl_attr_put_u32(request.header, OVS_VPORT_ATTR_NETNSID, 3);
	snapshot_begin(&fixture.snapshot, fixture.objects);
	assert_true(
		openvswitch_parse_ports(&fixture.context, &fixture.snapshot, request.bytes, request.header->nlmsg_len));
	assert_int_equal(fixture.snapshot.samples.count, 0);
	fixture_end(&fixture);
}

static void part_begin(struct netlink_request *request)
{
	genl_request(request, 31, DEVLINK_CMD_TRAP_NEW);
	mnl_attr_put_strz(request->header, DEVLINK_ATTR_BUS_NAME, "pci");
	mnl_attr_put_strz(request->header, DEVLINK_ATTR_DEV_NAME, "0000:03:00.0");
}

static void trap_make(struct netlink_request *request, enum devlink_trap_action action, bool counts_drops)
{
	struct nlattr *stats;

	part_begin(request);
	mnl_attr_put_strz(request->header, DEVLINK_ATTR_TRAP_NAME, "ingress_vlan_filter");
	mnl_attr_put_u8(request->header, DEVLINK_ATTR_TRAP_TYPE, DEVLINK_TRAP_TYPE_DROP);
	mnl_attr_put_u8(request->header, DEVLINK_ATTR_TRAP_ACTION, action);
	stats = mnl_attr_nest_start(request->header, DEVLINK_ATTR_STATS);
	if (counts_drops)
		mnl_attr_put_u64(request->header, DEVLINK_ATTR_STATS_RX_DROPPED, 40);
	mnl_attr_put_u64(request->header, DEVLINK_ATTR_STATS_RX_PACKETS, 7);
	mnl_attr_nest_end(request->header, stats);
}

static uint64_t trap_drops(enum devlink_trap_action action, bool counts_drops)
{
	struct netlink_request request;
	const struct object *trap;
	struct fixture fixture;
	uint64_t drops = UINT64_MAX;

	fixture_begin(&fixture);
	trap_make(&request, action, counts_drops);
	assert_true(devlink_parse(&fixture.context, &fixture.snapshot, request.bytes, request.header->nlmsg_len));
	trap = fixture_object(&fixture, OBJECT_DEVLINK, "trap ingress_vlan_filter of pci/0000:03:00.0");
	assert_string_equal(object_text(trap, LABEL_KIND), "ingress_vlan_filter");
	assert_int_equal(fixture_value(&fixture, C_DEVLINK_TRAP_PACKETS, trap), 7);
	(void)fixture_samples(&fixture, C_DEVLINK_TRAP_DROPS, trap, &drops);
	fixture_end(&fixture);
	return drops;
}

static void drops_of_a_trap(void **state)
{
	assert_int_equal(trap_drops(DEVLINK_TRAP_ACTION_DROP, true), 40);
	assert_int_equal(trap_drops(DEVLINK_TRAP_ACTION_TRAP, false), 7); /* each was handed up instead of on */
	assert_int_equal(trap_drops(DEVLINK_TRAP_ACTION_DROP, false), UINT64_MAX);
	assert_int_equal(trap_drops(DEVLINK_TRAP_ACTION_MIRROR, false), UINT64_MAX);
}

static void health_of_a_part(void **state)
{
	struct netlink_request request;
	const struct object *reporter;
	struct nlattr *nest;
	struct fixture fixture;

	fixture_begin(&fixture);
	part_begin(&request);
	mnl_attr_put_u32(request.header, DEVLINK_ATTR_PORT_INDEX, 1);
	nest = mnl_attr_nest_start(request.header, DEVLINK_ATTR_HEALTH_REPORTER);
	mnl_attr_put_strz(request.header, DEVLINK_ATTR_HEALTH_REPORTER_NAME, "tx");
	mnl_attr_put_u8(request.header, DEVLINK_ATTR_HEALTH_REPORTER_STATE, 1);
	mnl_attr_put_u64(request.header, DEVLINK_ATTR_HEALTH_REPORTER_ERR_COUNT, 3);
	mnl_attr_nest_end(request.header, nest);
	assert_true(devlink_parse(&fixture.context, &fixture.snapshot, request.bytes, request.header->nlmsg_len));
	reporter = fixture_object(&fixture, OBJECT_DEVLINK, "health reporter tx of pci/0000:03:00.0 port 1");
	assert_int_equal(fixture_value(&fixture, C_DEVLINK_HEALTH_STATE, reporter), 1);
	assert_int_equal(fixture_value(&fixture, C_DEVLINK_HEALTH_ERRORS, reporter), 3);
	assert_false(fixture_has(&fixture, C_DEVLINK_HEALTH_RECOVERIES, reporter));
	fixture_end(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(families_are_found_by_their_whole_name),
		cmocka_unit_test(datapath_of_a_bridge),
		cmocka_unit_test(ports_count_their_own_questions),
		cmocka_unit_test(drops_of_a_trap),
		cmocka_unit_test(health_of_a_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
