/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diagnose/history.h"

#include "diagnose/judge.h"
#include "diagnose/timeline.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <string.h>

static uint64_t second_of(uint64_t wall_ns)
{
	return wall_ns / NS_PER_S;
}

static double *slot(struct history_part *part, enum domain domain, uint64_t second)
{
	return &part->seconds[domain][second % HISTORY_SECONDS];
}

/* Seconds that begin now take the place of those that are too long ago. */
static void advance(struct history *history, uint64_t wall_ns)
{
	uint64_t from = second_of(history->last_ns), to = second_of(wall_ns);

	if (to > from + HISTORY_SECONDS)
		from = to - HISTORY_SECONDS;
	for (uint64_t second = from + 1; second <= to; second++) {
		for (size_t domain = 0; domain < DOMAIN_COUNT; domain++)
			*slot(&history->over, (enum domain)domain, second) = 0;
	}
	if (wall_ns > history->last_ns)
		history->last_ns = wall_ns;
}

static void add(struct history *history, enum domain domain, uint64_t wall_ns, double packets)
{
	uint64_t second = second_of(wall_ns), newest = second_of(history->last_ns);

	if (second <= newest && second + HISTORY_SECONDS > newest)
		*slot(&history->now, domain, second) += packets;
}

/* Of the counters and events that have about the same packets, the one that was read most often. */
static const struct cell *moments_of(const struct series *series, const struct finding *finding)
{
	const struct cell *best = finding_cell(series, finding);
	const struct evidence *evidence;

	vec_each(&finding->evidence, evidence) {
		const struct cell *cell = series_cell(series, evidence->counter, evidence->object);

		if (!best || !cell || !cell->points.count ||
		    (counter_get(evidence->counter)->kind != KIND_DROP && evidence->counter != C_DROP_SKBS))
			continue;
		if (cell->readings > best->readings && cell->increase >= best->increase / 2 &&
		    cell->increase / 2 <= best->increase)
			best = cell;
	}
	return best;
}

/* A finding's losses, at their moments where they are known. */
static void add_moments(struct history *history, const struct series *series, const struct finding *finding)
{
	enum domain domain = cause_get(finding->cause)->domain;
	const struct cell *cell = moments_of(series, finding);
	uint64_t start_ns = series_start_wall_ns(series);
	struct timeline timeline = { 0 };

	timeline_init(&timeline, series, TIMELINE_STEP_MS);
	if (cell)
		timeline_add(&timeline, cell, finding->packets, 0);
	for (size_t i = 0; i < timeline.count; i++) {
		double packets = cell ? (double)timeline.steps[i] : (double)finding->packets / (double)timeline.count;

		if (packets > 0)
			add(history, domain, start_ns + i * timeline.step_ms * NS_PER_MS, packets);
	}
	timeline_free(&timeline);
}

static struct history_row *row_of(struct history *history, const struct finding *finding, const char *words)
{
	struct history_row *row;

	vec_each(&history->rows, row) {
		if (row->cause == finding->cause && strcmp(row->words, words) == 0)
			return row;
	}
	row = vec_add(&history->rows, HISTORY_ROWS_MAX);
	if (row)
		*row = (struct history_row){
			.cause = finding->cause,
			.unit = finding->unit,
			.words = mem_strdup(words),
			.first_ns = UINT64_MAX,
		};
	return row;
}

static void add_row(struct history *history, const struct diagnosis *diagnosis, const struct finding *finding)
{
	const struct series *series = diagnosis->series;
	uint64_t start_ns = series_start_wall_ns(series), first_ns = start_ns;
	uint64_t last_ns = start_ns + series_end_ns(series) - series_start_ns(series);
	CLEANUP_TEXT struct text words = { 0 };
	struct history_row *row;

	cause_describe(series_objects(series), finding->cause, finding->object, &words);
	row = row_of(history, finding, text_string(&words));
	if (!row)
		return;
	if (finding->spread.step_ms) {
		first_ns = start_ns + finding->spread.first_ms * NS_PER_MS;
		last_ns = start_ns + finding->spread.last_ms * NS_PER_MS;
	}
	row->confidence = finding->confidence;
	row->now += finding->packets;
	row->first_ns = first_ns < row->first_ns ? first_ns : row->first_ns;
	row->last_ns = last_ns > row->last_ns ? last_ns : row->last_ns;
}

void history_look(struct history *history, const struct diagnosis *diagnosis)
{
	const struct series *series = diagnosis->series;
	uint64_t start_ns = series_start_wall_ns(series);
	struct finding **finding;
	struct history_row *row;

	if (!history->first_ns)
		history->first_ns = history->last_ns = start_ns;
	advance(history, start_ns + series_end_ns(series) - series_start_ns(series));
	memset(&history->now, 0, sizeof(history->now));
	vec_each(&history->rows, row)
		row->now = 0;
	vec_each(&diagnosis->findings.list, finding) {
		add_moments(history, series, *finding);
		add_row(history, diagnosis, *finding);
	}
	for (size_t domain = 0; domain < DOMAIN_COUNT; domain++)
		history->now.total[domain] = diagnosis->domains[domain].harmful;
}

/* The first one in the domain: findings are ranked. */
static struct history_row *row_in(struct history *history, const struct diagnosis *diagnosis, enum domain domain)
{
	struct finding **finding;

	vec_each(&diagnosis->findings.list, finding) {
		CLEANUP_TEXT struct text words = { 0 };

		if (cause_get((*finding)->cause)->domain != domain)
			continue;
		cause_describe(series_objects(diagnosis->series), (*finding)->cause, (*finding)->object, &words);
		return row_of(history, *finding, text_string(&words));
	}
	return NULL;
}

void history_between(struct history *history, const struct diagnosis *both, uint64_t start_wall_ns)
{
	for (size_t i = 0; i < DOMAIN_COUNT; i++) {
		enum domain domain = (enum domain)i;
		uint64_t all = both->domains[domain].harmful,
			 known = history->last[domain] + history->now.total[domain];
		struct history_row *row = all > known ? row_in(history, both, domain) : NULL;

		if (!row)
			continue;
		row->over += all - known;
		history->over.total[domain] += all - known;
		*slot(&history->over, domain, second_of(start_wall_ns)) += (double)(all - known);
	}
}

void history_turn(struct history *history)
{
	struct history_row *row;

	for (size_t domain = 0; domain < DOMAIN_COUNT; domain++) {
		for (size_t i = 0; i < HISTORY_SECONDS; i++)
			history->over.seconds[domain][i] += history->now.seconds[domain][i];
		history->last[domain] = history->now.total[domain];
		history->over.total[domain] += history->now.total[domain];
	}
	memset(&history->now, 0, sizeof(history->now));
	vec_each(&history->rows, row) {
		row->over += row->now;
		row->now = 0;
	}
}

double history_second(const struct history *history, enum domain domain, size_t ago)
{
	uint64_t newest = second_of(history->last_ns), second = newest - ago;

	if (ago >= HISTORY_SECONDS || second < second_of(history->first_ns))
		return 0;
	return history->over.seconds[domain][second % HISTORY_SECONDS] +
	       history->now.seconds[domain][second % HISTORY_SECONDS];
}

double history_rate(const struct history *history, enum domain domain, size_t seconds)
{
	uint64_t whole = second_of(history->last_ns) - second_of(history->first_ns);
	double sum = 0;

	if (seconds > whole)
		seconds = whole;
	for (size_t ago = 1; ago <= seconds; ago++)
		sum += history_second(history, domain, ago);
	return seconds ? sum / (double)seconds : 0;
}

uint64_t history_total(const struct history *history, enum domain domain)
{
	return history->over.total[domain] + history->now.total[domain];
}

uint64_t history_lost(const struct history *history)
{
	uint64_t sum = 0;

	for (size_t domain = 0; domain < DOMAIN_COUNT; domain++)
		sum += history_total(history, (enum domain)domain);
	return sum;
}

void history_free(struct history *history)
{
	struct history_row *row;

	vec_each(&history->rows, row)
		free(row->words);
	vec_free(&history->rows);
	*history = (struct history){ 0 };
}
