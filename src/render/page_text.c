/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report for a terminal of 80 columns. Only commands are longer than that: they are never wrapped, so that they can be
 * copied. Colours are the 16 that every terminal has, and nothing is said by colour alone.
 */
#include "render/report.h"

#include "render/printable.h"
#include "render/wrap.h"

#include "base/alloc.h"

#include <string.h>

#define FACT_COLUMN 12

enum colour { PLAIN, DIM, RED, GREEN, YELLOW, BOLD };

static void colour_begin(struct page *page, enum colour colour)
{
	static const char *const codes[] = {
		[PLAIN] = "",	      [DIM] = "\033[2m",     [RED] = "\033[1;31m",
		[GREEN] = "\033[32m", [YELLOW] = "\033[33m", [BOLD] = "\033[1m",
	};

	if (page->style.colour)
		text_add(page->out, codes[colour]);
}

static void colour_end(struct page *page, enum colour colour)
{
	if (page->style.colour && colour != PLAIN)
		text_add(page->out, "\033[0m");
}

/* The first line goes on where the text stands, at `column`; the others begin at `indent`. */
static void add_wrapped(struct page *page, const char *string, size_t column, size_t indent)
{
	CLEANUP_TEXT struct text clean = { 0 };

	text_add_printable(&clean, string, page->style.unicode);
	text_add_wrapped(page->out, text_string(&clean), column, indent);
}

static void text_headline(struct page *page, enum loss loss, const char *sentence, const char *standing)
{
	enum colour colour = loss == LOSS_YES ? RED : loss == LOSS_NO ? GREEN : YELLOW;

	colour_begin(page, colour);
	add_wrapped(page, sentence, 0, 0);
	colour_end(page, colour);
	if (*standing) {
		colour_begin(page, BOLD);
		add_wrapped(page, standing, 0, 0);
		colour_end(page, BOLD);
	}
}

static enum colour way_colour(const struct way_row *row)
{
	switch (row->mark) {
	case WAY_LOST:
		return RED;
	case WAY_REASON:
	case WAY_UNSEEN:
		return YELLOW;
	case WAY_CLEAN:
		break;
	}
	return DIM;
}

static void text_way(struct page *page, const struct way_row rows[DOMAIN_COUNT])
{
	text_add(page->out, "\nThe packet's way        lost\n");
	for (size_t i = 0; i < DOMAIN_COUNT; i++) {
		enum colour colour = way_colour(&rows[i]);
		CLEANUP_FREE char *start = text_format("  %s %-11s %11s  ", way_sign(rows[i].mark, page->style.unicode),
						       domain_id(rows[i].domain), rows[i].count);

		colour_begin(page, colour);
		text_add(page->out, start);
		text_add_cut(page->out, rows[i].note, WRAP_COLUMNS - text_columns(start), page->style.unicode);
		colour_end(page, colour);
		text_add(page->out, "\n");
	}
}

static void text_section(struct page *page, const char *title)
{
	colour_begin(page, BOLD);
	text_addf(page->out, "\n%s", title);
	colour_end(page, BOLD);
	text_add(page->out, "\n");
}

static void text_finding(struct page *page, size_t number, const char *title)
{
	CLEANUP_FREE char *numbered = text_format("%zu. %s", number, title);

	text_add(page->out, number > 1 ? "\n" : "");
	colour_begin(page, BOLD);
	add_wrapped(page, numbered, 0, 3);
	colour_end(page, BOLD);
}

static void text_fact(struct page *page, const char *label, const char *text)
{
	text_addf(page->out, "   %-*s", FACT_COLUMN - 3, label);
	add_wrapped(page, text, FACT_COLUMN, FACT_COLUMN);
}

static void text_item(struct page *page, const char *text)
{
	text_add(page->out, " - ");
	add_wrapped(page, text, 3, 3);
}

static void text_command_line(struct page *page, const char *line)
{
	text_add_blanks(page->out, FACT_COLUMN + 2);
	text_add_printable(page->out, line, true);
	text_add(page->out, "\n");
}

static void text_evidence(struct page *page, const struct evidence_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct evidence_row *row = &rows[i];
		CLEANUP_FREE char *line =
			text_format("%s  %s%s%s%s%s", row->counter, row->change, row->of_subject ? "" : "  ",
				    row->of_subject ? "" : row->place, *row->note ? ": " : "", row->note);

		text_fact(page, i ? "" : "evidence", line);
		if (*row->check && !row->same_check)
			text_command_line(page, row->check);
	}
}

static void text_command(struct page *page, const char *const *lines, size_t count)
{
	for (size_t i = 0; i < count; i++)
		text_command_line(page, lines[i]);
}

static void text_footer(struct page *page, const char *text)
{
	colour_begin(page, DIM);
	add_wrapped(page, text, 0, 2);
	colour_end(page, DIM);
}

static const struct page_hooks text_hooks = {
	.headline = text_headline,
	.way = text_way,
	.section = text_section,
	.finding = text_finding,
	.fact = text_fact,
	.item = text_item,
	.evidence = text_evidence,
	.command = text_command,
	.footer = text_footer,
};

void render_text(const struct answer *answer, const struct style *style, struct text *ret)
{
	struct page page = { &text_hooks, *style, ret };

	report_write(answer, &page);
}
