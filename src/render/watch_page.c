/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render/watch.h"

#include "render/part.h"
#include "render/printable.h"
#include "render/way.h"
#include "render/wrap.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

#define LINES_MAX 5000
#define PLACE_COLUMNS 38 /* sign, place, rate and count, with their blanks */
#define BARS_LEAST 10
#define BARS_MOST 60
#define LEVELS 8
#define WORDS_MOST 1000 /* columns, of a loss where lines may be long */

static void add_line(struct watch_page *page, enum watch_colour colour, struct text *text)
{
	struct watch_line *line = vec_add(&page->lines, LINES_MAX);

	if (line)
		*line = (struct watch_line){ colour, mem_strdup(text_string(text)) };
	text_clear(text);
}

/* Text of several lines; empties it. */
static void add_lines(struct watch_page *page, enum watch_colour colour, struct text *text)
{
	const char *at = text_string(text);

	while (*at) {
		struct watch_line *line = vec_add(&page->lines, LINES_MAX);
		size_t length = strcspn(at, "\n");

		if (line)
			*line = (struct watch_line){ colour, text_format("%.*s", (int)length, at) };
		at += length + (at[length] == '\n');
	}
	text_clear(text);
}

static void add_clock(uint64_t wall_ns, struct text *ret)
{
	char time[CLOCK_TIME_SIZE];

	clock_time(wall_ns, time);
	text_add(ret, time);
}

static void add_wrapped(struct watch_page *page, enum watch_colour colour, const char *string, bool unicode)
{
	CLEANUP_TEXT struct text clean = { 0 }, wrapped = { 0 };

	text_add_printable(&clean, string, unicode);
	text_add_wrapped(&wrapped, text_string(&clean), 0, 0);
	add_lines(page, colour, &wrapped);
}

/* ---- the head ---- */

static void add_head(const struct watch_view *view, bool unicode, struct watch_page *page)
{
	const struct history *history = view->history;
	const struct host *host = &view->answer->host;
	uint64_t seconds = (history->last_ns - history->first_ns) / NS_PER_S;
	CLEANUP_TEXT struct text text = { 0 };

	text_add_printable(&text, *host->hostname ? host->hostname : "unknown host", unicode);
	text_add(&text, ", Linux ");
	text_add_printable(&text, host->kernel, unicode);
	text_addf(&text, ", %zu namespace%s   ", view->answer->namespaces, view->answer->namespaces == 1 ? "" : "s");
	add_clock(history->last_ns, &text);
	text_addf(&text, ", %s %llu:%02llu min", view->recorded ? "recorded" : "watched",
		  (unsigned long long)(seconds / 60), (unsigned long long)(seconds % 60));
	add_line(page, WATCH_DIM, &text);
}

static void add_verdict(const struct watch_view *view, bool unicode, struct watch_page *page)
{
	const struct diagnosis *diagnosis = view->answer->diagnosis;
	enum watch_colour colour = diagnosis->loss == LOSS_YES	? WATCH_RED
				   : diagnosis->loss == LOSS_NO ? WATCH_GREEN
								: WATCH_YELLOW;
	const struct finding *first = diagnosis->first;

	if (view->before) {
		add_wrapped(page, WATCH_RED, view->before, unicode);
		return;
	}
	add_wrapped(page, colour, diagnosis->summary, unicode);
	if (first) {
		CLEANUP_TEXT struct text text = { 0 };

		text_addf(&text, "Confidence: %s. Owner: %s.", confidence_name(first->confidence),
			  owner_name(finding_owner(first)));
		add_line(page, WATCH_BOLD, &text);
	}
}

/* ---- the way ---- */

/* As high as the second with most. */
static void add_bars(const struct history *history, enum domain domain, size_t count, bool unicode, struct text *ret)
{
	static const char *const blocks[LEVELS + 1] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char plain[LEVELS + 2] = " .:-=+*%#";
	double most = 0;

	for (size_t ago = 0; ago < count; ago++) {
		double packets = history_second(history, domain, ago);

		most = packets > most ? packets : most;
	}
	for (size_t ago = count; ago-- > 0;) {
		double packets = history_second(history, domain, ago);
		size_t level = most > 0 ? (size_t)(packets / most * LEVELS + 0.5) : 0;

		level = packets > 0 && !level ? 1 : level;
		if (unicode)
			text_add(ret, blocks[level]);
		else
			text_add_bytes(ret, &plain[level], 1);
	}
}

static void add_rate(double rate, struct text *ret)
{
	CLEANUP_TEXT struct text text = { 0 };

	if (rate >= 10)
		text_add_count(&text, (uint64_t)(rate + 0.5));
	else if (rate > 0)
		text_addf(&text, "%.1f", rate);
	else
		text_add(&text, "0");
	text_addf(ret, " %9s", text_string(&text));
}

static enum watch_colour colour_of(enum way_mark mark, bool lost_before)
{
	if (mark == WAY_LOST)
		return WATCH_RED;
	return mark == WAY_CLEAN && !lost_before ? WATCH_DIM : WATCH_YELLOW;
}

static void add_place(const struct watch_view *view, const struct way_row *row, size_t columns, bool unicode,
		      struct watch_page *page)
{
	size_t bars = (columns - PLACE_COLUMNS) / 2;
	uint64_t total = history_total(view->history, row->domain);
	bool counted = total || strcmp(row->count, "0") == 0;
	CLEANUP_TEXT struct text text = { 0 }, count = { 0 };

	bars = bars > BARS_MOST ? BARS_MOST : bars;
	text_addf(&text, " %s %-11s", way_sign(row->mark, unicode), domain_id(row->domain));
	if (counted)
		add_rate(history_rate(view->history, row->domain, view->average), &text);
	else
		text_addf(&text, " %9s", "");
	if (counted)
		text_add_count(&count, total);
	text_addf(&text, " %11s  ", counted ? text_string(&count) : row->count);
	add_bars(view->history, row->domain, bars, unicode, &text);
	text_add(&text, "  ");
	text_add_cut(&text, row->note, columns - PLACE_COLUMNS - bars - 2, unicode);
	add_line(page, colour_of(row->mark, total), &text);
}

static void add_way(const struct watch_view *view, size_t columns, bool unicode, struct watch_page *page)
{
	struct way_row rows[DOMAIN_COUNT];
	size_t bars = (columns - PLACE_COLUMNS) / 2;
	CLEANUP_TEXT struct text text = { 0 };

	add_line(page, WATCH_PLAIN, &text);
	text_addf(&text, "   %-11s %9s %11s  the last %zu s", "place", "lost/s", "lost",
		  bars > BARS_MOST ? BARS_MOST : bars);
	add_line(page, WATCH_BOLD, &text);
	way_rows(view->answer, rows);
	for (size_t i = 0; i < DOMAIN_COUNT; i++)
		add_place(view, &rows[i], columns, unicode, page);
	way_rows_free(rows);
}

static void add_traffic(const struct watch_view *view, struct watch_page *page)
{
	static const char *const words[WATCH_TRAFFIC_COUNT] = {
		[WATCH_IN] = "IP packets in",
		[WATCH_OUT] = "out",
		[WATCH_RESENT] = "TCP sends again",
		[WATCH_RESETS] = "resets",
	};
	CLEANUP_TEXT struct text text = { 0 };

	add_line(page, WATCH_PLAIN, &text);
	for (size_t i = 0; i < WATCH_TRAFFIC_COUNT; i++) {
		text_addf(&text, "%s %s ", i ? "," : "  ", words[i]);
		text_add_count(&text, (uint64_t)(watch_traffic(view, (enum watch_traffic)i) + 0.5));
		text_add(&text, "/s");
	}
	add_line(page, WATCH_PLAIN, &text);
	add_line(page, WATCH_PLAIN, &text);
}

/* ---- what was lost ---- */

static int by_last(const void *left, const void *right)
{
	const struct history_row *const *a = left, *const *b = right;

	return ((*a)->last_ns < (*b)->last_ns) - ((*a)->last_ns > (*b)->last_ns);
}

static void add_row(const struct history_row *row, size_t columns, bool unicode, struct watch_page *page)
{
	CLEANUP_TEXT struct text text = { 0 }, count = { 0 };

	text_add(&text, "  ");
	add_clock(row->first_ns, &text);
	text_add(&text, " - ");
	add_clock(row->last_ns, &text);
	text_add_count(&count, row->over + row->now);
	text_addf(&text, " %11s %s, %s: ", text_string(&count), unit_word(row->unit), confidence_name(row->confidence));
	text_add_cut(&text, row->words, columns > text.length ? columns - text.length : WORDS_MOST, unicode);
	add_line(page, row->now ? WATCH_RED : WATCH_YELLOW, &text);
}

void watch_page_rows(const struct history *history, size_t columns, bool unicode, struct watch_page *ret)
{
	VEC(const struct history_row *) sorted = { 0 };
	const struct history_row *row, **slot;
	CLEANUP_TEXT struct text text = { 0 };

	text_add(&text, history_lost(history) ? "Lost since " : "Nothing that hurts was lost since ");
	add_clock(history->first_ns, &text);
	add_line(ret, WATCH_BOLD, &text);
	vec_each(&history->rows, row) {
		if (!row->over && !row->now)
			continue;
		slot = vec_add(&sorted, HISTORY_ROWS_MAX);
		*slot = row;
	}
	vec_sort(&sorted, by_last);
	vec_each(&sorted, slot)
		add_row(*slot, columns, unicode, ret);
	vec_free(&sorted);
}

void watch_page_way(const struct watch_view *view, size_t columns, bool unicode, struct watch_page *ret)
{
	if (columns < PLACE_COLUMNS + 2 * BARS_LEAST)
		columns = PLACE_COLUMNS + 2 * BARS_LEAST;
	add_head(view, unicode, ret);
	add_verdict(view, unicode, ret);
	add_way(view, columns, unicode, ret);
	add_traffic(view, ret);
	watch_page_rows(view->history, columns, unicode, ret);
}

void watch_page_answer(const struct answer *answer, bool unicode, struct watch_page *ret)
{
	const struct style style = { .colour = false, .unicode = unicode };
	CLEANUP_TEXT struct text text = { 0 };

	render_text(answer, &style, &text);
	add_lines(ret, WATCH_PLAIN, &text);
}

void watch_page_free(struct watch_page *page)
{
	struct watch_line *line;

	vec_each(&page->lines, line)
		free(line->text);
	vec_free(&page->lines);
}
