/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For a terminal of 80 columns: the sentence, each difference with both values, what was the same, what was not compared. */
#include "render/diff.h"

#include "render/part.h"
#include "render/printable.h"
#include "render/wrap.h"

#include "base/alloc.h"

#define FACT_COLUMN 11

struct sheet {
	const struct style *style;
	struct text *out;
};

static void add_wrapped(const struct sheet *sheet, const char *words, size_t column, size_t indent)
{
	CLEANUP_TEXT struct text clean = { 0 };

	text_add_printable(&clean, words, sheet->style->unicode);
	text_add_wrapped(sheet->out, text_string(&clean), column, indent);
}

static void add_fact(const struct sheet *sheet, const char *label, const char *words)
{
	text_addf(sheet->out, "   %-*s", FACT_COLUMN - 3, label);
	add_wrapped(sheet, words, FACT_COLUMN, FACT_COLUMN);
}

static void add_headline(const struct sheet *sheet, const struct comparison *comparison)
{
	const char *colour = comparison->differences.count ? "\033[1;31m" : "\033[32m";

	if (sheet->style->colour)
		text_add(sheet->out, colour);
	add_wrapped(sheet, comparison->headline, 0, 0);
	if (sheet->style->colour)
		text_add(sheet->out, "\033[0m");
}

static void add_side(const struct sheet *sheet, const char *name, const struct diff_side *side)
{
	CLEANUP_TEXT struct text words = { 0 };

	text_add(&words, side->from);
	if (*side->host.hostname)
		text_addf(&words, ", host %s", side->host.hostname);
	if (*side->host.kernel)
		text_addf(&words, ", Linux %s", side->host.kernel);
	if (series_span(side->diagnosis->series) == SPAN_MEASURED)
		text_addf(&words, ", %.1f s", series_seconds(side->diagnosis->series));
	text_addf(sheet->out, "%s: ", name);
	add_wrapped(sheet, text_string(&words), 3, 3);
}

static void add_difference(const struct sheet *sheet, size_t number, const struct difference *difference)
{
	text_addf(sheet->out, "%zu. ", number);
	add_wrapped(sheet, difference->what, number < 10 ? 3 : 4, 3);
	add_fact(sheet, "A", difference->values[SIDE_A]);
	add_fact(sheet, "B", difference->values[SIDE_B]);
	add_fact(sheet, "sure", certainty_name(difference_certainty(difference)));
	add_fact(sheet, difference->kind == DIFFERENCE_LOSS ? "because" : "why", difference->why);
}

static void add_list(const struct sheet *sheet, const char *title, const struct difference *list, size_t count)
{
	if (!count)
		return;
	text_addf(sheet->out, "\n%s\n", title);
	for (size_t i = 0; i < count; i++)
		add_difference(sheet, i + 1, &list[i]);
}

static void add_compared(const struct sheet *sheet, const struct comparison *comparison)
{
	CLEANUP_TEXT struct text words = { 0 };
	char **line;

	text_addf(&words, "Compared: %zu settings, %zu counters, losses in %zu places", comparison->settings,
		  comparison->counters, comparison->domains);
	text_add(&words, ". The others are the same, or differ no more than by chance.");
	text_add(sheet->out, "\n");
	add_wrapped(sheet, text_string(&words), 0, 0);
	if (comparison->apart.count)
		text_add(sheet->out, "Not compared:\n");
	vec_each(&comparison->apart, line) {
		text_add(sheet->out, " - ");
		add_wrapped(sheet, *line, 3, 3);
	}
}

void render_diff_text(const struct diff_answer *answer, const struct style *style, struct text *ret)
{
	const struct comparison *comparison = answer->comparison;
	const struct sheet sheet = { style, ret };

	add_headline(&sheet, comparison);
	text_add(ret, "\n");
	add_side(&sheet, "A", &answer->sides[SIDE_A]);
	add_side(&sheet, "B", &answer->sides[SIDE_B]);
	add_list(&sheet, "What differs, the most telling first", comparison->differences.data,
		 comparison->differences.count);
	add_list(&sheet, "Seen on one side, and may be chance", comparison->unsure.data, comparison->unsure.count);
	add_compared(&sheet, comparison);
}
