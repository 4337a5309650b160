/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source/link: a recorded dump with veth pairs, a bridge and VXLAN says what `ip -s -s -d link`
 * said at that moment; bonds, older kernels and broken answers are made here.
 */
#include "source/link.h"

#include "model/series.h"

#include "unit/netlink_fixture.h"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

struct links {
	struct fixture base;
	struct link_remotes remotes;
};

static void links_begin(struct links *links)
{
	*links = (struct links){ 0 };
	fixture_begin(&links->base);
}

static bool links_parse(struct links *links, const void *bytes, size_t length)
{
	return link_parse(&links->base.context, &links->base.snapshot, bytes, length, &links->remotes);
}

static void links_record(struct links *links)
{
	links_begin(links);
	fixture_load(&links->base, "link");
	assert_true(links_parse(links, links->base.bytes, links->base.length));
}

static void links_end(struct links *links)
{
	vec_free(&links->remotes.list);
	fixture_end(&links->base);
}

static struct object *link_named(const struct links *links, const char *name)
{
	return fixture_object(&links->base, OBJECT_LINK, name);
}

static void statistics_are_those_of_ip(void **state)
{
	struct links links;
	const struct object *veth, *bridge;

	links_record(&links);
	veth = link_named(&links, "veth0");
	assert_int_equal(fixture_value(&links.base, C_LINK_RX_BYTES, veth), 19426);
	assert_int_equal(fixture_value(&links.base, C_LINK_RX_PACKETS, veth), 27);
	assert_int_equal(fixture_value(&links.base, C_LINK_TX_BYTES, veth), 25122);
	assert_int_equal(fixture_value(&links.base, C_LINK_TX_PACKETS, veth), 85);
	assert_int_equal(fixture_value(&links.base, C_LINK_TX_DROPPED, veth), 0);
	assert_int_equal(fixture_value(&links.base, C_LINK_CARRIER_CHANGES, veth), 2);
	bridge = link_named(&links, "br0");
	assert_int_equal(fixture_value(&links.base, C_LINK_TX_DROPPED, bridge), 2);
	assert_int_equal(fixture_value(&links.base, C_LINK_RX_OTHERHOST_DROPPED, bridge), 0);
	links_end(&links);
}

static void state_and_kind_are_those_of_ip(void **state)
{
	struct links links;
	const struct object *veth, *loopback, *tap;

	links_record(&links);
	veth = link_named(&links, "veth0");
	loopback = link_named(&links, "lo");
	tap = link_named(&links, "tap0");
	assert_string_equal(object_text(veth, LABEL_KIND), "veth");
	assert_string_equal(object_text(veth, LABEL_ADDRESS), "02:00:00:00:00:01");
	assert_int_equal(fixture_value(&links.base, C_LINK_MTU, veth), 1500);
	assert_int_equal(fixture_value(&links.base, C_LINK_OPERSTATE, veth), 6);
	assert_int_equal(fixture_value(&links.base, C_LINK_FLAGS_UP, veth), 1);
	assert_string_equal(object_text(loopback, LABEL_KIND), "loopback");
	assert_int_equal(fixture_value(&links.base, C_LINK_MTU, loopback), 65536);
	assert_string_equal(object_text(tap, LABEL_KIND), "tun");
	assert_int_equal(fixture_value(&links.base, C_LINK_FLAGS_UP, tap), 0);
	assert_int_equal(fixture_value(&links.base, C_LINK_NUM_TX_QUEUES, link_named(&links, "queues0")), 4);
	links_end(&links);
}

static void a_pair_in_one_namespace_knows_its_other_end(void **state)
{
	struct links links;
	const struct object *port0, *port1;

	links_record(&links);
	port0 = link_named(&links, "port0");
	port1 = link_named(&links, "port1");
	assert_int_equal(port0->peer, port1->id);
	assert_int_equal(port1->peer, port0->id);
	links_end(&links);
}

static void an_end_in_another_namespace_is_asked_for(void **state)
{
	struct links links;
	const struct object *veth;

	links_record(&links);
	veth = link_named(&links, "veth0");
	assert_int_equal(veth->peer, 0);
	assert_int_equal(links.remotes.list.count, 1);
	assert_ptr_equal(links.remotes.list.data[0].link, veth);
	assert_int_equal(links.remotes.list.data[0].ifindex, 2);
	assert_true(links.remotes.list.data[0].nsid >= 0);
	links_end(&links);
}

static void an_end_that_is_known_is_not_asked_for_again(void **state)
{
	struct links links;
	struct object *peer, *veth;

	links_record(&links);
	veth = link_named(&links, "veth0");
	peer = object_intern(links.base.objects, (struct object_key){ OBJECT_LINK, 4711, 2, 0 }, NULL);
	veth->peer = peer->id;
	vec_clear(&links.remotes.list);
	assert_true(links_parse(&links, links.base.bytes, links.base.length));
	assert_int_equal(veth->peer, peer->id);
	assert_int_equal(links.remotes.list.count, 0);
	links_end(&links);
}

/* Nobody finds that end, so it is looked for ever more seldom; but a new window knows no peers at all. */
static void each_window_looks_for_the_other_ends(void **state)
{
	struct netlink netlink = NETLINK_CLOSED;
	struct series *series;
	struct links links;

	links_record(&links);
	links.base.context.series = series = series_new(links.base.objects);
	assert_true(link_peers_due(&links.base.context));
	link_peers_find(&links.base.context, &netlink, &links.remotes);
	snapshot_covered(&links.base.snapshot, SOURCE_LINK, links.base.context.netns);
	series_add(series, &links.base.snapshot);
	assert_false(link_peers_due(&links.base.context));
	series_free(series);
	links.base.context.series = series = series_new(links.base.objects);
	assert_true(link_peers_due(&links.base.context));
	series_free(series);
	links_end(&links);
}

static void a_bridge_port_has_a_parent_and_a_state(void **state)
{
	struct links links;
	const struct object *port;

	links_record(&links);
	port = link_named(&links, "port0");
	assert_int_equal(port->parent, link_named(&links, "br0")->id);
	assert_in_range(fixture_value(&links.base, C_LINK_BRIDGE_PORT_STATE, port), 0, 4);
	assert_false(fixture_has(&links.base, C_LINK_BRIDGE_PORT_STATE, link_named(&links, "veth0")));
	links_end(&links);
}

static void a_tunnel_names_its_lower_device_and_family(void **state)
{
	struct links links;
	const struct object *veth;

	links_record(&links);
	veth = link_named(&links, "veth0");
	assert_int_equal(fixture_value(&links.base, C_LINK_VXLAN_LOWER, link_named(&links, "vx0")), veth->key.a);
	assert_int_equal(fixture_value(&links.base, C_LINK_TUNNEL_IPV6, link_named(&links, "vx0")), 0);
	assert_int_equal(fixture_value(&links.base, C_LINK_TUNNEL_IPV6, link_named(&links, "vx6")), 1);
	links_end(&links);
}

static void every_cut_of_an_answer_is_noticed(void **state)
{
	struct links links;

	links_record(&links);
	for (size_t length = 1; length < links.base.length; length += 61) {
		CLEANUP_FREE char *exact = mem_new(length, 1);
		bool at_border = false;
		size_t next = 0;

		memcpy(exact, links.base.bytes, length);
		while (next < length) {
			const struct nlmsghdr *message = (const void *)(links.base.bytes + next);

			next += MNL_ALIGN(message->nlmsg_len);
		}
		at_border = next == length;
		assert_int_equal(links_parse(&links, exact, length), at_border);
	}
	links_end(&links);
}

/* A bond's backup member, as a kernel before 4.6 describes it: statistics without rx_nohandler. */
static void older_statistics_are_taken_as_far_as_they_go(void **state)
{
	struct links links;
	struct netlink_request request;
	struct rtnl_link_stats64 stats = { .rx_packets = 5, .rx_missed_errors = 7 };
	struct ifinfomsg *header = netlink_request(&request, RTM_NEWLINK, 0, sizeof(*header));
	struct nlattr *info, *data;
	const struct object *link;

	links_begin(&links);
	header->ifi_index = 3;
	header->ifi_flags = IFF_UP;
	mnl_attr_put_strz(request.header, IFLA_IFNAME, "eth1");
	mnl_attr_put(request.header, IFLA_STATS64, offsetof(struct rtnl_link_stats64, rx_nohandler), &stats);
	info = mnl_attr_nest_start(request.header, IFLA_LINKINFO);
	mnl_attr_put_strz(request.header, IFLA_INFO_SLAVE_KIND, "bond");
	data = mnl_attr_nest_start(request.header, IFLA_INFO_SLAVE_DATA);
	mnl_attr_put_u8(request.header, IFLA_BOND_SLAVE_STATE, 1);
	mnl_attr_nest_end(request.header, data);
	mnl_attr_nest_end(request.header, info);
	assert_true(links_parse(&links, request.bytes, request.header->nlmsg_len));
	link = link_named(&links, "eth1");
	assert_int_equal(fixture_value(&links.base, C_LINK_RX_PACKETS, link), 5);
	assert_int_equal(fixture_value(&links.base, C_LINK_RX_MISSED_ERRORS, link), 7);
	assert_false(fixture_has(&links.base, C_LINK_RX_NOHANDLER, link));
	assert_int_equal(fixture_value(&links.base, C_LINK_BOND_MEMBER_BACKUP, link), 1);
	links_end(&links);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statistics_are_those_of_ip),
		cmocka_unit_test(state_and_kind_are_those_of_ip),
		cmocka_unit_test(a_pair_in_one_namespace_knows_its_other_end),
		cmocka_unit_test(an_end_in_another_namespace_is_asked_for),
		cmocka_unit_test(an_end_that_is_known_is_not_asked_for_again),
		cmocka_unit_test(each_window_looks_for_the_other_ends),
		cmocka_unit_test(a_bridge_port_has_a_parent_and_a_state),
		cmocka_unit_test(a_tunnel_names_its_lower_device_and_family),
		cmocka_unit_test(every_cut_of_an_answer_is_noticed),
		cmocka_unit_test(older_statistics_are_taken_as_far_as_they_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
