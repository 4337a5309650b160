/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hosts that show little: nothing below /proc and /sys, files that are there and empty (as container runtimes mask
 * them), files that may not be read. Every source says what it could not read, none crashes or brings numbers, and the
 * answer is never "no loss".
 */
#include "diagnose/diagnose.h"
#include "unit/tree_fixture.h"

#include <errno.h>

/* What the sources read, as paths on a live host. */
static const char *const files[] = {
	"/proc/thread-self/net/snmp",
	"/proc/thread-self/net/snmp6",
	"/proc/thread-self/net/netstat",
	"/proc/thread-self/net/softnet_stat",
	"/proc/thread-self/net/sockstat",
	"/proc/thread-self/net/sockstat6",
	"/proc/thread-self/net/udp",
	"/proc/thread-self/net/udp6",
	"/proc/thread-self/net/tcp",
	"/proc/thread-self/net/tcp6",
	"/proc/thread-self/net/raw",
	"/proc/thread-self/net/raw6",
	"/proc/thread-self/net/icmp",
	"/proc/thread-self/net/icmp6",
	"/proc/thread-self/net/packet",
	"/proc/thread-self/net/netlink",
	"/proc/thread-self/net/xfrm_stat",
	"/proc/thread-self/net/wireless",
	"/proc/thread-self/net/sctp/snmp",
	"/proc/thread-self/net/stat/nf_conntrack",
	"/proc/thread-self/net/stat/rt_cache",
	"/proc/thread-self/net/stat/arp_cache",
	"/proc/thread-self/net/stat/ndisc_cache",
	"/proc/thread-self/net/netfilter/nfnetlink_queue",
	"/proc/thread-self/net/ip_tables_names",
	"/proc/thread-self/net/ip6_tables_names",
	"/proc/stat",
	"/proc/interrupts",
	"/proc/softirqs",
	"/proc/meminfo",
	"/proc/vmstat",
	"/proc/modules",
	"/proc/pressure/cpu",
	"/proc/pressure/io",
	"/proc/pressure/memory",
	"/proc/pressure/irq",
	"/proc/sys/net/core/rmem_default",
	"/proc/sys/net/ipv4/tcp_mem",
	"/proc/sys/net/netfilter/nf_conntrack_count",
	"/sys/devices/system/cpu/online",
	"/sys/fs/cgroup/cgroup.controllers",
	"/dev/kmsg",
};

static void assert_told(const struct tree *tree, const struct source *source)
{
	const struct coverage *coverage;

	if (!tree->snapshot.coverage.count)
		fail_msg("%s says nothing", source_id_name(source->id));
	vec_each(&tree->snapshot.coverage, coverage) {
		if ((coverage->error || coverage->partial) && (!coverage->reason || !*coverage->reason))
			fail_msg("%s: no reason", source_id_name(source->id));
	}
}

/* Reads everything twice, and what it makes of that is "unknown". */
static void assert_unknown(struct tree *tree)
{
	struct diagnosis diagnosis;
	const struct source *source;

	for (unsigned int round = 0; round < 2; round++) {
		for (size_t i = 0; (source = source_at(i)); i++) {
			tree_read(tree, source);
			assert_told(tree, source);
		}
	}
	series_finish(tree->series);
	diagnose(tree->series, &(struct diagnose_options){ 0 }, &diagnosis);
	assert_int_equal(diagnosis.loss, LOSS_UNKNOWN);
	assert_int_equal(diagnosis.findings.list.count, 0);
	assert_true(diagnosis.not_observed.count > 0);
	diagnosis_free(&diagnosis);
}

static void nothing_is_there(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();

	assert_unknown(tree);
}

static void everything_is_empty(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		tree_link(tree, files[i], "/dev/null");
	assert_unknown(tree);
}

/* Half a number at the end of each file is no number. */
static void everything_is_cut_short(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		tree_file(tree, files[i], "7");
	assert_unknown(tree);
}

static void everything_is_a_directory(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		CLEANUP_FREE char *inner = text_format("%s/x", files[i]);

		tree_file(tree, inner, "7\n");
	}
	assert_unknown(tree);
}

#define NOBODY 65534

static void nothing_may_be_read(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	uid_t user = geteuid();

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		tree_file(tree, files[i], "7\n");
	assert_int_equal(chmod(tree->root, 0), 0);
	if (user == 0)
		assert_int_equal(seteuid(NOBODY), 0);
	assert_unknown(tree);
	if (user == 0)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(tree->root, 0700), 0);
	assert_int_equal(series_observation(tree->series, SOURCE_SNMP, tree->netns->id)->error, -EACCES);
}

/* A container whose /sys is hidden still has its namespace's own statistics: exact numbers are read as ever. */
static void without_sys_the_statistics_are_read(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	const struct observation *seen;

	tree_file(tree, "/proc/thread-self/net/snmp", "Udp: InDatagrams InErrors\nUdp: 7 3\n");
	tree_file(tree, "/proc/thread-self/net/softnet_stat",
		  "00000009 00000002 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 "
		  "00000000 00000000\n");
	tree_read(tree, &source_snmp);
	seen = series_observation(tree->series, SOURCE_SNMP, tree->netns->id);
	assert_int_equal(seen->readings, 1);
	assert_int_equal(series_last(tree->series, C_UDP_IN_ERRORS, tree->netns->id), 3);
	tree_read(tree, &source_softnet);
	assert_int_equal(series_last(tree->series, C_SOFTNET_DROPPED, tree_object(tree, "cpu0")->id), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_there),	   cmocka_unit_test(everything_is_empty),
		cmocka_unit_test(everything_is_cut_short), cmocka_unit_test(everything_is_a_directory),
		cmocka_unit_test(nothing_may_be_read),	   cmocka_unit_test(without_sys_the_statistics_are_read),
	};

	return cmocka_run_group_tests_name("hosts that show little", tests, NULL, NULL);
}
