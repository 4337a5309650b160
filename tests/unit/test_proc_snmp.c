/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snmp, netstat and snmp6: figures of real hosts (Ubuntu 20.04 with kernel 5.4,
 * CentOS 7 with 3.10), and files that no kernel writes.
 */
#include "unit/procfs_fixture.h"

#define SNMP "/proc/thread-self/net/snmp"
#define SNMP6 "/proc/thread-self/net/snmp6"

static uint64_t named(const struct fixture *fixture, enum source_id source, const char *name)
{
	counter_id counter = counter_find(source, name, strlen(name));

	assert_int_not_equal(counter, COUNTER_NONE);
	return fixture_value(fixture, counter, KEY_NETNS);
}

static void snmp_takes_the_value_below_each_name(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_snmp, "ubuntu-20.04");
	expect_read(&fixture);
	assert_int_equal(named(&fixture, SOURCE_SNMP, "IpInReceives"), 265887);
	assert_int_equal(named(&fixture, SOURCE_SNMP, "IpOutDiscards"), 46);
	assert_int_equal(named(&fixture, SOURCE_SNMP, "IcmpMsgInType3"), 101);
	assert_int_equal(named(&fixture, SOURCE_SNMP, "TcpRetransSegs"), 54);
	assert_int_equal(named(&fixture, SOURCE_SNMP, "UdpNoPorts"), 92);
	assert_int_equal(named(&fixture, SOURCE_SNMP, "UdpLiteIgnoredMulti"), 0);
	fixture_end(&fixture);
}

static void another_kernel_means_other_columns(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_snmp, "ubuntu-20.04");
	fixture_read(&fixture, &source_snmp, "centos-7");
	expect_read(&fixture);
	assert_int_equal(named(&fixture, SOURCE_SNMP, "UdpSndbufErrors"), 4);
	assert_int_equal(named(&fixture, SOURCE_SNMP, "UdpLiteSndbufErrors"), 100);
	assert_int_equal(named(&fixture, SOURCE_SNMP, "TcpOutRsts"), 9);
	assert_false(fixture_has(&fixture, counter_find(SOURCE_SNMP, "TcpInCsumErrors", 15)));
	fixture_read(&fixture, &source_snmp, "ubuntu-20.04");
	assert_int_equal(named(&fixture, SOURCE_SNMP, "UdpInDatagrams"), 1405);
	fixture_end(&fixture);
}

static void a_value_below_zero_is_no_sample_and_no_fault(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read_text(&fixture, &source_snmp, SNMP, "Tcp: RtoMax MaxConn ActiveOpens\nTcp: 120000 -1 7\n");
	expect_read(&fixture);
	assert_int_equal(fixture.snapshot.samples.count, 2);
	assert_int_equal(named(&fixture, SOURCE_SNMP, "TcpActiveOpens"), 7);
	fixture_end(&fixture);
}

static void a_name_no_table_knows_is_kept(void **state)
{
	struct fixture fixture;
	const struct counter *counter;

	fixture_begin(&fixture);
	fixture_read_text(&fixture, &source_snmp, SNMP, "Quic: InDrops\nQuic: 18446744073709551615\n");
	expect_read(&fixture);
	assert_true(named(&fixture, SOURCE_SNMP, "QuicInDrops") == UINT64_MAX);
	counter = counter_get(counter_find(SOURCE_SNMP, "QuicInDrops", 11));
	assert_true(counter->unclassified);
	assert_int_equal(counter->kind, KIND_DROP);
	fixture_end(&fixture);
}

static void netstat_reads_two_kernels(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_netstat, "ubuntu-20.04");
	expect_read(&fixture);
	assert_int_equal(fixture.snapshot.samples.count, 119 + 18);
	assert_int_equal(named(&fixture, SOURCE_NETSTAT, "TcpExtDelayedACKs"), 2038);
	fixture_read(&fixture, &source_netstat, "centos-7");
	expect_read(&fixture);
	assert_int_equal(named(&fixture, SOURCE_NETSTAT, "TcpExtSyncookiesSent"), 10);
	assert_int_equal(named(&fixture, SOURCE_NETSTAT, "TcpExtTCPWqueueTooBig"), 10);
	assert_int_equal(named(&fixture, SOURCE_NETSTAT, "IpExtInOctets"), 10468977960762);
	assert_int_equal(named(&fixture, SOURCE_NETSTAT, "IpExtReasmOverlaps"), 100);
	fixture_end(&fixture);
}

/* What does not fit is left out and said; the rest of the file counts. */
static void malformed_pairs_are_left_out(void **state)
{
	static const struct {
		const char *text;
		size_t samples;
	} cases[] = {
		{ "Ip: A B C\nIp: 1 2\nTcp: D\nTcp: 4\n", 1 },		    /* a value is missing */
		{ "Ip: A B\nIp: 1 2 3\nTcp: D\nTcp: 4\n", 1 },		    /* one too many */
		{ "Ip: A B\nIp: 1 x\nTcp: D\nTcp: 4\n", 1 },		    /* not a number */
		{ "Ip: A\nIp: 18446744073709551616\nTcp: D\nTcp: 4\n", 1 }, /* more than 64 bits */
		{ "Ip: A\nIp: -\nTcp: D\nTcp: 4\n", 1 },
		{ "Ip: A\nTcp: D\nTcp: 4\n", 1 },	   /* no values at all */
		{ "Ip: 1 2\nTcp: D\nTcp: 4\n", 1 },	   /* no names */
		{ "Tcp: D\nTcp: 4\nIp: A B", 1 },	   /* ends after the names */
		{ "Tcp: D\nTcp: 4\nIp: A B\nIp: 1 2", 1 }, /* the last line is not whole: 2 may have been 23 */
		{ "Tcp: D\nTcp: 4\nTcp: D\nTcp: 5\n", 1 }, /* twice */
		{ "no colon\n\n\nTcp: D\nTcp: 4\n", 1 },
		{ "Ip: A\x01"
		  "B\nIp: 1\nTcp: D\nTcp: 4\n",
		  1 },
		{ "\n", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fixture fixture;

		fixture_begin(&fixture);
		fixture_read_text(&fixture, &source_snmp, SNMP, cases[i].text);
		expect_partly(&fixture, "/proc/net/snmp: ");
		assert_int_equal(fixture.snapshot.samples.count, cases[i].samples);
		if (cases[i].samples)
			assert_int_equal(named(&fixture, SOURCE_SNMP, "TcpD"), 4);
		fixture_end(&fixture);
	}
}

static void a_missing_and_an_empty_file_are_misses(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_snmp, "rt-cache");
	expect_missed(&fixture, -ENOENT, "/proc/net/snmp: not there");
	fixture_read_text(&fixture, &source_snmp, SNMP, "");
	expect_missed(&fixture, -ENODATA, "/proc/net/snmp: empty");
	fixture_end(&fixture);
}

static void snmp6_takes_each_line(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_snmp6, "ubuntu-20.04");
	expect_read(&fixture);
	assert_int_equal(fixture.snapshot.samples.count, 85);
	assert_int_equal(named(&fixture, SOURCE_SNMP6, "Ip6InReceives"), 10122);
	assert_int_equal(named(&fixture, SOURCE_SNMP6, "Icmp6OutType143"), 12);
	fixture_end(&fixture);
}

static void a_new_icmp_type_moves_the_lines_below_it(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read_text(&fixture, &source_snmp6, SNMP6, "Icmp6OutType135 \t3\nUdp6NoPorts \t5\n");
	fixture_read_text(&fixture, &source_snmp6, SNMP6, "Icmp6OutType1 \t1\nIcmp6OutType135 \t4\nUdp6NoPorts \t6\n");
	expect_read(&fixture);
	assert_int_equal(named(&fixture, SOURCE_SNMP6, "Icmp6OutType135"), 4);
	assert_int_equal(named(&fixture, SOURCE_SNMP6, "Udp6NoPorts"), 6);
	fixture_end(&fixture);
}

static void snmp6_leaves_malformed_lines_out(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read_text(&fixture, &source_snmp6, SNMP6,
			  "Udp6NoPorts\nUdp6NoPorts 1 2\n7 7\nUdp6InErrors 9\nUdp6InDa");
	expect_partly(&fixture, "/proc/net/snmp6: cut short");
	assert_int_equal(fixture.snapshot.samples.count, 1);
	assert_int_equal(named(&fixture, SOURCE_SNMP6, "Udp6InErrors"), 9);
	fixture_end(&fixture);
}

static void without_ipv6_nothing_is_missed(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_snmp6, "centos-7");
	expect_read(&fixture);
	assert_int_equal(fixture.snapshot.samples.count, 0);
	fixture_read(&fixture, &source_snmp6, "rt-cache");
	expect_missed(&fixture, -ENOENT, "/proc/net/snmp6: not there");
	fixture_end(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(snmp_takes_the_value_below_each_name),
		cmocka_unit_test(another_kernel_means_other_columns),
		cmocka_unit_test(a_value_below_zero_is_no_sample_and_no_fault),
		cmocka_unit_test(a_name_no_table_knows_is_kept),
		cmocka_unit_test(netstat_reads_two_kernels),
		cmocka_unit_test(malformed_pairs_are_left_out),
		cmocka_unit_test(a_missing_and_an_empty_file_are_misses),
		cmocka_unit_test(snmp6_takes_each_line),
		cmocka_unit_test(a_new_icmp_type_moves_the_lines_below_it),
		cmocka_unit_test(snmp6_leaves_malformed_lines_out),
		cmocka_unit_test(without_ipv6_nothing_is_missed),
	};

	return cmocka_run_group_tests_name("source/proc_snmp", tests, NULL, NULL);
}
