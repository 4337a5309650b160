/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host of 4096 CPUs with an interrupt for each of 64 queues: every number arrives, and what is kept grows with the
 * CPUs or with the interrupts that come, never with their product.
 */
#include "unit/procfs_fixture.h"

#define CPUS 4096u
#define QUEUES 64u

/* The interrupt of a queue comes to this CPU alone. */
static uint64_t queue_cpu(uint64_t queue)
{
	return queue * 61;
}

static size_t samples_of(const struct fixture *fixture, counter_id counter, uint64_t *ret_sum)
{
	const struct sample *sample;
	size_t count = 0;

	*ret_sum = 0;
	vec_each(&fixture->snapshot.samples, sample) {
		if (sample->counter != counter)
			continue;
		count++;
		*ret_sum += sample->value;
	}
	return count;
}

static void expect_sum(const struct fixture *fixture, counter_id counter, size_t samples, uint64_t sum)
{
	uint64_t found;

	assert_int_equal(samples_of(fixture, counter, &found), samples);
	assert_int_equal(found, sum);
}

static void add_heading(struct text *text)
{
	text_add(text, "     ");
	for (unsigned int cpu = 0; cpu < CPUS; cpu++)
		text_addf(text, " CPU%-7u", cpu);
	text_add(text, "\n");
}

static void softnet_has_eight_numbers_for_each_cpu(void **state)
{
	CLEANUP_TEXT struct text text = { 0 };
	struct fixture fixture;

	for (unsigned int cpu = 0; cpu < CPUS; cpu++)
		text_addf(&text, "%08x %08x 00000003 0 0 0 0 0 0 00000000 00000000 00000000 %08x 00000000 00000000\n",
			  cpu + 7, cpu % 2, cpu);
	fixture_begin(&fixture);
	fixture_read_text(&fixture, &source_softnet, "/proc/thread-self/net/softnet_stat", text_string(&text));
	expect_read(&fixture);
	expect_sum(&fixture, C_SOFTNET_PROCESSED, CPUS, (uint64_t)CPUS * (CPUS - 1) / 2 + 7 * (uint64_t)CPUS);
	expect_sum(&fixture, C_SOFTNET_DROPPED, CPUS, CPUS / 2);
	assert_int_equal(fixture.snapshot.samples.count, 8 * CPUS);
	assert_int_equal(fixture_value(&fixture, C_SOFTNET_PROCESSED, KEY_CPU(4095)), 4102);
	assert_int_equal(objects_count(fixture.objects), 2 + CPUS);
	fixture_end(&fixture);
}

static void interrupts_are_kept_where_they_come(void **state)
{
	CLEANUP_TEXT struct text text = { 0 };
	struct fixture fixture;

	add_heading(&text);
	for (unsigned int queue = 0; queue < QUEUES; queue++) {
		text_addf(&text, "%4u:", 100 + queue);
		for (unsigned int cpu = 0; cpu < CPUS; cpu++)
			text_addf(&text, " %u", cpu == queue_cpu(queue) ? 1000 + queue : 0);
		text_addf(&text, "  PCI-MSIX-0000:17:00.0 %u-edge      mlx5_comp%u@pci:0000:17:00.0\n", queue, queue);
	}
	text_add(&text, " LOC:");
	for (unsigned int cpu = 0; cpu < CPUS; cpu++)
		text_add(&text, " 5");
	text_add(&text, "   Local timer interrupts\n ERR:          0\n");
	fixture_begin(&fixture);
	fixture_read_text(&fixture, &source_interrupts, "/proc/interrupts", text_string(&text));
	expect_read(&fixture);
	expect_sum(&fixture, C_INTERRUPTS, QUEUES, 1000 * QUEUES + QUEUES * (QUEUES - 1) / 2);
	expect_sum(&fixture, C_INTERRUPTS_CPU_NETWORK, CPUS, 1000 * QUEUES + QUEUES * (QUEUES - 1) / 2);
	expect_sum(&fixture, C_INTERRUPTS_CPU, CPUS, 1000 * QUEUES + QUEUES * (QUEUES - 1) / 2 + 5 * CPUS);
	assert_int_equal(fixture_value(&fixture, C_INTERRUPTS, KEY_IRQ(163, queue_cpu(63))), 1063);
	assert_int_equal(fixture.snapshot.samples.count, QUEUES + 2 * CPUS);
	assert_int_equal(objects_count(fixture.objects), 2 + CPUS + QUEUES);
	fixture_end(&fixture);
}

static void softirqs_and_times_have_their_rows(void **state)
{
	CLEANUP_TEXT struct text softirqs = { 0 }, times = { 0 };
	struct fixture fixture;

	add_heading(&softirqs);
	text_add(&softirqs, "      NET_RX:");
	for (unsigned int cpu = 0; cpu < CPUS; cpu++)
		text_addf(&softirqs, " %u", cpu);
	text_add(&softirqs, "\n");
	text_add(&times, "cpu  4096 0 0 0\n");
	for (unsigned int cpu = 0; cpu < CPUS; cpu++)
		text_addf(&times, "cpu%u 1 0 0 0 0 0 2 0 0 0\n", cpu);
	text_add(&times, "intr 0\n");
	fixture_begin(&fixture);
	fixture_read_text(&fixture, &source_softirqs, "/proc/softirqs", text_string(&softirqs));
	expect_read(&fixture);
	expect_sum(&fixture, C_SOFTIRQ_NET_RX, CPUS, (uint64_t)CPUS * (CPUS - 1) / 2);
	fixture_read_text(&fixture, &source_cpu, "/proc/stat", text_string(&times));
	expect_read(&fixture);
	expect_sum(&fixture, C_CPU_USER, CPUS, CPUS * UINT64_C(10000000));
	expect_sum(&fixture, C_CPU_SOFTIRQ, CPUS, CPUS * UINT64_C(20000000));
	assert_int_equal(objects_count(fixture.objects), 2 + CPUS);
	fixture_end(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(softnet_has_eight_numbers_for_each_cpu),
		cmocka_unit_test(interrupts_are_kept_where_they_come),
		cmocka_unit_test(softirqs_and_times_have_their_rows),
	};

	return cmocka_run_group_tests_name("4096 CPUs", tests, NULL, NULL);
}
