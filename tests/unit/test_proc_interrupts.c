/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * interrupts, softirqs and CPU time: a virtio guest, a CentOS 7 host whose four
 * queues all interrupt CPU 0, an arm64 instance with ENA, a laptop.
 */
#include "unit/procfs_fixture.h"
#include "unit/tree_fixture.h"

#define INTERRUPTS "/proc/interrupts"

static const char *irq_text(const struct fixture *fixture, uint64_t irq, uint64_t cpu, enum label label)
{
	return object_text(object_find(fixture->objects, KEY_IRQ(irq, cpu)), label);
}

static void virtio_queues_are_network_and_disks_are_not(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_interrupts, "ubuntu-20.04");
	expect_read(&fixture);
	assert_int_equal(fixture_value(&fixture, C_INTERRUPTS, KEY_IRQ(29, 0)), 103154);
	assert_int_equal(fixture_value(&fixture, C_INTERRUPTS, KEY_IRQ(30, 1)), 129539);
	assert_string_equal(irq_text(&fixture, 29, 1, LABEL_NAME), "virtio0-input.0");
	assert_string_equal(irq_text(&fixture, 29, 1, LABEL_CPUS), "1");
	assert_null(object_find(fixture.objects, KEY_IRQ(27, 1))); /* virtio2-req.0, a disk */
	assert_null(object_find(fixture.objects, KEY_IRQ(28, 0))); /* never came */
	assert_int_equal(fixture_value(&fixture, C_INTERRUPTS_CPU_NETWORK, KEY_CPU(0)), 103154 + 35614);
	fixture_end(&fixture);
}

static void names_that_begin_with_an_interface_are_network(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_interrupts, "centos-7");
	expect_read(&fixture);
	assert_int_equal(fixture_value(&fixture, C_INTERRUPTS, KEY_IRQ(58, 0)), 3587929355);
	assert_int_equal(fixture_value(&fixture, C_INTERRUPTS, KEY_IRQ(59, 0)), 3334); /* plain "eth3" */
	assert_null(object_find(fixture.objects, KEY_IRQ(58, 1)));
	assert_int_equal(fixture_value(&fixture, C_INTERRUPTS_CPU_NETWORK, KEY_CPU(1)), 0);
	assert_int_equal(fixture_value(&fixture, C_INTERRUPTS_CPU, KEY_CPU(1)), 693493 + 146726541);
	fixture_read(&fixture, &source_interrupts, "laptop");
	expect_read(&fixture);
	assert_int_equal(fixture_value(&fixture, C_INTERRUPTS, KEY_IRQ(29, 7)), 56791); /* enp0s25, not enp0s2 */
	assert_string_equal(irq_text(&fixture, 33, 3, LABEL_NAME), "iwlwifi");
	assert_null(object_find(fixture.objects, KEY_IRQ(30, 0))); /* nobody's: the name is missing */
	assert_null(object_find(fixture.objects, KEY_IRQ(16, 0)));
	fixture_end(&fixture);
}

static void arm64_names_stand_close_to_their_numbers(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_interrupts, "aarch64");
	expect_read(&fixture);
	assert_int_equal(fixture_value(&fixture, C_INTERRUPTS, KEY_IRQ(58, 2)), 1195697946);
	assert_string_equal(irq_text(&fixture, 58, 3, LABEL_NAME), "eth0-Tx-Rx-0");
	assert_int_equal(fixture_value(&fixture, C_INTERRUPTS, KEY_IRQ(57, 5)), 32479308); /* ena-mgmnt */
	assert_null(object_find(fixture.objects, KEY_IRQ(53, 0)));			   /* nvme0q1 */
	assert_int_equal(fixture_value(&fixture, C_INTERRUPTS_CPU_NETWORK, KEY_CPU(0)), 2052879736 + 50);
	fixture_end(&fixture);
}

static uint64_t irq_increase(const struct tree *tree, uint64_t irq, uint64_t cpu)
{
	return series_increase(tree->series, C_INTERRUPTS, object_find(tree->objects, KEY_IRQ(irq, cpu))->id);
}

/* A queue moved to another CPU: what that CPU takes from now on all belongs to the window. */
static void an_interrupt_on_a_new_cpu_is_born_there(void **state)
{
	struct tree *tree CLEANUP_TREE = tree_new();

	tree_file(tree, INTERRUPTS, " CPU0 CPU2\n 7: 5 0 MSI  eth0-rx-0\nERR: 3\n");
	tree_read(tree, &source_interrupts);
	assert_null(object_find(tree->objects, KEY_IRQ(7, 2)));
	tree_file(tree, INTERRUPTS, " CPU0 CPU2\n 7: 5 4 MSI  eth0-rx-0\nERR: 3\n");
	tree_read(tree, &source_interrupts);
	assert_int_equal(irq_increase(tree, 7, 2), 4);
	assert_true(object_find(tree->objects, KEY_IRQ(7, 2))->born);
	assert_int_equal(series_last(tree->series, C_INTERRUPTS_CPU, object_find(tree->objects, KEY_CPU(0))->id), 5);
}

/* The window's first reading finds what was counted since the host's start. */
static void what_came_before_the_window_is_not_its_own(void **state)
{
	struct tree *tree CLEANUP_TREE = tree_new();

	tree_file(tree, INTERRUPTS, " CPU0 CPU2\n 7: 3587929355 0 MSI  eth0-rx-0\n");
	tree_read(tree, &source_interrupts);
	assert_int_equal(irq_increase(tree, 7, 0), 0);
	assert_false(object_find(tree->objects, KEY_IRQ(7, 0))->born);
	tree_file(tree, INTERRUPTS, " CPU0 CPU2\n 7: 3587929365 4 MSI  eth0-rx-0\n");
	tree_read(tree, &source_interrupts);
	assert_int_equal(irq_increase(tree, 7, 0), 10);
	assert_int_equal(irq_increase(tree, 7, 2), 4);
}

/* No driver does that, but what was remembered of the row must end where its bytes end. */
static void a_name_with_a_zero_byte_ends_there(void **state)
{
	static const char text[] = " CPU0\n 7: 5 MSI  eth0-rx-0\0rest\n";
	struct fixture fixture;

	fixture_begin(&fixture);
	for (int i = 0; i < 2; i++) {
		fixture_read_bytes(&fixture, &source_interrupts, INTERRUPTS, text, sizeof(text) - 1);
		expect_read(&fixture);
		assert_string_equal(irq_text(&fixture, 7, 0, LABEL_NAME), "eth0-rx-0");
	}
	fixture_end(&fixture);
}

/* Sums per CPU need every row; a queue's own numbers do not. */
static void a_short_row_spoils_the_sums_only(void **state)
{
	static const char *const bad[] = { " 8: 1\n", " 8: 1 x MSI  eth0-rx-1\n", "8 1 2 MSI\n",
					   " 8: 1 2 MSI  eth0-rx-1" };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CLEANUP_FREE char *text = text_format(" CPU0 CPU1\n 7: 5 6 MSI  eth0-rx-0\n%s", bad[i]);
		struct fixture fixture;

		fixture_begin(&fixture);
		fixture_read_text(&fixture, &source_interrupts, INTERRUPTS, text);
		expect_partly(&fixture, "/proc/interrupts: ");
		assert_int_equal(fixture.snapshot.samples.count, 2);
		assert_int_equal(fixture_value(&fixture, C_INTERRUPTS, KEY_IRQ(7, 1)), 6);
		fixture_end(&fixture);
	}
}

static void a_header_that_is_none_is_a_miss(void **state)
{
	static const char *const bad[] = { "CPU1 CPU0\n", "CPUx\n", "\n", "CPU0 CPU99999999\n", "7: 1 2\n" };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct fixture fixture;

		fixture_begin(&fixture);
		fixture_read_text(&fixture, &source_interrupts, INTERRUPTS, bad[i]);
		expect_missed(&fixture, -EBADMSG, "/proc/interrupts: not in a known form");
		fixture_read_text(&fixture, &source_softirqs, "/proc/softirqs", bad[i]);
		expect_missed(&fixture, -EBADMSG, "/proc/softirqs: not in a known form");
		fixture_end(&fixture);
	}
}

static void softirqs_that_move_packets_are_kept(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_softirqs, "ubuntu-20.04");
	expect_read(&fixture);
	assert_int_equal(fixture.snapshot.samples.count, 4);
	assert_int_equal(fixture_value(&fixture, C_SOFTIRQ_NET_RX, KEY_CPU(1)), 251696);
	assert_int_equal(fixture_value(&fixture, C_SOFTIRQ_NET_TX, KEY_CPU(0)), 26);
	fixture_end(&fixture);
}

static void softirqs_leave_malformed_rows_out(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read_text(&fixture, &source_softirqs, "/proc/softirqs", "CPU0 CPU1\nNET_RX: 1 2 3\nNET_TX: 4 5\n");
	expect_partly(&fixture, "/proc/softirqs: a line was not understood");
	assert_int_equal(fixture.snapshot.samples.count, 2);
	fixture_end(&fixture);
}

/* CPUs 1 and 2 are offline. */
static void cpu_time_is_in_nanoseconds(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_cpu, "cpu-10-columns");
	expect_read(&fixture);
	assert_int_equal(fixture.snapshot.samples.count, 20);
	assert_int_equal(fixture_value(&fixture, C_CPU_USER, KEY_CPU(0)), 12600000000);
	assert_int_equal(fixture_value(&fixture, C_CPU_SOFTIRQ, KEY_CPU(3)), 1130000000);
	assert_int_equal(fixture_value(&fixture, C_CPU_STEAL, KEY_CPU(3)), 6630000000);
	assert_int_equal(fixture_value(&fixture, C_CPU_GUEST_NICE, KEY_CPU(3)), 50000000);
	assert_null(object_find(fixture.objects, KEY_CPU(1)));
	fixture_end(&fixture);
}

static void an_old_kernel_has_fewer_times(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_cpu, "cpu-7-columns");
	expect_read(&fixture);
	assert_int_equal(fixture.snapshot.samples.count, 7);
	assert_false(fixture_has(&fixture, C_CPU_STEAL));
	fixture_end(&fixture);
}

static void iowait_that_falls_a_little_stands_still(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read_text(&fixture, &source_cpu, "/proc/stat", "cpu  0 0 0 0\ncpu9 1 0 1 5000 700 0 0 0 0 0\n");
	fixture_read_text(&fixture, &source_cpu, "/proc/stat", "cpu  0 0 0 0\ncpu9 1 0 1 5001 698 0 0 0 0 0\n");
	assert_int_equal(fixture_value(&fixture, C_CPU_IOWAIT, KEY_CPU(9)), 7000000000);
	assert_int_equal(fixture_value(&fixture, C_CPU_IDLE, KEY_CPU(9)), 50010000000);
	fixture_read_text(&fixture, &source_cpu, "/proc/stat", "cpu  0 0 0 0\ncpu9 1 0 1 0 0 0 0 0 0 0\n");
	assert_int_equal(fixture_value(&fixture, C_CPU_IOWAIT, KEY_CPU(9)), 0); /* a reset stays one */
	fixture_end(&fixture);
}

static void malformed_cpu_lines_are_left_out(void **state)
{
	static const char *const bad[] = { "cpux 1 2 3 4\n",	 "cpu5 1 2 3\n",
					   "cpu5 1 2 x 4\n",	 "cpu5 1 2 3 18446744073709551615\n",
					   "cpu70000 1 2 3 4\n", "cpu4 1 2 3 4\n",
					   "cpu5 1 2 3 4" };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CLEANUP_FREE char *text = text_format("cpu  1 2 3 4\ncpu4 9 2 3 4\n%s", bad[i]);
		struct fixture fixture;

		fixture_begin(&fixture);
		fixture_read_text(&fixture, &source_cpu, "/proc/stat", text);
		expect_partly(&fixture, "/proc/stat: ");
		assert_int_equal(fixture.snapshot.samples.count, 4);
		assert_int_equal(fixture_value(&fixture, C_CPU_USER, KEY_CPU(4)), 90000000);
		fixture_end(&fixture);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(virtio_queues_are_network_and_disks_are_not),
		cmocka_unit_test(names_that_begin_with_an_interface_are_network),
		cmocka_unit_test(arm64_names_stand_close_to_their_numbers),
		cmocka_unit_test(an_interrupt_on_a_new_cpu_is_born_there),
		cmocka_unit_test(what_came_before_the_window_is_not_its_own),
		cmocka_unit_test(a_name_with_a_zero_byte_ends_there),
		cmocka_unit_test(a_short_row_spoils_the_sums_only),
		cmocka_unit_test(a_header_that_is_none_is_a_miss),
		cmocka_unit_test(softirqs_that_move_packets_are_kept),
		cmocka_unit_test(softirqs_leave_malformed_rows_out),
		cmocka_unit_test(cpu_time_is_in_nanoseconds),
		cmocka_unit_test(an_old_kernel_has_fewer_times),
		cmocka_unit_test(iowait_that_falls_a_little_stands_still),
		cmocka_unit_test(malformed_cpu_lines_are_left_out),
	};

	return cmocka_run_group_tests_name("source/proc_interrupts", tests, NULL, NULL);
}
