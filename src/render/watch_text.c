/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wheredrop watch as lines, where there is no screen, and what passes. */
#include "render/watch.h"

#include "render/part.h"
#include "render/printable.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <string.h>

#define COLUMN_LEAST 5

double watch_traffic(const struct watch_view *view, enum watch_traffic traffic)
{
	static const counter_id counters[WATCH_TRAFFIC_COUNT][2] = {
		[WATCH_IN] = { C_IP_IN_RECEIVES, C_IP6_IN_RECEIVES },
		[WATCH_OUT] = { C_IP_OUT_REQUESTS, C_IP6_OUT_REQUESTS },
		[WATCH_RESENT] = { C_TCP_RETRANS_SEGS, COUNTER_NONE },
		[WATCH_RESETS] = { C_TCP_OUT_RSTS, COUNTER_NONE },
	};
	const struct series *series = view->answer->diagnosis->series;
	uint64_t window_ms = (series_end_ns(series) - series_start_ns(series)) / NS_PER_MS;
	uint64_t span_ms = view->average * 1000 < window_ms ? view->average * 1000 : window_ms, sum = 0;

	for (size_t i = 0; i < ARRAY_SIZE(counters[traffic]) && counters[traffic][i] != COUNTER_NONE; i++) {
		const struct cell *cell;
		size_t index;

		series_each(series, counters[traffic][i], index, cell) {
			size_t left = cell->points.count;

			while (left-- && cell->points.data[left].time_ms + span_ms > window_ms)
				sum += cell->points.data[left].increase;
		}
	}
	return span_ms ? (double)sum * 1000 / (double)span_ms : 0;
}

/* The application drops nothing itself: it has no column. */
static bool has_column(size_t domain)
{
	return domain != DOMAIN_APPLICATION;
}

static int width_of(size_t domain)
{
	size_t width = strlen(domain_id((enum domain)domain));

	return (int)(width > COLUMN_LEAST ? width : COLUMN_LEAST);
}

void render_watch_head(struct text *ret)
{
	text_addf(ret, "%-8s %-4s", "lost", "");
	for (size_t i = 0; i < DOMAIN_COUNT; i++) {
		if (has_column(i))
			text_addf(ret, " %*s", width_of(i), domain_id((enum domain)i));
	}
	text_add(ret, " resent\n");
}

/* "?" where a loss might not have been seen. */
static void add_cell(const struct watch_view *view, enum domain domain, struct text *ret)
{
	uint64_t fresh = view->fresh[domain];

	if (fresh || view->answer->diagnosis->domains[domain].observed)
		text_addf(ret, " %*llu", width_of(domain), (unsigned long long)fresh);
	else
		text_addf(ret, " %*s", width_of(domain), "?");
}

void render_watch_line(const struct watch_view *view, const struct style *style, struct text *ret)
{
	char time[CLOCK_TIME_SIZE];
	enum loss loss = view->answer->diagnosis->loss;

	clock_time(view->history->last_ns, time);
	text_add(ret, style->colour && loss == LOSS_YES ? "\033[1;31m" : "");
	text_addf(ret, "%-8s %-4s", time, loss == LOSS_YES ? "LOST" : loss == LOSS_NO ? "no" : "?");
	for (size_t i = 0; i < DOMAIN_COUNT; i++) {
		if (has_column(i))
			add_cell(view, (enum domain)i, ret);
	}
	text_addf(ret, " %6.0f", watch_traffic(view, WATCH_RESENT));
	text_add(ret, style->colour && loss == LOSS_YES ? "\033[0m\n" : "\n");
}

void render_watch_news(const struct history_row *row, const struct style *style, struct text *ret)
{
	char time[CLOCK_TIME_SIZE];

	clock_time(row->first_ns, time);
	text_addf(ret, "%-8s %s: ", time, domain_id(cause_get(row->cause)->domain));
	text_add_printable(ret, row->words, style->unicode);
	text_addf(ret, " (%s, ", confidence_name(row->confidence));
	text_add_count(ret, row->over + row->now);
	text_addf(ret, " %s so far)\n", unit_word(row->unit));
}
