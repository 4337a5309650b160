/* SPDX-License-Identifier: GPL-2.0-or-later */
/* render/report_baseline: what is said of what differs since the baseline, and how much of it. */
#include "base/alloc.h"
#include "render/baseline.h"
#include "unit/unit.h"

#include <string.h>

static void add_section(struct page *page, const char *title)
{
	text_addf(page->out, "%s:\n", title);
}

static void add_item(struct page *page, const char *text)
{
	text_addf(page->out, "%s\n", text);
}

static const struct page_hooks hooks = { .section = add_section, .item = add_item };

/* Owned by the comparison. */
static struct difference difference_of(enum difference_kind kind, size_t number, double chance)
{
	return (struct difference){
		.kind = kind,
		.what = text_format("setting %zu", number),
		.values = { text_format("%zu", number), mem_strdup("7") },
		.why = mem_strdup("it matters"),
		.chance = chance,
	};
}

static void add_differences(struct comparison *comparison, size_t sure, size_t unsure)
{
	for (size_t i = 0; i < sure; i++)
		*(struct difference *)vec_add(&comparison->differences, 100) =
			difference_of(DIFFERENCE_SETTING, i + 1, 0);
	for (size_t i = 0; i < unsure; i++)
		*(struct difference *)vec_add(&comparison->unsure, 100) =
			difference_of(DIFFERENCE_LOSS, sure + i + 1, 0.5);
}

/* The section, in new memory; frees the comparison. */
static char *section_of(struct comparison *comparison, bool rebooted)
{
	const struct answer_baseline baseline = { comparison, 1767323045678000000, 9.96, rebooted };
	const struct answer answer = { .baseline = &baseline };
	struct text text = { 0 };
	struct page page = { .hooks = &hooks, .out = &text };

	report_baseline(&answer, &page);
	comparison_free(comparison);
	return text_take(&text);
}

#define TITLE "Since the baseline (2026-01-02T03:04:05.678Z, 10.0 s):\n"

static void assert_section(struct comparison *comparison, bool rebooted, const char *expected)
{
	CLEANUP_FREE char *section = section_of(comparison, rebooted);

	assert_string_equal(section, expected);
}

static void nothing_differs(void **state)
{
	struct comparison comparison = { .settings = 3, .counters = 4, .domains = 5, .enough = true };

	(void)state;
	assert_section(&comparison, false,
		       TITLE "nothing differs that matters: 3 settings, 4 counters and losses in 5 places were "
			     "compared\n");
}

static void too_little_was_compared(void **state)
{
	struct comparison comparison = { .settings = 3 };

	(void)state;
	*(char **)vec_add(&comparison.apart, 10) = mem_strdup("read on A only: qdisc");
	assert_section(&comparison, true,
		       TITLE "the host was started again in between\n"
			     "not enough could be compared (A: now, B: the baseline); read on A only: qdisc\n");
}

static void what_may_be_chance_comes_last_and_says_so(void **state)
{
	struct comparison comparison = { .enough = true };

	(void)state;
	add_differences(&comparison, 1, 1);
	assert_section(&comparison, false,
		       TITLE "setting 1: 1, in the baseline 7; it matters\n"
			     "setting 2: 2, in the baseline 7 (may be chance); it matters\n");
	comparison.enough = true;
	add_differences(&comparison, 0, 1);
	assert_section(&comparison, false, TITLE "setting 1: 1, in the baseline 7 (may be chance); it matters\n");
}

static void a_long_list_is_cut(void **state)
{
	struct comparison comparison = { .enough = true };

	(void)state;
	add_differences(&comparison, 8, 0);

	CLEANUP_FREE char *eight = section_of(&comparison, false);

	assert_non_null(strstr(eight, "setting 8: "));
	assert_null(strstr(eight, "more"));
	add_differences(&comparison, 7, 4);

	CLEANUP_FREE char *eleven = section_of(&comparison, false);

	assert_non_null(strstr(eleven, "setting 8: 8, in the baseline 7 (may be chance)"));
	assert_null(strstr(eleven, "setting 9"));
	assert_non_null(strstr(eleven, "\nand 3 more (--json has all)\n"));
}

static void without_a_baseline_nothing_is_said(void **state)
{
	const struct answer answer = { 0 };
	struct text text = { 0 };
	struct page page = { .hooks = &hooks, .out = &text };

	(void)state;
	report_baseline(&answer, &page);
	assert_int_equal(text.length, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_differs),
		cmocka_unit_test(too_little_was_compared),
		cmocka_unit_test(what_may_be_chance_comes_last_and_says_so),
		cmocka_unit_test(a_long_list_is_cut),
		cmocka_unit_test(without_a_baseline_nothing_is_said),
	};

	return cmocka_run_group_tests_name("report baseline", tests, NULL, NULL);
}
