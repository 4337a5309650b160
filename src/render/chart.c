/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render/chart.h"

#include "diagnose/judge.h"
#include "diagnose/timeline.h"
#include "render/part.h"
#include "render/printable.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <string.h>

/* In units of the picture, which grows with the page. */
#define WIDTH 720
#define LEFT 64 /* for the numbers of the axis */
#define ROW 96	/* a counter's bars */
#define GAP 34	/* its name above them */
#define BOTTOM 22
#define BINS_MAX 120
#define BURST_STEPS 20 /* of the worst moment that are shown */
#define BURST_WINDOW_MS 4000

/* A counter over time. */
struct row {
	const char *name;
	const char *what; /* "lost", "followed", "passed" */
	struct timeline bars;
};

struct chart {
	struct row rows[2];
	size_t count;
	uint64_t start_ms, step_ms;
	size_t first, steps; /* of the bars: what is shown */
	size_t number;
	const char *kind; /* "window", "burst": of the ids */
};

void text_add_html_lines(struct text *ret, const char *string)
{
	static const struct {
		char plain;
		const char *escaped;
	} marks[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { '\'', "&#39;" } };

	for (const char *at = string; *at; at++) {
		const char *escaped = NULL;

		for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
			escaped = marks[i].plain == *at ? marks[i].escaped : escaped;
		if (escaped)
			text_add(ret, escaped);
		else
			text_add_bytes(ret, at, 1);
	}
}

void text_add_html(struct text *ret, const char *string)
{
	CLEANUP_TEXT struct text clean = { 0 };

	text_add_printable(&clean, string, true);
	text_add_html_lines(ret, text_string(&clean));
}

static uint64_t peak_of(const struct chart *chart, const struct row *row, size_t *ret_at)
{
	uint64_t peak = 0;

	for (size_t i = chart->first; i < chart->first + chart->steps && i < row->bars.count; i++) {
		if (row->bars.steps[i] > peak) {
			peak = row->bars.steps[i];
			*ret_at = i;
		}
	}
	return peak;
}

static double seconds_at(const struct chart *chart, size_t step)
{
	return (double)(step * chart->step_ms) / 1000;
}

/* What the picture shows, for those who hear it. */
static void add_words(const struct chart *chart, const struct row *row, struct text *ret)
{
	size_t at = 0;
	uint64_t peak = peak_of(chart, row, &at), sum = 0;

	for (size_t i = chart->first; i < chart->first + chart->steps && i < row->bars.count; i++)
		sum += row->bars.steps[i];
	text_addf(ret, "%s: ", row->what);
	text_add_count(ret, sum);
	text_add(ret, ", most ");
	text_add_count(ret, peak);
	text_addf(ret, " in %.1f s at %.1f s. ", (double)chart->step_ms / 1000, seconds_at(chart, at));
}

static void add_axis(const struct chart *chart, size_t top, uint64_t peak, struct text *ret)
{
	(void)chart;
	text_addf(ret, "<line class=\"axis\" x1=\"%d\" y1=\"%zu\" x2=\"%d\" y2=\"%zu\"/>", LEFT, top + ROW, WIDTH,
		  top + ROW);
	text_addf(ret, "<text class=\"scale\" x=\"%d\" y=\"%zu\" text-anchor=\"end\">", LEFT - 6, top + 10);
	text_add_count(ret, peak);
	text_addf(ret, "</text><text class=\"scale\" x=\"%d\" y=\"%zu\" text-anchor=\"end\">0</text>", LEFT - 6,
		  top + ROW);
}

static void add_row(const struct chart *chart, size_t index, struct text *ret)
{
	const struct row *row = &chart->rows[index];
	size_t top = index * (ROW + GAP) + GAP, at;
	uint64_t peak = peak_of(chart, row, &at);
	double wide = (double)(WIDTH - LEFT) / (double)chart->steps;

	text_addf(ret, "<text class=\"name\" x=\"%d\" y=\"%zu\">", LEFT, top - 8);
	text_add_html(ret, row->what);
	text_add(ret, ": ");
	text_add_html(ret, row->name);
	text_add(ret, "</text>");
	add_axis(chart, top, peak, ret);
	for (size_t i = 0; peak && i < chart->steps && chart->first + i < row->bars.count; i++) {
		uint64_t value = row->bars.steps[chart->first + i];
		double high = (double)value / (double)peak * ROW;

		if (value)
			text_addf(ret, "<rect class=\"bar%zu\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
				  index, LEFT + wide * (double)i, (double)(top + ROW) - high,
				  wide > 2 ? wide - 0.8 : wide, high < 1 ? 1 : high);
	}
}

static void add_times(const struct chart *chart, size_t height, struct text *ret)
{
	static const char *const anchors[] = { "start", "middle", "end" };

	for (size_t i = 0; i < ARRAY_SIZE(anchors); i++) {
		double at = seconds_at(chart, chart->first) + seconds_at(chart, chart->steps) * (double)i / 2;

		text_addf(ret, "<text class=\"scale\" x=\"%zu\" y=\"%zu\" text-anchor=\"%s\">%.1f s</text>",
			  LEFT + (WIDTH - LEFT) * i / 2, height - 4, anchors[i], at);
	}
}

static void add_chart(const struct chart *chart, const char *caption, struct text *ret)
{
	size_t height = chart->count * (ROW + GAP) + BOTTOM;

	text_addf(ret,
		  "<figure><svg viewBox=\"0 0 %d %zu\" role=\"img\" aria-labelledby=\"%s-%zu-title %s-%zu-words\">"
		  "<title id=\"%s-%zu-title\">",
		  WIDTH, height, chart->kind, chart->number, chart->kind, chart->number, chart->kind, chart->number);
	text_add_html(ret, caption);
	text_addf(ret, "</title><desc id=\"%s-%zu-words\">", chart->kind, chart->number);
	for (size_t i = 0; i < chart->count; i++)
		add_words(chart, &chart->rows[i], ret);
	text_add(ret, "</desc>");
	for (size_t i = 0; i < chart->count; i++)
		add_row(chart, i, ret);
	add_times(chart, height, ret);
	text_add(ret, "</svg><figcaption>");
	text_add_html(ret, caption);
	text_add(ret, "</figcaption></figure>\n");
}

static void chart_row(struct chart *chart, const struct series *series, const struct cell *cell, const char *what)
{
	struct row *row = &chart->rows[chart->count];

	row->name = counter_name(cell->counter);
	row->what = what;
	timeline_init(&row->bars, series, chart->step_ms);
	timeline_add(&row->bars, cell, cell->increase, 0);
	chart->step_ms = row->bars.step_ms;
	chart->count++;
}

/* What to lay below the loss: the symptom that followed most surely, else what passed. */
static const struct cell *beside(const struct series *series, const struct finding *finding, const char **ret_what)
{
	const struct effect *effect = finding->effects.count ? finding->effects.data : NULL;
	const struct cell *cell = effect ? series_cell(series, effect->counter, effect->object) : NULL;

	*ret_what = "followed";
	if (cell && cell->increase)
		return cell;
	*ret_what = "passed";
	cell = finding->passed_counter != COUNTER_NONE
		       ? series_cell(series, finding->passed_counter, finding->passed_object)
		       : NULL;
	return cell && cell->increase ? cell : NULL;
}

static void chart_make(struct chart *chart, const struct series *series, const struct finding *finding,
		       const struct cell *lost)
{
	const char *what;
	const struct cell *other = beside(series, finding, &what);

	chart_row(chart, series, lost, "lost");
	if (other && other != lost)
		chart_row(chart, series, other, what);
	chart->steps = chart->rows[0].bars.count;
}

static void chart_free(struct chart *chart)
{
	for (size_t i = 0; i < chart->count; i++)
		timeline_free(&chart->rows[i].bars);
}

/* The worst moment, by the step that the readings allow. */
static void add_burst(const struct series *series, const struct finding *finding, const struct cell *lost,
		      size_t number, struct text *ret)
{
	struct chart chart = { .number = number, .kind = "burst", .step_ms = finding->spread.step_ms };
	size_t worst = 0;

	chart_make(&chart, series, finding, lost);
	(void)peak_of(&chart, &chart.rows[0], &worst);
	if (chart.rows[0].bars.count > BURST_STEPS) {
		chart.steps = BURST_STEPS;
		chart.first = worst > BURST_STEPS / 2 ? worst - BURST_STEPS / 2 : 0;
		if (chart.first + BURST_STEPS > chart.rows[0].bars.count)
			chart.first = chart.rows[0].bars.count - BURST_STEPS;
	}
	add_chart(&chart, "The worst moment", ret);
	chart_free(&chart);
}

void chart_finding(const struct diagnosis *diagnosis, const struct finding *finding, size_t number, struct text *ret)
{
	const struct series *series = diagnosis->series;
	const struct cell *lost = finding_cell(series, finding);
	uint64_t window_ms = (uint64_t)(series_seconds(series) * 1000), step_ms = TIMELINE_STEP_MS;
	struct chart chart = { .number = number, .kind = "window" };

	if (!lost || !finding->spread.step_ms || series_span(series) != SPAN_MEASURED || series_snapshots(series) < 4)
		return;
	while (window_ms / step_ms > BINS_MAX)
		step_ms += TIMELINE_STEP_MS;
	chart.step_ms = step_ms > finding->spread.step_ms ? step_ms : finding->spread.step_ms;
	chart_make(&chart, series, finding, lost);
	add_chart(&chart, "What was lost, over the whole window", ret);
	chart_free(&chart);
	if (finding->pattern == PATTERN_BURSTY && window_ms > BURST_WINDOW_MS)
		add_burst(series, finding, lost, number, ret);
}
