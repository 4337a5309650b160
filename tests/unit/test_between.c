/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is left out between the window's ends, and what is not: the statistics of interfaces without their list, TCP
 * connections that are not walked as long as nothing speaks of trouble; and settings that come with the list.
 */
#include "base/clock.h"
#include "model/series.h"
#include "source/link.h"
#include "source/socket.h"
#include "source/sysctl.h"
#include "unit/netlink_fixture.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

/* ---- interfaces ---- */

static const struct object *link_known(struct fixture *fixture, uint32_t ifindex)
{
	return object_intern(fixture->objects, (struct object_key){ OBJECT_LINK, FIXTURE_NETNS, ifindex, 0 }, NULL);
}

/* One message of an RTM_GETSTATS answer. */
static size_t put_statistics(char *bytes, uint32_t ifindex, uint64_t rx_packets)
{
	const struct rtnl_link_stats64 statistics = { .rx_packets = rx_packets, .rx_dropped = 3 };
	struct nlmsghdr *message = mnl_nlmsg_put_header(bytes);
	struct if_stats_msg *header;

	message->nlmsg_type = RTM_NEWSTATS;
	header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
	header->ifindex = ifindex;
	mnl_attr_put(message, IFLA_STATS_LINK_64, sizeof(statistics), &statistics);
	return message->nlmsg_len;
}

static void statistics_alone_go_to_the_known_interfaces(void **state)
{
	_Alignas(struct nlmsghdr) char bytes[1024];
	struct fixture fixture;
	const struct object *first, *second;
	size_t length;

	fixture_begin(&fixture);
	first = link_known(&fixture, 1);
	second = link_known(&fixture, 7);
	length = put_statistics(bytes, 1, 100);
	length += put_statistics(bytes + length, 7, 200);
	assert_int_equal(link_count(bytes, length), 2);
	assert_true(link_statistics_parse(&fixture.context, &fixture.snapshot, bytes, length));
	assert_int_equal(fixture_value(&fixture, C_LINK_RX_PACKETS, first), 100);
	assert_int_equal(fixture_value(&fixture, C_LINK_RX_PACKETS, second), 200);
	assert_int_equal(fixture_value(&fixture, C_LINK_RX_DROPPED, second), 3);
	for (size_t i = 0; i < fixture.snapshot.samples.count; i++)
		assert_true(link_is_statistic(fixture.snapshot.samples.data[i].counter));
	fixture_end(&fixture);
}

static void an_interface_that_is_new_asks_for_the_list(void **state)
{
	_Alignas(struct nlmsghdr) char bytes[1024];
	struct fixture fixture;
	size_t length;

	fixture_begin(&fixture);
	link_known(&fixture, 1);
	length = put_statistics(bytes, 1, 100);
	length += put_statistics(bytes + length, 2, 200);
	assert_false(link_statistics_parse(&fixture.context, &fixture.snapshot, bytes, length));
	assert_false(link_statistics_parse(&fixture.context, &fixture.snapshot, bytes, length - 8));
	fixture_end(&fixture);
}

static void the_list_is_due_at_the_ends_and_in_time(void **state)
{
	struct fixture fixture;
	struct series *series;

	fixture_begin(&fixture);
	series = series_new(fixture.objects);
	fixture.context.series = series;
	fixture.context.between = true;
	assert_true(link_list_is_due(&fixture.context)); /* never listed */
	snapshot_add(&fixture.snapshot, C_LINK_LISTED, fixture.context.netns, 1000);
	series_add(series, &fixture.snapshot);
	assert_false(link_list_is_due(&fixture.context));
	fixture.context.between = false;
	assert_true(link_list_is_due(&fixture.context));
	series_free(series);
	fixture_end(&fixture);
}

static void settings_of_devices_come_with_the_list(void **state)
{
	struct link_remotes remotes = { 0 };
	struct fixture fixture;
	const struct object *veth;

	fixture_begin(&fixture);
	fixture_load(&fixture, "link");
	assert_true(sysctl_parse_devices(&fixture.context, &fixture.snapshot, fixture.bytes, fixture.length));
	assert_int_equal(fixture.snapshot.samples.count, 0); /* no device is known yet */
	assert_true(link_parse(&fixture.context, &fixture.snapshot, fixture.bytes, fixture.length, &remotes));
	snapshot_begin(&fixture.snapshot, fixture.objects);
	assert_true(sysctl_parse_devices(&fixture.context, &fixture.snapshot, fixture.bytes, fixture.length));
	veth = fixture_object(&fixture, OBJECT_LINK, "veth0");
	assert_int_equal(fixture_value(&fixture, C_SYSCTL_RP_FILTER, veth), 0);
	assert_in_range(fixture_value(&fixture, C_SYSCTL_FORWARDING, veth), 0, 1);
	assert_int_equal(fixture_value(&fixture, C_SYSCTL_LOG_MARTIANS, veth), 0);
	assert_int_equal(fixture_value(&fixture, C_SYSCTL_ACCEPT_LOCAL, veth), 0);
	assert_false(sysctl_parse_devices(&fixture.context, &fixture.snapshot, fixture.bytes, fixture.length - 4));
	vec_free(&remotes.list);
	fixture_end(&fixture);
}

/* ---- connections ---- */

struct history {
	struct fixture base;
	struct series *series;
	uint64_t now_ns;
};

static void history_begin(struct history *history, uint64_t ago_ns)
{
	*history = (struct history){ 0 };
	fixture_begin(&history->base);
	history->series = series_new(history->base.objects);
	history->base.context.series = history->series;
	history->base.context.between = true;
	history->now_ns = clock_monotonic_ns() - ago_ns;
}

static void history_end(struct history *history)
{
	series_free(history->series);
	fixture_end(&history->base);
}

/* A tick that much later; `walked`: connections were read in it. */
static void tick(struct history *history, uint64_t later_ns, uint64_t segments, uint64_t retransmitted, bool walked)
{
	struct snapshot *snapshot = &history->base.snapshot;
	const struct object *netns = history->base.context.netns;

	snapshot_begin(snapshot, history->base.objects);
	snapshot->time_ns = history->now_ns += later_ns;
	snapshot_add(snapshot, C_TCP_IN_SEGS, netns, segments);
	snapshot_add(snapshot, C_TCP_RETRANS_SEGS, netns, retransmitted);
	if (walked)
		snapshot_add(snapshot, C_SOCK_CONNECTIONS, netns, 5);
	series_add(history->series, snapshot);
}

static bool due(const struct history *history)
{
	return socket_connections_due(&history->base.context);
}

static void connections_are_walked_at_the_ends(void **state)
{
	struct history history;

	history_begin(&history, 100 * NS_PER_MS);
	assert_true(due(&history)); /* never walked */
	tick(&history, 0, 10, 0, true);
	assert_false(due(&history));
	history.base.context.between = false;
	assert_true(due(&history));
	history_end(&history);
}

static void connections_rest_while_no_segment_moves(void **state)
{
	struct history history;

	history_begin(&history, 5 * NS_PER_S);
	tick(&history, 0, 10, 0, true);
	tick(&history, NS_PER_S, 10, 0, false);
	assert_false(due(&history));
	tick(&history, NS_PER_S, 11, 0, false);
	assert_true(due(&history));
	history_end(&history);
}

static void connections_with_traffic_alone_can_wait(void **state)
{
	struct history history;

	history_begin(&history, 200 * NS_PER_MS);
	tick(&history, 0, 10, 0, true);
	tick(&history, 100 * NS_PER_MS, 9000, 0, false);
	assert_false(due(&history));
	tick(&history, 50 * NS_PER_MS, 9001, 1, false); /* something was sent again */
	assert_true(due(&history));
	history_end(&history);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statistics_alone_go_to_the_known_interfaces),
		cmocka_unit_test(an_interface_that_is_new_asks_for_the_list),
		cmocka_unit_test(the_list_is_due_at_the_ends_and_in_time),
		cmocka_unit_test(settings_of_devices_come_with_the_list),
		cmocka_unit_test(connections_are_walked_at_the_ends),
		cmocka_unit_test(connections_rest_while_no_segment_moves),
		cmocka_unit_test(connections_with_traffic_alone_can_wait),
	};

	return cmocka_run_group_tests_name("source, between the window's ends", tests, NULL, NULL);
}
