/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xfrm_stat and sctp/snmp: lines of name and number, each a counter; memory and pressure of the host. */
#include "source/proc_pressure.h"
#include "unit/procfs_fixture.h"

#define XFRM_STAT "/proc/thread-self/net/xfrm_stat"
#define SCTP_SNMP "/proc/thread-self/net/sctp/snmp"

/* Kernel 6.18: every name has a row. */
static void ipsec_tells_a_reason_per_line(void **state)
{
	struct fixture fixture;
	const struct sample *sample;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_xfrm, "ipsec-6.18");
	expect_read(&fixture);
	assert_int_equal(fixture.snapshot.samples.count, 32);
	vec_each(&fixture.snapshot.samples, sample) {
		assert_true(sample->counter < COUNTER_STATIC);
		assert_int_equal(counter_get(sample->counter)->kind, KIND_DROP);
	}
	assert_int_equal(fixture_value(&fixture, C_XFRM_IN_NO_STATES, KEY_NETNS), 143);
	assert_int_equal(fixture_value(&fixture, C_XFRM_IN_STATE_SEQ_ERROR, KEY_NETNS), 71);
	assert_int_equal(fixture_value(&fixture, C_XFRM_OUT_NO_STATES, KEY_NETNS), 12);
	assert_int_equal(fixture_value(&fixture, C_XFRM_OUT_NO_QUEUE_SPACE, KEY_NETNS), 2);
	fixture_end(&fixture);
}

/* What the kernel at hand prints has rows. */
static void this_kernels_ipsec_names_have_rows(void **state)
{
	struct fixture fixture;
	const struct sample *sample;

	if (access("/proc/net/xfrm_stat", R_OK))
		skip();
	fixture_begin(&fixture);
	fixture_read_below(&fixture, &source_xfrm, "");
	vec_each(&fixture.snapshot.samples, sample)
		if (sample->counter >= COUNTER_STATIC)
			fail_msg("no row for %s", counter_name(sample->counter));
	fixture_end(&fixture);
}

static void a_new_reason_is_read_too(void **state)
{
	struct fixture fixture;
	counter_id counter;

	fixture_begin(&fixture);
	fixture_read_text(&fixture, &source_xfrm, XFRM_STAT, "XfrmInNoStates\t4\nXfrmOutNewError\t9\n");
	expect_read(&fixture);
	counter = counter_find(SOURCE_XFRM, "XfrmOutNewError", strlen("XfrmOutNewError"));
	assert_int_not_equal(counter, COUNTER_NONE);
	assert_int_equal(fixture_value(&fixture, counter, KEY_NETNS), 9);
	assert_int_equal(counter_get(counter)->kind, KIND_DROP);
	fixture_end(&fixture);
}

static void malformed_lines_are_left_out(void **state)
{
	static const char *const bad[] = { "XfrmInError\n", "XfrmInError -4\n", "\n", "1 2\n", "Xfrm:In 3\n" };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CLEANUP_FREE char *text = text_format("XfrmInNoStates 4\n%sXfrmInNoPols 7\n", bad[i]);
		struct fixture fixture;

		fixture_begin(&fixture);
		fixture_read_text(&fixture, &source_xfrm, XFRM_STAT, text);
		expect_partly(&fixture, "/proc/net/xfrm_stat: a line was not understood");
		assert_int_equal(fixture.snapshot.samples.count, 2);
		assert_int_equal(fixture_value(&fixture, C_XFRM_IN_NO_POLS, KEY_NETNS), 7);
		fixture_end(&fixture);
	}
}

static void an_empty_file_is_a_miss(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read_text(&fixture, &source_xfrm, XFRM_STAT, "");
	expect_missed(&fixture, -ENODATA, "/proc/net/xfrm_stat: empty");
	fixture_read_text(&fixture, &source_sctp, SCTP_SNMP, "");
	expect_missed(&fixture, -ENODATA, "/proc/net/sctp/snmp: empty");
	fixture_end(&fixture);
}

static void sctp_tells_every_counter(void **state)
{
	struct fixture fixture;
	const struct sample *sample;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_sctp, "sctp");
	expect_read(&fixture);
	assert_int_equal(fixture.snapshot.samples.count, 32);
	vec_each(&fixture.snapshot.samples, sample)
		assert_true(sample->counter < COUNTER_STATIC);
	assert_int_equal(fixture_value(&fixture, C_SCTP_CURR_ESTAB, KEY_NETNS), 2);
	assert_int_equal(fixture_value(&fixture, C_SCTP_CHECKSUM_ERRORS, KEY_NETNS), 9);
	assert_int_equal(fixture_value(&fixture, C_SCTP_IN_PKT_DISCARDS, KEY_NETNS), 13);
	fixture_end(&fixture);
}

static void without_sctp_nothing_is_missed(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_sctp, "ipsec-6.18");
	expect_read(&fixture);
	assert_int_equal(fixture.snapshot.samples.count, 0);
	fixture_end(&fixture);
}

/* ---- the host ---- */

static void memory_is_told_in_bytes_and_stalls_in_one_number(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_memory, "memory");
	expect_read(&fixture);
	assert_true(fixture_value(&fixture, C_MEMORY_TOTAL, KEY_HOST) == UINT64_C(24682416) * 1024);
	assert_int_equal(fixture_value(&fixture, C_MEMORY_FREE, KEY_HOST), 53408 * 1024);
	assert_int_equal(fixture_value(&fixture, C_MEMORY_RESERVE, KEY_HOST), 67584 * 1024);
	assert_int_equal(fixture_value(&fixture, C_MEMORY_ALLOCATION_STALLS, KEY_HOST), 2 + 40 + 81);
	assert_int_equal(fixture_value(&fixture, C_MEMORY_OOM_KILLS, KEY_HOST), 1);
	assert_int_equal(fixture_value(&fixture, C_MEMORY_MAJOR_FAULTS, KEY_HOST), 33487);
	fixture_read(&fixture, &source_memory, "memory-4.9");
	expect_read(&fixture);
	assert_int_equal(fixture_value(&fixture, C_MEMORY_ALLOCATION_STALLS, KEY_HOST), 8);
	assert_false(fixture_has(&fixture, C_MEMORY_OOM_KILLS));
	assert_false(fixture_has(&fixture, C_MEMORY_RESERVE));
	fixture_end(&fixture);
}

static void meminfo_without_what_is_looked_for_is_no_reading(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read_text(&fixture, &source_memory, "/proc/meminfo", "Nothing: 4 kB\n");
	expect_missed(&fixture, -ENOENT, "/proc/vmstat: not there");
	fixture_end(&fixture);
}

static void pressure_is_told_as_time(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_pressure, "memory");
	expect_read(&fixture);
	assert_true(fixture_value(&fixture, C_PRESSURE_CPU_SOME, KEY_HOST) == UINT64_C(2333077434000));
	assert_true(fixture_value(&fixture, C_PRESSURE_IO_FULL, KEY_HOST) == UINT64_C(110378533000));
	assert_true(fixture_value(&fixture, C_PRESSURE_MEMORY_SOME, KEY_HOST) == UINT64_C(9125000000));
	assert_int_equal(fixture_value(&fixture, C_PRESSURE_IRQ_FULL, KEY_HOST), 44000);
	assert_int_equal(fixture.snapshot.samples.count, 6);
	fixture_end(&fixture);
}

/* Kernels without PSI, or with psi=0, have no such files. */
static void without_pressure_nothing_is_missed(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_pressure, "sctp");
	expect_read(&fixture);
	assert_int_equal(fixture.snapshot.samples.count, 0);
	fixture_read_text(&fixture, &source_pressure, "/proc/pressure/io", "some avg10=0.00\n");
	expect_missed(&fixture, -EBADMSG, "/proc/pressure/io: not in a known form");
	fixture_end(&fixture);
}

static void a_pressure_file_is_understood_or_refused(void **state)
{
	static const struct {
		const char *text;
		int error;
		bool has_some, has_full;
	} rows[] = {
		{ "some total=1\nfull total=2\n", 0, true, true },
		{ "full avg10=0.00 avg60=0.00 avg300=0.00 total=2\n", 0, false, true },
		{ "some total=1\nfull total=x\n", 0, true, false },
		{ "some total=99999999999999999999\n", -EBADMSG, false, false },
		{ "some total=18446744073709551615\n", -EBADMSG, false, false },
		{ "some\n", -EBADMSG, false, false },
		{ "", -EBADMSG, false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct pressure pressure = { 0 };

		assert_int_equal(pressure_parse(slice_of(rows[i].text), &pressure), rows[i].error);
		assert_int_equal(pressure.has_some, rows[i].has_some);
		assert_int_equal(pressure.has_full, rows[i].has_full);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipsec_tells_a_reason_per_line),
		cmocka_unit_test(this_kernels_ipsec_names_have_rows),
		cmocka_unit_test(a_new_reason_is_read_too),
		cmocka_unit_test(malformed_lines_are_left_out),
		cmocka_unit_test(an_empty_file_is_a_miss),
		cmocka_unit_test(sctp_tells_every_counter),
		cmocka_unit_test(without_sctp_nothing_is_missed),
		cmocka_unit_test(memory_is_told_in_bytes_and_stalls_in_one_number),
		cmocka_unit_test(meminfo_without_what_is_looked_for_is_no_reading),
		cmocka_unit_test(pressure_is_told_as_time),
		cmocka_unit_test(without_pressure_nothing_is_missed),
		cmocka_unit_test(a_pressure_file_is_understood_or_refused),
	};

	return cmocka_run_group_tests_name("source/proc protocols and host", tests, NULL, NULL);
}
