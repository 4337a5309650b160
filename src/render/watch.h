/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is being lost now, along the packet's way: a page for a screen, a line of columns, a JSON document. Texts from the
 * host are made printable here.
 */
#pragma once

#include "render/answer.h"

#include "diagnose/history.h"

struct watch_view {
	const struct answer *answer;   /* of the present window, as far as it goes */
	const struct history *history; /* of all windows */
	size_t average;		       /* rates are means of so many seconds */
	const uint64_t *fresh;	       /* by place: lost since the line before; of lines only */
	const char *before; /* what the window before gave, where this one is young and has nothing; or NULL */
	bool recorded;	    /* a recording is played: "watched" would not be true */
};

/* ---- a page: lines of one colour each; pages for another width are made anew ---- */

enum watch_colour { WATCH_PLAIN, WATCH_DIM, WATCH_BOLD, WATCH_RED, WATCH_GREEN, WATCH_YELLOW };

struct watch_line {
	enum watch_colour colour;
	char *text; /* printable; may be wider than the screen; owned */
};

struct watch_page {
	VEC(struct watch_line) lines;
};

void watch_page_way(const struct watch_view *view, size_t columns, bool unicode, struct watch_page *ret);
void watch_page_answer(const struct answer *answer, bool unicode, struct watch_page *ret);
/* Only what was lost since the beginning; 0 columns: lines as long as they are. */
void watch_page_rows(const struct history *history, size_t columns, bool unicode, struct watch_page *ret);
void watch_page_free(struct watch_page *page);

/* ---- lines ---- */

/* The names of the columns, and one line of them: what was lost at each place since the line before. */
void render_watch_head(struct text *ret);
void render_watch_line(const struct watch_view *view, const struct style *style, struct text *ret);

/* A loss that has not been told of yet, in a line of its own. */
void render_watch_news(const struct history_row *row, const struct style *style, struct text *ret);

void render_watch_json(const struct watch_view *view, struct text *ret);

/* ---- what passes ---- */

enum watch_traffic { WATCH_IN, WATCH_OUT, WATCH_RESENT, WATCH_RESETS, WATCH_TRAFFIC_COUNT };

/* Of all namespaces, a second, over the last seconds of the window (`average`). */
double watch_traffic(const struct watch_view *view, enum watch_traffic traffic);
