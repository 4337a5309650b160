/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rise is looked for where the sum so far lies farthest below the straight line from the window's start to its end: a
 * level that jumps has its corner there. What grows evenly has its corner in the middle, with levels that differ by no
 * more than three times, and what grows faster is already far above its own mean just before the corner.
 */
#include "diagnose/rise.h"

#include "diagnose/timeline.h"

#define QUIET_STEPS 4	    /* before the rise; the last of them may hold its beginning */
#define EDGE_STEPS 2	    /* before the step in which it rose */
#define SUSTAINED_MS 500    /* shorter ones are bursts */
#define RISE_FACTOR 10	    /* times the level before */
#define EDGE_BELOW 2	    /* times the level before, right before the rise */
#define EDGE_TOLERATED 0.05 /* of the level after it */

static double sum_of(const struct timeline *course, size_t from, size_t until)
{
	double sum = 0;

	for (size_t i = from; i < until; i++)
		sum += (double)course->steps[i];
	return sum;
}

/* Where between two steps the sum so far is farthest from the straight line: below it, or above it. */
static size_t corner(const struct timeline *course, size_t from, size_t until, bool above)
{
	double slope = sum_of(course, from, until) / (double)(until - from), farthest = 0, distance = 0;
	size_t found = from;

	for (size_t i = from; i < until; i++) {
		distance += above ? (double)course->steps[i] - slope : slope - (double)course->steps[i];
		if (distance > farthest) {
			farthest = distance;
			found = i + 1;
		}
	}
	return found;
}

static double level_of(const struct timeline *course, size_t from, size_t until)
{
	return from < until ? sum_of(course, from, until) * 1000 / (double)((until - from) * course->step_ms) : 0;
}

/* What came in (from_ms, until_ms], as if evenly. */
static void spread(struct timeline *course, uint64_t from_ms, uint64_t until_ms, uint64_t amount)
{
	uint64_t given = 0;

	for (uint64_t at = from_ms; at < until_ms;) {
		size_t step = at / course->step_ms;
		uint64_t end = (step + 1) * course->step_ms < until_ms ? (step + 1) * course->step_ms : until_ms;
		uint64_t due = amount * (end - from_ms) / (until_ms - from_ms);

		course->steps[step < course->count ? step : course->count - 1] += due - given;
		given = due;
		at = end;
	}
}

/*
 * Where a reading was left out between two at which the total moved, the later one has what came to both: a busy machine reads
 * late, and must not make a beginning look like two.
 */
static void course_add(struct timeline *course, const struct series *series, const struct cell *cell)
{
	uint64_t interval_ms = cell_interval_ms(cell), longest_ms = cell_unread_ms(series, cell), before_ms = 0;

	for (size_t i = 0; i < cell->points.count; i++) {
		const struct point *point = &cell->points.data[i];
		uint64_t gap_ms = point->time_ms - before_ms;
		bool left_out = i && gap_ms * 2 > interval_ms * 3 && gap_ms <= longest_ms;
		uint64_t since_ms = left_out ? before_ms : point->time_ms ? point->time_ms - 1 : 0;

		spread(course, since_ms, point->time_ms > since_ms ? point->time_ms : since_ms + 1, point->increase);
		before_ms = point->time_ms;
	}
}

/* In steps no finer than the slowest of them was read. A reading stands for the time before it. */
static void course_init(struct timeline *ret, const struct series *series, const counter_id *counters, size_t count,
			uint32_t object)
{
	uint64_t step_ms = TIMELINE_STEP_MS;

	for (size_t i = 0; i < count; i++) {
		const struct cell *cell = series_cell(series, counters[i], object);
		uint64_t interval_ms = cell ? cell_interval_ms(cell) : 0;

		if (interval_ms * 2 > step_ms * 3)
			step_ms = interval_ms * 3 / 2;
	}
	timeline_init(ret, series, step_ms);
	for (size_t i = 0; i < count; i++) {
		const struct cell *cell = series_cell(series, counters[i], object);

		if (cell)
			course_add(ret, series, cell);
	}
	if (ret->count > 1)
		ret->count--; /* the window's end begins a step of its own */
}

static bool rises(const struct timeline *course, struct rise *ret)
{
	size_t from = corner(course, 0, course->count, false), until;
	double during, below;

	if (from < QUIET_STEPS || from >= course->count)
		return false;
	until = corner(course, from, course->count, true);
	during = level_of(course, from, until);
	if (until == from || level_of(course, until, course->count) * 2 >= during)
		until = course->count;
	*ret = (struct rise){ (uint32_t)(from * course->step_ms), (uint32_t)(until * course->step_ms),
			      (uint32_t)course->step_ms, level_of(course, 0, from - 1), level_of(course, from, until) };
	below = level_of(course, from - 1 - EDGE_STEPS, from - 1);
	return ret->until_ms - ret->from_ms >= SUSTAINED_MS && ret->during > ret->before * RISE_FACTOR &&
	       below <= ret->before * EDGE_BELOW + ret->during * EDGE_TOLERATED;
}

bool rise_find(const struct series *series, const counter_id *counters, size_t count, uint32_t object, struct rise *ret)
{
	struct timeline course;
	struct rise rise;
	bool found;

	course_init(&course, series, counters, count, object);
	found = rises(&course, &rise);
	timeline_free(&course);
	if (found)
		*ret = rise;
	return found;
}

void rise_whole(const struct series *series, const counter_id *counters, size_t count, uint32_t object,
		struct rise *ret)
{
	double seconds = series_seconds(series);

	*ret = (struct rise){ .until_ms = series_milliseconds(series), .step_ms = TIMELINE_STEP_MS };
	for (size_t i = 0; i < count && seconds > 0; i++)
		ret->during += (double)series_increase(series, counters[i], object) / seconds;
}

uint64_t increase_between(const struct series *series, counter_id counter, uint32_t object, uint32_t from_ms,
			  uint32_t until_ms)
{
	const struct cell *cell = series_cell(series, counter, object);
	uint64_t sum = 0;

	for (size_t i = 0; cell && i < cell->points.count; i++) {
		const struct point *point = &cell->points.data[i];

		if (point->time_ms > from_ms && point->time_ms <= until_ms)
			sum += point->increase;
	}
	return sum;
}

double rise_level(const struct series *series, const struct rise *rise, counter_id counter, uint32_t object)
{
	uint32_t until_ms = rise->from_ms > rise->step_ms ? rise->from_ms - rise->step_ms : 0;

	return until_ms ? (double)increase_between(series, counter, object, 0, until_ms) * 1000 / until_ms : 0;
}

double rise_extra(const struct series *series, const struct rise *rise, counter_id counter, uint32_t object)
{
	double seconds = (rise->until_ms - rise->from_ms) / 1000.0;

	return (double)increase_between(series, counter, object, rise->from_ms, rise->until_ms) -
	       rise_level(series, rise, counter, object) * seconds;
}
