/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a loss went over the window: steady or in bursts, how long and how often, when it began and ended, how much came
 * by at its worst, and which symptoms followed it.
 */
#include "diagnose/judge.h"

#include "diagnose/timeline.h"

#include "base/alloc.h"
#include "base/clock.h"

/* The share of steps up to which a loss counts as bursty, and the steps it takes to tell. */
#define BURSTY_SHARE 0.25
#define BURSTY_STEPS_MINIMUM 10
/* Of fewer steps than that, so many that lost in more than half of them were steady. Of the rest nothing is known. */
#define STEADY_STEPS_MINIMUM 4
#define STEADY_SHARE 0.5
/* It began or ended in the window when it was quiet for longer than so, and longer than between two of its bursts. */
#define QUIET_MS 1000
#define QUIET_WINDOW_SHARE 10 /* tenths */
#define QUIET_GAPS 3
/* Arrivals are worth a word when there were so many times more than usual at the worst moment. */
#define RUSH 3

const struct cell *finding_cell(const struct series *series, const struct finding *finding)
{
	const struct evidence *evidence;

	vec_each(&finding->evidence, evidence) {
		const struct cell *cell = series_cell(series, evidence->counter, evidence->object);

		if (counter_get(evidence->counter)->kind == KIND_DROP && cell && cell->points.count)
			return cell;
	}
	return NULL;
}

/* A step no finer than the counter was read: what rose between two readings may have come evenly. */
static uint64_t step_of(const struct cell *cell)
{
	uint64_t read_ms = cell_interval_ms(cell);

	return read_ms > TIMELINE_STEP_MS + TIMELINE_STEP_MS / 2 ? read_ms + read_ms / 2 : TIMELINE_STEP_MS;
}

/* A reading that comes late leaves a step empty between two in a row: half of what the later one has is put there. */
static void fill_skipped(struct timeline *losses, const struct cell *cell)
{
	uint64_t interval_ms = cell_interval_ms(cell);

	for (size_t i = 1; i < cell->points.count; i++) {
		uint64_t before_ms = cell->points.data[i - 1].time_ms, at_ms = cell->points.data[i].time_ms;
		size_t step = at_ms / losses->step_ms;
		uint64_t half;

		if (step != before_ms / losses->step_ms + 2 || step >= losses->count ||
		    (at_ms - before_ms) * 2 >= interval_ms * 3)
			continue;
		half = losses->steps[step] / 2;
		losses->steps[step] -= half;
		losses->steps[step - 1] += half;
	}
}

struct runs {
	size_t active, bursts, run, longest, first, last, gap; /* steps; gap: longest between two active ones */
	size_t worst;
};

static void runs_measure(const struct timeline *losses, struct runs *ret)
{
	*ret = (struct runs){ 0 };
	for (size_t at = 0; at < losses->count; at++) {
		if (!losses->steps[at]) {
			ret->run = 0;
			continue;
		}
		if (!ret->active++)
			ret->first = at;
		else if (at - ret->last > ret->gap)
			ret->gap = at - ret->last;
		ret->last = at;
		ret->bursts += ret->run++ == 0;
		ret->longest = ret->run > ret->longest ? ret->run : ret->longest;
		ret->worst = losses->steps[at] > losses->steps[ret->worst] ? at : ret->worst;
	}
}

/* What came by in all at the worst step and on average, when its counter moved as often as the losses' one. */
static void measure_arrivals(const struct series *series, const struct finding *finding, const struct timeline *losses,
			     size_t worst, struct spread *spread)
{
	const struct cell *passed = series_cell(series, finding->passed_counter, finding->passed_object);
	struct timeline arrivals;

	if (!passed || step_of(passed) > losses->step_ms)
		return;
	timeline_init(&arrivals, series, losses->step_ms);
	timeline_add(&arrivals, passed, passed->increase, 0);
	spread->arrivals_peak = arrivals.steps[worst] + losses->steps[worst];
	spread->arrivals_mean =
		(double)(passed->increase + finding->packets) / (double)(losses->count > 1 ? losses->count - 1 : 1);
	timeline_free(&arrivals);
}

static void measure_edges(const struct timeline *losses, const struct runs *runs, struct spread *spread)
{
	size_t quiet = QUIET_MS / losses->step_ms;

	if (losses->count / QUIET_WINDOW_SHARE > quiet)
		quiet = losses->count / QUIET_WINDOW_SHARE;
	if (runs->gap * QUIET_GAPS > quiet)
		quiet = runs->gap * QUIET_GAPS;
	spread->began = runs->first > quiet;
	spread->ended = losses->count - 1 - runs->last > quiet;
}

static enum pattern pattern_of(const struct timeline *losses, const struct runs *runs)
{
	double share = (double)runs->active / (double)losses->count;

	if (losses->count >= BURSTY_STEPS_MINIMUM)
		return share <= BURSTY_SHARE ? PATTERN_BURSTY : PATTERN_STEADY;
	return losses->count >= STEADY_STEPS_MINIMUM && share > STEADY_SHARE ? PATTERN_STEADY : PATTERN_UNKNOWN;
}

static void spread_measure(const struct series *series, struct finding *finding)
{
	const struct cell *cell = finding_cell(series, finding);
	struct spread *spread = &finding->spread;
	struct timeline losses;
	struct runs runs;

	if (!cell)
		return;
	timeline_init(&losses, series, step_of(cell));
	timeline_add(&losses, cell, cell->increase, 0);
	fill_skipped(&losses, cell);
	runs_measure(&losses, &runs);
	spread->step_ms = losses.step_ms;
	spread->first_ms = cell->points.data[0].time_ms;
	spread->last_ms = cell->points.data[cell->points.count - 1].time_ms;
	spread->bursts = runs.bursts;
	spread->longest_ms = runs.longest * losses.step_ms;
	spread->every_ms = runs.bursts > 1 ? (runs.last - runs.first) * losses.step_ms / (runs.bursts - 1) : 0;
	spread->peak = losses.steps[runs.worst];
	measure_edges(&losses, &runs, spread);
	measure_arrivals(series, finding, &losses, runs.worst, spread);
	finding->pattern = pattern_of(&losses, &runs);
	timeline_free(&losses);
}

static double seconds(uint64_t ms)
{
	return (double)ms / 1000;
}

static void describe_bursts(const struct finding *finding, struct text *ret)
{
	const struct spread *spread = &finding->spread;

	text_addf(ret, "%zu burst%s of up to %llu ms", spread->bursts, spread->bursts == 1 ? "" : "s",
		  (unsigned long long)spread->longest_ms);
	if (spread->every_ms)
		text_addf(ret, ", one every %.1f s", seconds(spread->every_ms));
	else
		text_addf(ret, ", %.1f s after the start", seconds(spread->first_ms));
	text_addf(ret, ", at most %llu within %llu ms", (unsigned long long)spread->peak,
		  (unsigned long long)spread->step_ms);
	if ((double)spread->arrivals_peak >= RUSH * spread->arrivals_mean && spread->arrivals_peak)
		text_addf(ret, ", when %llu came instead of %.0f as on average",
			  (unsigned long long)spread->arrivals_peak, spread->arrivals_mean);
}

static void describe_edges(const struct series *series, const struct spread *spread, struct text *ret)
{
	double before_end = series_seconds(series) - seconds(spread->last_ms);

	if (spread->began)
		text_addf(ret, "%sbegan %.1f s after the start", ret->length ? "; " : "", seconds(spread->first_ms));
	if (spread->ended)
		text_addf(ret, "%sended %.1f s before the end", ret->length ? (spread->began ? ", " : "; ") : "",
			  before_end > 0 ? before_end : 0);
}

void finding_spread(const struct series *series, struct finding *finding)
{
	CLEANUP_TEXT struct text text = { 0 };

	finding->pattern = PATTERN_UNKNOWN;
	spread_measure(series, finding);
	if (finding->detail || !finding->spread.step_ms)
		return;
	if (finding->pattern == PATTERN_BURSTY)
		describe_bursts(finding, &text);
	if (finding->pattern != PATTERN_BURSTY || finding->spread.bursts > 1)
		describe_edges(series, &finding->spread, &text);
	if (text.length)
		finding->detail = mem_strdup(text_string(&text));
}

/* Symptoms of TCP, and how long after a loss each may come: RFC 6298 asks for a second before the first timeout. */
static const struct symptom {
	counter_id counter;
	uint64_t reach_ms;
} symptoms[] = {
	{ C_TCP_RETRANS_SEGS, 500 },
	{ C_TCP_EXT_TCP_TIMEOUTS, 1200 },
	{ C_TCP_EXT_TCP_SYN_RETRANS, 1200 },
	{ C_TCP_ESTAB_RESETS, 3000 },
};

/* Timing tells something only where losses leave most of the time free, and symptoms keep to the rest. */
#define CHANCE_HIGHEST 0.5
#define FOLLOWED_LEAST 0.5
#define ABOVE_CHANCE 0.3
#define SYMPTOMS_LEAST 3

static void effect_judge(const struct series *series, struct finding *finding, const struct cell *losses,
			 const struct symptom *symptom, const struct cell *cell)
{
	uint64_t step_ms = step_of(losses) > step_of(cell) ? step_of(losses) : step_of(cell);
	struct timeline causes, effects;
	struct shadow shadow;
	struct effect *effect;
	double share;

	if (cell->increase < SYMPTOMS_LEAST)
		return;
	timeline_init(&causes, series, step_ms);
	timeline_init(&effects, series, step_ms);
	timeline_add(&causes, losses, losses->increase, 0);
	timeline_add(&effects, cell, cell->increase, 0);
	timeline_shadow(&causes, &effects, symptom->reach_ms, &shadow);
	timeline_free(&causes);
	timeline_free(&effects);
	share = (double)shadow.effects / (double)cell->increase;
	if (shadow.time > CHANCE_HIGHEST || share < FOLLOWED_LEAST || share < shadow.time + ABOVE_CHANCE)
		return;
	effect = vec_add(&finding->effects, EFFECTS_MAX);
	if (effect)
		*effect = (struct effect){ cell->counter, cell->object,	     shadow.effects, cell->increase,
					   shadow.lag_ms, symptom->reach_ms, shadow.time };
}

void finding_effects(const struct series *series, struct finding *finding)
{
	const struct cell *losses = finding_cell(series, finding);

	if (!losses || finding->unit == UNIT_DATAGRAMS || cause_get(finding->cause)->domain == DOMAIN_PATH)
		return;
	for (size_t s = 0; s < ARRAY_SIZE(symptoms); s++) {
		const struct cell *cell;
		size_t i;

		series_each(series, symptoms[s].counter, i, cell)
			effect_judge(series, finding, losses, &symptoms[s], cell);
	}
}
