/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * base/parse: numbers at their limits, durations as users type them, and a
 * cursor that stops at its end whatever the text holds.
 */
#include "base/clock.h"
#include "base/parse.h"
#include "unit/unit.h"

#include <errno.h>
#include <string.h>

#define UNTOUCHED 4711

static void u64_accepts_its_whole_range(void **state)
{
	uint64_t value = UNTOUCHED;

	assert_int_equal(parse_u64(SLICE("0"), &value), 0);
	assert_int_equal(value, 0);
	assert_int_equal(parse_u64(SLICE("18446744073709551615"), &value), 0);
	assert_true(value == UINT64_MAX);
	assert_int_equal(parse_u64(SLICE("00012"), &value), 0);
	assert_int_equal(value, 12);
}

static void u64_refuses_and_leaves_the_result_alone(void **state)
{
	static const struct {
		const char *text;
		int error;
	} rows[] = {
		{ "", -EINVAL },
		{ "-1", -EINVAL },
		{ "+1", -EINVAL },
		{ " 1", -EINVAL },
		{ "1 ", -EINVAL },
		{ "0x10", -EINVAL },
		{ "1.5", -EINVAL },
		{ "18446744073709551616", -ERANGE },
		{ "99999999999999999999999999", -ERANGE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t value = UNTOUCHED;

		assert_int_equal(parse_u64(slice_of(rows[i].text), &value), rows[i].error);
		assert_int_equal(value, UNTOUCHED);
	}
}

static void u64_reads_only_its_slice(void **state)
{
	uint64_t value = UNTOUCHED;

	assert_int_equal(parse_u64((struct slice){ "123456", 3 }, &value), 0);
	assert_int_equal(value, 123);
}

static void u32_stops_at_32_bits(void **state)
{
	uint32_t value = UNTOUCHED;

	assert_int_equal(parse_u32(SLICE("4294967296"), &value), -ERANGE);
	assert_int_equal(value, UNTOUCHED);
	assert_int_equal(parse_u32(SLICE("4294967295"), &value), 0);
	assert_true(value == UINT32_MAX);
}

static void i64_accepts_both_ends(void **state)
{
	int64_t value = UNTOUCHED;

	assert_int_equal(parse_i64(SLICE("9223372036854775808"), &value), -ERANGE);
	assert_int_equal(parse_i64(SLICE("-9223372036854775809"), &value), -ERANGE);
	assert_int_equal(parse_i64(SLICE("-"), &value), -EINVAL);
	assert_int_equal(parse_i64(SLICE("--1"), &value), -EINVAL);
	assert_int_equal(value, UNTOUCHED);
	assert_int_equal(parse_i64(SLICE("9223372036854775807"), &value), 0);
	assert_true(value == INT64_MAX);
	assert_int_equal(parse_i64(SLICE("-9223372036854775808"), &value), 0);
	assert_true(value == INT64_MIN);
}

static void hex_accepts_both_cases_and_no_prefix(void **state)
{
	uint64_t value = UNTOUCHED;

	assert_int_equal(parse_hex(SLICE("0x1f"), &value), -EINVAL);
	assert_int_equal(parse_hex(SLICE("g"), &value), -EINVAL);
	assert_int_equal(parse_hex(SLICE("10000000000000000"), &value), -ERANGE);
	assert_int_equal(value, UNTOUCHED);
	assert_int_equal(parse_hex(SLICE("fF"), &value), 0);
	assert_int_equal(value, 255);
}

static void duration_knows_the_units_users_type(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} rows[] = {
		{ "10", 10 * NS_PER_S },
		{ "10s", 10 * NS_PER_S },
		{ "100ms", 100 * NS_PER_MS },
		{ "500us", 500 * NS_PER_US },
		{ "7ns", 7 },
		{ "1.5m", 90 * NS_PER_S },
		{ "2min", 120 * NS_PER_S },
		{ "2h", 7200 * NS_PER_S },
		{ "1d", 86400 * NS_PER_S },
		{ "0.25s", 250 * NS_PER_MS },
		{ "0s", 0 },
		{ "3650d", UINT64_C(3650) * 86400 * NS_PER_S },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t ns = UNTOUCHED;

		assert_int_equal(parse_duration_ns(slice_of(rows[i].text), &ns), 0);
		assert_true(ns == rows[i].ns);
	}
}

static void duration_refuses_nonsense(void **state)
{
	static const char *const rows[] = {
		"",
		"s",
		"-1s",
		"1 s",
		"1sec",
		"1.s",
		".5s",
		"1e9",
		"inf",
		"1,5",
		"3651d",
		"1.0000000000s",
		"999999999999999999999s",
		"1s2",
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t ns = UNTOUCHED;

		assert_true(parse_duration_ns(slice_of(rows[i]), &ns) < 0);
		assert_int_equal(ns, UNTOUCHED);
	}
}

static void slices_compare_by_content_and_length(void **state)
{
	assert_true(slice_is(SLICE("abc"), "abc"));
	assert_false(slice_is(SLICE("abc"), "abcd"));
	assert_false(slice_is(SLICE("abcd"), "abc"));
	assert_true(slice_starts(SLICE("abc"), "ab"));
	assert_false(slice_starts(SLICE("a"), "ab"));
	assert_true(slice_same((struct slice){ 0 }, SLICE("")));
	assert_true(slice_is(slice_trim(SLICE("\t two words \r\n")), "two words"));
	assert_int_equal(slice_trim(SLICE(" \n ")).length, 0);
}

static void cursor_gives_every_line_once(void **state)
{
	struct cursor cursor = cursor_of("one\n\nlast", 9);
	struct slice line;

	assert_true(cursor_line(&cursor, &line));
	assert_true(slice_is(line, "one"));
	assert_true(cursor_line(&cursor, &line));
	assert_int_equal(line.length, 0);
	assert_true(cursor_line(&cursor, &line));
	assert_true(slice_is(line, "last"));
	assert_false(cursor_line(&cursor, &line));
}

static void cursor_until_consumes_nothing_without_the_stop(void **state)
{
	struct cursor cursor = cursor_of("key: value", 10);
	struct slice key;

	assert_false(cursor_until(&cursor, ';', &key));
	assert_int_equal(cursor.rest.length, 10);
	assert_true(cursor_until(&cursor, ':', &key));
	assert_true(slice_is(key, "key"));
	assert_true(slice_is(cursor.rest, " value"));
}

static void cursor_latches_its_first_error(void **state)
{
	struct cursor cursor = cursor_of("7 99999999999999999999 x 8", 26);

	assert_int_equal(cursor_u64(&cursor), 7);
	assert_int_equal(cursor.error, 0);
	assert_int_equal(cursor_u64(&cursor), 0);
	assert_int_equal(cursor.error, -ERANGE);
	assert_int_equal(cursor_u64(&cursor), 0);
	assert_int_equal(cursor_u64(&cursor), 8);
	assert_int_equal(cursor.error, -ERANGE);
}

static void cursor_reports_missing_numbers(void **state)
{
	struct cursor cursor = cursor_of(" \t\n", 3);

	assert_int_equal(cursor_hex(&cursor), 0);
	assert_int_equal(cursor.error, -ENODATA);
}

static void cursor_survives_binary_and_no_text_at_all(void **state)
{
	struct cursor binary = cursor_of("\0\xff\n\0", 4), none = cursor_of(NULL, 0);
	struct slice piece;

	assert_true(cursor_line(&binary, &piece));
	assert_int_equal(piece.length, 2);
	assert_true(cursor_word(&binary, &piece));
	assert_int_equal(piece.length, 1);
	assert_false(cursor_line(&none, &piece));
	assert_false(cursor_word(&none, &piece));
	assert_false(cursor_until(&none, ':', &piece));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(u64_accepts_its_whole_range),
		cmocka_unit_test(u64_refuses_and_leaves_the_result_alone),
		cmocka_unit_test(u64_reads_only_its_slice),
		cmocka_unit_test(u32_stops_at_32_bits),
		cmocka_unit_test(i64_accepts_both_ends),
		cmocka_unit_test(hex_accepts_both_cases_and_no_prefix),
		cmocka_unit_test(duration_knows_the_units_users_type),
		cmocka_unit_test(duration_refuses_nonsense),
		cmocka_unit_test(slices_compare_by_content_and_length),
		cmocka_unit_test(cursor_gives_every_line_once),
		cmocka_unit_test(cursor_until_consumes_nothing_without_the_stop),
		cmocka_unit_test(cursor_latches_its_first_error),
		cmocka_unit_test(cursor_reports_missing_numbers),
		cmocka_unit_test(cursor_survives_binary_and_no_text_at_all),
	};

	return cmocka_run_group_tests_name("base/parse", tests, NULL, NULL);
}
