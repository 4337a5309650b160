/* SPDX-License-Identifier: GPL-2.0-or-later */
/* softnet_stat in the layouts of RHEL 5, 6, 8 and 9 and of kernel 6.18, and with rows that do not fit. */
#include "unit/procfs_fixture.h"

#define SOFTNET "/proc/thread-self/net/softnet_stat"

static void nine_columns_have_no_rps_and_no_cpu(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_softnet, "softnet-9-columns");
	expect_read(&fixture);
	assert_int_equal(fixture_value(&fixture, C_SOFTNET_PROCESSED, KEY_CPU(0)), 0x6dcad223);
	assert_int_equal(fixture_value(&fixture, C_SOFTNET_TIME_SQUEEZE, KEY_CPU(0)), 1);
	assert_false(fixture_has(&fixture, C_SOFTNET_RECEIVED_RPS));
	fixture_end(&fixture);
}

/* Four rows, and CPUs 2, 3 and 5 are offline. */
static void ten_columns_go_to_the_cpus_online(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_softnet, "softnet-10-columns");
	expect_read(&fixture);
	assert_int_equal(fixture_value(&fixture, C_SOFTNET_DROPPED, KEY_CPU(1)), 0xff);
	assert_int_equal(fixture_value(&fixture, C_SOFTNET_PROCESSED, KEY_CPU(4)), 0x1608c);
	assert_int_equal(fixture_value(&fixture, C_SOFTNET_DROPPED, KEY_CPU(6)), 1);
	assert_int_equal(fixture_value(&fixture, C_SOFTNET_RECEIVED_RPS, KEY_CPU(6)), 8);
	assert_string_equal(object_text(object_find(fixture.objects, KEY_CPU(6)), LABEL_NAME), "cpu6");
	assert_null(object_find(fixture.objects, KEY_CPU(2)));
	fixture_end(&fixture);
}

static void eleven_columns_without_a_list_go_by_row(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_softnet, "softnet-11-columns");
	expect_read(&fixture);
	assert_int_equal(fixture_value(&fixture, C_SOFTNET_DROPPED, KEY_CPU(1)), 0x29);
	assert_int_equal(fixture_value(&fixture, C_SOFTNET_FLOW_LIMIT, KEY_CPU(3)), 0);
	assert_false(fixture_has(&fixture, C_SOFTNET_BACKLOG));
	fixture_end(&fixture);
}

/* The last row claims to be CPU 0 once more. */
static void a_cpu_that_comes_twice_is_left_out(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_softnet, "softnet-13-columns");
	expect_partly(&fixture, "/proc/net/softnet_stat: a line was not understood");
	assert_int_equal(fixture_value(&fixture, C_SOFTNET_DROPPED, KEY_CPU(0)), 0x6283);
	assert_int_equal(fixture_value(&fixture, C_SOFTNET_BACKLOG, KEY_CPU(1)), 0xdc);
	assert_int_equal(fixture_value(&fixture, C_SOFTNET_FLOW_LIMIT, KEY_CPU(3)), 0xbd);
	assert_false(fixture_has(&fixture, C_SOFTNET_BACKLOG_INPUT));
	fixture_end(&fixture);
}

static void fifteen_columns_split_the_backlog(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_softnet, "softnet-15-columns");
	expect_read(&fixture);
	assert_int_equal(fixture_value(&fixture, C_SOFTNET_DROPPED, KEY_CPU(3)), 2);
	assert_int_equal(fixture_value(&fixture, C_SOFTNET_BACKLOG, KEY_CPU(3)), 17);
	assert_int_equal(fixture_value(&fixture, C_SOFTNET_BACKLOG_INPUT, KEY_CPU(3)), 11);
	assert_int_equal(fixture_value(&fixture, C_SOFTNET_BACKLOG_PROCESS, KEY_CPU(3)), 6);
	fixture_end(&fixture);
}

/* Rows of several kernels in one file, as no kernel prints them: the first row says how many columns there are. */
static void rows_of_another_width_are_left_out(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_softnet, "softnet-mixed");
	expect_partly(&fixture, "a line was not understood");
	assert_int_equal(fixture_value(&fixture, C_SOFTNET_DROPPED, KEY_CPU(1)), 0x446);
	assert_null(object_find(fixture.objects, KEY_CPU(2)));
	fixture_read(&fixture, &source_softnet, "softnet-broken");
	expect_partly(&fixture, "a line was not understood");
	assert_int_equal(fixture.snapshot.samples.count, 0);
	fixture_end(&fixture);
}

static void a_row_with_a_bad_number_is_left_out(void **state)
{
	static const char good[] = "1 2 3 4 5 6 7 8 9\n";
	static const char *const bad[] = {
		"1 2 x 4 5 6 7 8 9\n", "100000000 2 3 4 5 6 7 8 9\n", "1 2 3 4 5 6 7 8\n", "\n", "1 2 3 4 5 6 7 8 9",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CLEANUP_FREE char *text = text_format("%s%s", good, bad[i]);
		struct fixture fixture;

		fixture_begin(&fixture);
		fixture_read_text(&fixture, &source_softnet, SOFTNET, text);
		expect_partly(&fixture, "/proc/net/softnet_stat: ");
		assert_int_equal(fixture.snapshot.samples.count, 3);
		assert_int_equal(fixture_value(&fixture, C_SOFTNET_DROPPED, KEY_CPU(0)), 2);
		fixture_end(&fixture);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nine_columns_have_no_rps_and_no_cpu),
		cmocka_unit_test(ten_columns_go_to_the_cpus_online),
		cmocka_unit_test(eleven_columns_without_a_list_go_by_row),
		cmocka_unit_test(a_cpu_that_comes_twice_is_left_out),
		cmocka_unit_test(fifteen_columns_split_the_backlog),
		cmocka_unit_test(rows_of_another_width_are_left_out),
		cmocka_unit_test(a_row_with_a_bad_number_is_left_out),
	};

	return cmocka_run_group_tests_name("source/proc_softnet", tests, NULL, NULL);
}
