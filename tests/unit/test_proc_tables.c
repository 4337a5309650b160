/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sockstat, and the tables below /proc/net/stat: route cache and connection tracking, old and new columns. */
#include "unit/procfs_fixture.h"

#define SOCKSTAT "/proc/thread-self/net/sockstat"
#define CONNTRACK "/proc/thread-self/net/stat/nf_conntrack"

/* A CentOS 7 host with 1365 connections. */
static void sockstat_parts_host_and_namespace(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_sockstat, "centos-7");
	expect_read(&fixture);
	assert_int_equal(fixture_value(&fixture, C_SOCKSTAT_SOCKETS_USED, KEY_NETNS), 3037);
	assert_int_equal(fixture_value(&fixture, C_SOCKSTAT_TCP_INUSE, KEY_NETNS), 1365);
	assert_int_equal(fixture_value(&fixture, C_SOCKSTAT_TCP_TW, KEY_NETNS), 2030);
	assert_int_equal(fixture_value(&fixture, C_SOCKSTAT_TCP_ORPHAN, KEY_HOST), 17);
	assert_int_equal(fixture_value(&fixture, C_SOCKSTAT_TCP_MEM, KEY_HOST), 4109);
	assert_int_equal(fixture_value(&fixture, C_SOCKSTAT_UDP_MEM, KEY_HOST), 3);
	assert_int_equal(fixture_value(&fixture, C_SOCKSTAT_FRAG_MEMORY, KEY_NETNS), 10);
	assert_false(fixture_has(&fixture, C_SOCKSTAT_TCP6_INUSE));
	fixture_end(&fixture);
}

static void sockstat_passes_over_what_it_does_not_know(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read_text(&fixture, &source_sockstat, SOCKSTAT, "TCP: inuse 4 parked 9 tw 3\nQUIC: inuse 7\n");
	expect_read(&fixture);
	assert_int_equal(fixture.snapshot.samples.count, 2);
	assert_int_equal(fixture_value(&fixture, C_SOCKSTAT_TCP_TW, KEY_NETNS), 3);
	fixture_end(&fixture);
}

static void sockstat_leaves_malformed_lines_out(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read_text(&fixture, &source_sockstat, SOCKSTAT,
			  "TCP: inuse 4 orphan\nUDP: inuse 2 mem 1\nsockets used 9\n");
	expect_partly(&fixture, "/proc/net/sockstat: a line was not understood");
	assert_int_equal(fixture.snapshot.samples.count, 2);
	assert_int_equal(fixture_value(&fixture, C_SOCKSTAT_UDP_INUSE, KEY_NETNS), 2);
	fixture_end(&fixture);
}

static void the_route_cache_belongs_to_the_host_and_is_summed(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_route_cache, "rt-cache");
	expect_read(&fixture);
	assert_int_equal(fixture_value(&fixture, C_ROUTE_CACHE_IN_MARTIAN_SRC, KEY_HOST), 26);
	assert_int_equal(fixture_value(&fixture, C_ROUTE_CACHE_IN_MARTIAN_DST, KEY_HOST), 1);
	assert_int_equal(fixture_value(&fixture, C_ROUTE_CACHE_IN_NO_ROUTE, KEY_HOST), 4);
	assert_int_equal(fixture_value(&fixture, C_ROUTE_CACHE_IN_SLOW_TOT, KEY_HOST), 5);
	assert_int_equal(fixture_value(&fixture, C_ROUTE_CACHE_ENTRIES, KEY_HOST), 6);
	fixture_end(&fixture);
}

/* Kernel 3.x to 5.8: "searched", "delete_list"; four CPUs. */
static void conntrack_of_an_old_kernel(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_conntrack, "conntrack-searched");
	expect_read(&fixture);
	assert_int_equal(fixture_value(&fixture, C_CONNTRACK_COUNT, KEY_NETNS), 0x21);
	assert_int_equal(fixture_value(&fixture, C_CONNTRACK_INVALID, KEY_NETNS), 3 + 2 + 1 + 0x2f);
	assert_int_equal(fixture_value(&fixture, C_CONNTRACK_SEARCH_RESTART, KEY_NETNS), 2 + 1 + 4);
	assert_false(fixture_has(&fixture, C_CONNTRACK_CLASH_RESOLVE));
	assert_false(fixture_has(&fixture, C_CONNTRACK_CHAINTOOLONG));
	fixture_end(&fixture);
}

/* Kernel 6.18: "clashres", "chainlength". One CPU's found has nearly wrapped: the sum wraps as well. */
static void conntrack_of_a_new_kernel(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_conntrack, "conntrack-clashres");
	expect_read(&fixture);
	assert_int_equal(fixture_value(&fixture, C_CONNTRACK_COUNT, KEY_NETNS), 9);
	assert_int_equal(fixture_value(&fixture, C_CONNTRACK_CLASH_RESOLVE, KEY_NETNS), 3);
	assert_int_equal(fixture_value(&fixture, C_CONNTRACK_CHAINTOOLONG, KEY_NETNS), 1);
	assert_int_equal(fixture_value(&fixture, C_CONNTRACK_INSERT_FAILED, KEY_NETNS), 5);
	assert_int_equal(fixture_value(&fixture, C_CONNTRACK_DROP, KEY_NETNS), 4);
	assert_int_equal(fixture_value(&fixture, C_CONNTRACK_EARLY_DROP, KEY_NETNS), 2);
	assert_int_equal(fixture_value(&fixture, C_CONNTRACK_ERROR, KEY_NETNS), 6);
	assert_int_equal(fixture_value(&fixture, C_CONNTRACK_FOUND, KEY_NETNS), 3);
	assert_int_equal(fixture_value(&fixture, C_CONNTRACK_SEARCH_RESTART, KEY_NETNS), 2);
	fixture_end(&fixture);
}

static void without_conntrack_nothing_is_missed(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_conntrack, "centos-7");
	expect_read(&fixture);
	assert_int_equal(fixture.snapshot.samples.count, 0);
	fixture_end(&fixture);
}

static void conntrack_without_statistics_is_a_miss(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read_text(&fixture, &source_conntrack, "/proc/sys/net/netfilter/nf_conntrack_count", "3\n");
	expect_missed(&fixture, -ENOENT, "/proc/net/stat/nf_conntrack: not there");
	fixture_end(&fixture);
}

/* A sum without one of its rows would be a wrong value. */
static void a_bad_row_spoils_every_sum(void **state)
{
	static const char *const bad[] = {
		"entries drop\n1 2\n1\n",   "entries drop\n1 2\n1 2 3\n",
		"entries drop\n1 2\n1 z\n", "entries drop\n1 2\n1 2",
		"entries drop\n",	    "\n",
		"drop\n100000000\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct fixture fixture;

		fixture_begin(&fixture);
		fixture_read_text(&fixture, &source_conntrack, CONNTRACK, bad[i]);
		expect_missed(&fixture, -EBADMSG, "/proc/net/stat/nf_conntrack: not in a known form");
		assert_int_equal(fixture.snapshot.samples.count, 0);
		fixture_end(&fixture);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sockstat_parts_host_and_namespace),
		cmocka_unit_test(sockstat_passes_over_what_it_does_not_know),
		cmocka_unit_test(sockstat_leaves_malformed_lines_out),
		cmocka_unit_test(the_route_cache_belongs_to_the_host_and_is_summed),
		cmocka_unit_test(conntrack_of_an_old_kernel),
		cmocka_unit_test(conntrack_of_a_new_kernel),
		cmocka_unit_test(without_conntrack_nothing_is_missed),
		cmocka_unit_test(conntrack_without_statistics_is_a_miss),
		cmocka_unit_test(a_bad_row_spoils_every_sum),
	};

	return cmocka_run_group_tests_name("source/proc tables", tests, NULL, NULL);
}
