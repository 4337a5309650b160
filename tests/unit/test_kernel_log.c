/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel log: only what is said in the window counts, and only what the kernel itself said. */
#include "diagnose/diagnose.h"
#include "unit/tree_fixture.h"

#include <errno.h>

#define LOG "/dev/kmsg"
#define OLD "6,100,1,-;nf_conntrack: nf_conntrack: table full, dropping packet\n"

static void log_read(struct tree *tree, const char *text)
{
	tree_file(tree, LOG, text);
	tree_read(tree, &source_kernel_log);
}

static const struct observation *log_observation(const struct tree *tree)
{
	return series_observation(tree->series, SOURCE_KERNEL_LOG, OBJECT_HOST_ID);
}

static void what_was_said_before_does_not_count(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();

	log_read(tree, OLD);
	log_read(tree, OLD "4,101,9,-;nf_conntrack: nf_conntrack: table full, dropping packet\n"
			   "6,102,9,-;something else\n"
			   "4,103,9,-;nf_conntrack: table full, dropping packet.\n");
	assert_int_equal(tree_value(tree, C_KERNEL_LOG_CONNTRACK_FULL, "host"), 2);
	assert_int_equal(tree_value(tree, C_KERNEL_LOG_TCP_ORPHANS, "host"), 0);
	log_read(tree, "4,103,9,-;nf_conntrack: table full, dropping packet.\n");
	assert_int_equal(tree_value(tree, C_KERNEL_LOG_CONNTRACK_FULL, "host"), 2);
	assert_false(log_observation(tree)->partial);
}

static void each_line_that_matters_is_recognised(void **state)
{
	static const struct {
		const char *message;
		counter_id counter;
	} rows[] = {
		{ "nf_conntrack: nf_conntrack: table full in netns 3, dropping packet", C_KERNEL_LOG_CONNTRACK_FULL },
		{ "neighbour: arp_cache: neighbor table overflow!", C_KERNEL_LOG_NEIGHBOUR_OVERFLOW },
		{ "Neighbour table overflow.", C_KERNEL_LOG_NEIGHBOUR_OVERFLOW },
		{ "NETDEV WATCHDOG: eth0 (e1000e): transmit queue 0 timed out", C_KERNEL_LOG_TX_TIMEOUT },
		{ "igb 0000:01:00.0 eth0: NETDEV WATCHDOG: CPU: 2: transmit queue 0 timed out 5000 ms",
		  C_KERNEL_LOG_TX_TIMEOUT },
		{ "ixgbe 0000:01:00.0 eth0: NIC Link is Down", C_KERNEL_LOG_LINK_DOWN },
		{ "mlx5_core 0000:01:00.0 eth0: Link down", C_KERNEL_LOG_LINK_DOWN },
		{ "swapper/1: page allocation failure: order:0, mode:0x40a20(GFP_ATOMIC|__GFP_COMP)",
		  C_KERNEL_LOG_ALLOCATION_FAILURE },
		{ "Out of memory: Killed process 811 (java) total-vm:9kB", C_KERNEL_LOG_OUT_OF_MEMORY_KILL },
		{ "Memory cgroup out of memory: Killed process 812 (java)", C_KERNEL_LOG_OUT_OF_MEMORY_KILL },
		{ "TCP: request_sock_TCP: Possible SYN flooding on port 0.0.0.0:80. Sending cookies.",
		  C_KERNEL_LOG_SYN_FLOODING },
		{ "TCP: out of memory -- consider tuning tcp_mem", C_KERNEL_LOG_TCP_MEMORY },
		{ "TCP: too many orphaned sockets", C_KERNEL_LOG_TCP_ORPHANS },
		{ "TCP: time wait bucket table overflow", C_KERNEL_LOG_TIME_WAIT },
		{ "nf_queue: full at 1024 entries, dropping packets(s)", C_KERNEL_LOG_NFQUEUE_FULL },
		{ "IPv4: martian source 10.0.0.1 from 127.0.0.1, on dev eth0", C_KERNEL_LOG_MARTIAN },
		{ "INFO: task dnsd:12 blocked for more than 120 seconds.", C_KERNEL_LOG_HUNG_TASK },
		{ "watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [swapper/0:0]", C_KERNEL_LOG_LOCKUP },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP_TREE struct tree *tree = tree_new();
		CLEANUP_FREE char *text = text_format(OLD "4,101,9,-;%s\n SUBSYSTEM=net\n", rows[i].message);

		log_read(tree, OLD);
		log_read(tree, text);
		if (tree_value(tree, rows[i].counter, "host") != 1)
			fail_msg("not recognised: %s", rows[i].message);
	}
}

static void lines_of_programs_and_broken_ones_do_not_count(void **state)
{
	static const char *const lines[] = {
		"12,101,9,-;nf_conntrack: table full, dropping packet\n", /* LOG_USER */
		"nf_conntrack: table full, dropping packet\n",
		"4;nf_conntrack: table full, dropping packet\n",
		"4,x,9,-;nf_conntrack: table full, dropping packet\n",
		"4,99,9,-;nf_conntrack: table full, dropping packet\n",
		" nf_conntrack: table full, dropping packet\n",
		"4,101,9,-;\n",
		";\n",
		",,;\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		CLEANUP_TREE struct tree *tree = tree_new();
		CLEANUP_FREE char *text = text_format(OLD "%s", lines[i]);

		log_read(tree, OLD);
		log_read(tree, text);
		assert_int_equal(tree_value(tree, C_KERNEL_LOG_CONNTRACK_FULL, "host"), 0);
	}
}

static void a_line_about_a_device_belongs_to_it(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	struct object *link;

	objects_set_home(tree->objects, TREE_NETNS);
	for (unsigned int i = 0; i < 2; i++) {
		link = object_intern(tree->objects, (struct object_key){ OBJECT_LINK, TREE_NETNS, 2 + i, 0 }, NULL);
		object_labelf(link, LABEL_NAME, "eth%u", i);
		object_label(link, LABEL_DRIVER, "igb");
	}
	log_read(tree, OLD);
	log_read(tree, OLD "4,101,9,-;igb: eth1 NIC Link is Down\n4,102,9,-;igb 0000:01:00.0 eth1: Link is Down\n"
			   "4,103,9,-;NETDEV WATCHDOG: eth9 (x): timed out\n");
	assert_int_equal(tree_value(tree, C_KERNEL_LOG_LINK_DOWN, "eth1"), 2);
	assert_int_equal(tree_value(tree, C_KERNEL_LOG_LINK_DOWN, "eth0"), 0);
	assert_int_equal(tree_value(tree, C_KERNEL_LOG_LINK_DOWN, "host"), 2);
	assert_int_equal(tree_value(tree, C_KERNEL_LOG_TX_TIMEOUT, "eth1"), 0);
	assert_int_equal(tree_value(tree, C_KERNEL_LOG_TX_TIMEOUT, "host"), 1);
}

static void numbers_of_packets_are_added_up(void **state)
{
	static const char lines[] = "4,101,9,-;ixgbe 0000:01:00.1 eth1: 3 Spoofed packets detected\n"
				    "4,102,9,-;ixgbe 0000:01:00.1 eth1: 2287641 Spoofed packets detected\n"
				    "4,103,9,-;ixgbe 0000:01:00.0 eth9: 5 Spoofed packets detected\n"
				    "4,104,9,-;ixgbe 0000:01:00.0 eth1: many Spoofed packets detected\n";
	CLEANUP_TREE struct tree *tree = tree_new();
	CLEANUP_FREE char *text = text_format(OLD "%s", lines);
	struct object *link = object_intern(tree->objects, (struct object_key){ OBJECT_LINK, TREE_NETNS, 2, 0 }, NULL);

	objects_set_home(tree->objects, TREE_NETNS);
	object_label(link, LABEL_NAME, "eth1");
	object_label(link, LABEL_DRIVER, "ixgbe");
	log_read(tree, OLD);
	assert_int_equal(tree_value(tree, C_KERNEL_LOG_SPOOFED_PACKETS, "eth1"), 0);
	log_read(tree, text);
	assert_int_equal(tree_value(tree, C_KERNEL_LOG_SPOOFED_PACKETS, "eth1"), 2287644);
	assert_int_equal(tree_value(tree, C_KERNEL_LOG_SPOOFED_PACKETS, "host"), 5);
}

static void overwritten_lines_are_told(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();

	log_read(tree, OLD);
	log_read(tree, "4,300,9,-;TCP: too many orphaned sockets\n");
	assert_int_equal(tree_value(tree, C_KERNEL_LOG_TCP_ORPHANS, "host"), 1);
	assert_true(log_observation(tree)->partial);
	assert_string_equal(log_observation(tree)->reason, "kernel log: lines were overwritten before they were read");
}

static void without_a_log_the_reason_is_told(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();

	tree_read(tree, &source_kernel_log);
	assert_int_equal(log_observation(tree)->error, -ENOENT);
	assert_string_equal(log_observation(tree)->reason, "/dev/kmsg: not there");
	assert_int_equal(tree->snapshot.samples.count, 0);
}

/* The witness stands in the evidence of the finding that is there already. */
static void the_log_is_a_witness(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	struct diagnosis diagnosis;
	const struct evidence *evidence;
	size_t heard = 0;

	for (unsigned int i = 0; i < 2; i++) {
		CLEANUP_FREE char *text =
			text_format(OLD "%s", i ? "4,101,9,-;nf_conntrack: table full, dropping packet\n" : "");

		tree_file(tree, LOG, text);
		tree_read(tree, &source_kernel_log);
		tree_begin(tree);
		snapshot_add(&tree->snapshot, C_CONNTRACK_DROP, tree->netns, i * 900);
		snapshot_add(&tree->snapshot, C_CONNTRACK_COUNT, tree->netns, 65536);
		snapshot_add(&tree->snapshot, C_CONNTRACK_MAX, tree->netns, 65536);
		tree_end(tree);
	}
	series_finish(tree->series);
	diagnose(tree->series, &(struct diagnose_options){ 0 }, &diagnosis);
	assert_non_null(diagnosis.first);
	assert_int_equal(diagnosis.first->cause, CAUSE_CONNTRACK_TABLE_FULL);
	vec_each(&diagnosis.first->evidence, evidence)
		heard += evidence->counter == C_KERNEL_LOG_CONNTRACK_FULL && evidence->delta == 1;
	assert_int_equal(heard, 1);
	diagnosis_free(&diagnosis);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_said_before_does_not_count),
		cmocka_unit_test(each_line_that_matters_is_recognised),
		cmocka_unit_test(lines_of_programs_and_broken_ones_do_not_count),
		cmocka_unit_test(a_line_about_a_device_belongs_to_it),
		cmocka_unit_test(numbers_of_packets_are_added_up),
		cmocka_unit_test(overwritten_lines_are_told),
		cmocka_unit_test(without_a_log_the_reason_is_told),
		cmocka_unit_test(the_log_is_a_witness),
	};

	return cmocka_run_group_tests_name("source/kernel log", tests, NULL, NULL);
}
