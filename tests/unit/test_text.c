/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base/text: what was written is there, and the maximum holds. */
#include "base/text.h"
#include "unit/unit.h"

#include <string.h>

static void empty_text_is_an_empty_string(void **state)
{
	CLEANUP_TEXT struct text text = { 0 };

	assert_string_equal(text_string(&text), "");
	text_clear(&text);
	text_add(&text, "");
	assert_string_equal(text_string(&text), "");
}

static void appending_keeps_the_order(void **state)
{
	CLEANUP_TEXT struct text text = { 0 };

	text_add(&text, "a");
	text_addf(&text, "%d-%s", 12, "b");
	text_add_bytes(&text, "cdef", 2);
	assert_string_equal(text_string(&text), "a12-bcd");
	assert_int_equal(text.length, 7);
	assert_false(text.overflow);
}

static void long_formats_are_whole(void **state)
{
	CLEANUP_TEXT struct text text = { 0 };

	text_addf(&text, "%0500d", 7);
	assert_int_equal(text.length, 500);
	assert_int_equal(strlen(text_string(&text)), 500);
	assert_true(text_string(&text)[499] == '7');
}

static void the_maximum_truncates_and_latches(void **state)
{
	CLEANUP_TEXT struct text text = { .max = 5 };

	text_add(&text, "abcd");
	assert_false(text.overflow);
	text_add(&text, "efgh");
	assert_true(text.overflow);
	assert_string_equal(text_string(&text), "abcde");
	text_add(&text, "i");
	assert_string_equal(text_string(&text), "abcde");
	text_clear(&text);
	assert_false(text.overflow);
	text_add(&text, "x");
	assert_string_equal(text_string(&text), "x");
}

static void taking_leaves_an_empty_text_with_the_same_maximum(void **state)
{
	CLEANUP_TEXT struct text text = { .max = 3 };
	CLEANUP_FREE char *taken = NULL, *nothing = NULL;

	text_add(&text, "abc");
	taken = text_take(&text);
	nothing = text_take(&text);
	assert_string_equal(taken, "abc");
	assert_string_equal(nothing, "");
	assert_int_equal(text.max, 3);
}

static void format_gives_a_new_string(void **state)
{
	CLEANUP_FREE char *string = text_format("%s:%u", "eth0", 3u);

	assert_string_equal(string, "eth0:3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_text_is_an_empty_string),
		cmocka_unit_test(appending_keeps_the_order),
		cmocka_unit_test(long_formats_are_whole),
		cmocka_unit_test(the_maximum_truncates_and_latches),
		cmocka_unit_test(taking_leaves_an_empty_text_with_the_same_maximum),
		cmocka_unit_test(format_gives_a_new_string),
	};

	return cmocka_run_group_tests_name("base/text", tests, NULL, NULL);
}
