/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is different since the baseline, in words: the most telling differences, and how many more there are. */
#include "render/baseline.h"

#include "base/alloc.h"
#include "base/clock.h"

#define DIFFERENCES_SHOWN 8

static void write_title(const struct answer_baseline *baseline, struct page *page)
{
	char start[CLOCK_RFC3339_SIZE];
	CLEANUP_FREE char *title = NULL;

	clock_rfc3339(baseline->start_wall_ns, start);
	title = text_format("Since the baseline (%s, %.1f s)", start, baseline->seconds);
	page->hooks->section(page, title);
}

static void write_difference(struct page *page, const struct difference *difference)
{
	enum certainty certainty = difference_certainty(difference);
	CLEANUP_TEXT struct text text = { 0 };

	text_addf(&text, "%s: %s, in the baseline %s", difference->what, difference->values[SIDE_A],
		  difference->values[SIDE_B]);
	if (certainty != CERTAINTY_CERTAIN)
		text_addf(&text, " (%s)", certainty_name(certainty));
	text_addf(&text, "; %s", difference->why);
	page->hooks->item(page, text_string(&text));
}

/* Of both lists what there is room for. */
static void write_differences(const struct comparison *comparison, struct page *page)
{
	size_t sure = comparison->differences.count, count = sure + comparison->unsure.count;
	CLEANUP_FREE char *more = NULL;

	for (size_t i = 0; i < count && i < DIFFERENCES_SHOWN; i++)
		write_difference(page,
				 i < sure ? &comparison->differences.data[i] : &comparison->unsure.data[i - sure]);
	if (count <= DIFFERENCES_SHOWN)
		return;
	more = text_format("and %zu more (--json has all)", count - DIFFERENCES_SHOWN);
	page->hooks->item(page, more);
}

/* No difference: what that is worth. What may be chance is listed, and speaks for itself. */
static void write_same(const struct comparison *comparison, struct page *page)
{
	CLEANUP_TEXT struct text text = { 0 };
	char **line;

	if (comparison->enough && comparison->unsure.count)
		return;
	if (comparison->enough) {
		text_addf(
			&text,
			"nothing differs that matters: %zu settings, %zu counters and losses in %zu places were compared",
			comparison->settings, comparison->counters, comparison->domains);
		page->hooks->item(page, text_string(&text));
		return;
	}
	text_add(&text, "not enough could be compared (A: now, B: the baseline)");
	vec_each(&comparison->apart, line)
		text_addf(&text, "; %s", *line);
	page->hooks->item(page, text_string(&text));
}

void report_baseline(const struct answer *answer, struct page *page)
{
	const struct answer_baseline *baseline = answer->baseline;

	if (!baseline)
		return;
	write_title(baseline, page);
	if (baseline->rebooted)
		page->hooks->item(page, "the host was started again in between");
	if (!baseline->comparison->differences.count)
		write_same(baseline->comparison, page);
	write_differences(baseline->comparison, page);
}
