/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters laid over each other in time. */
#include "diagnose/timeline.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <stdlib.h>

#define STEPS_MAX 36000

void timeline_init(struct timeline *timeline, const struct series *series, uint64_t step_ms)
{
	uint64_t window_ms = (uint64_t)(series_seconds(series) * 1000) + 1;

	timeline->step_ms = window_ms / step_ms < STEPS_MAX ? step_ms : window_ms / STEPS_MAX + 1;
	timeline->count = window_ms / timeline->step_ms + 1;
	timeline->steps = mem_new(timeline->count, sizeof(*timeline->steps));
}

void timeline_free(struct timeline *timeline)
{
	free(timeline->steps);
	*timeline = (struct timeline){ 0 };
}

uint64_t cell_interval_ms(const struct cell *cell)
{
	return cell->readings > 1 ? (cell->last_ns - cell->first_ns) / NS_PER_MS / (cell->readings - 1) : 0;
}

uint64_t cell_unread_ms(const struct series *series, const struct cell *cell)
{
	const struct observation *seen = series_observation_of(series, cell->counter, cell->object);
	uint64_t mean_ms = cell_interval_ms(cell), gap_ms = seen ? seen->gap_ns / NS_PER_MS : 0;

	return gap_ms > mean_ms ? gap_ms : mean_ms;
}

void timeline_add(struct timeline *timeline, const struct cell *cell, uint64_t amount, uint64_t earlier_ms)
{
	uint64_t sum = 0, given = 0;

	for (size_t i = 0; i < cell->points.count && cell->increase; i++) {
		const struct point *point = &cell->points.data[i];
		uint64_t at_ms = point->time_ms > earlier_ms ? point->time_ms - earlier_ms : 0;
		size_t step = at_ms / timeline->step_ms;
		uint64_t due;

		sum += point->increase;
		due = (uint64_t)((double)amount * ((double)sum / (double)cell->increase) + 0.5);
		if (due <= given)
			continue;
		timeline->steps[step < timeline->count ? step : timeline->count - 1] += due - given;
		given = due;
	}
}

uint64_t timeline_follow(const struct timeline *causes, const struct timeline *effects, uint64_t reach_ms)
{
	size_t reach = reach_ms / causes->step_ms + 1, oldest = 0;
	CLEANUP_FREE uint64_t *left = mem_new(causes->count, sizeof(*left));
	uint64_t followed = 0;

	for (size_t i = 0; i < causes->count; i++)
		left[i] = causes->steps[i];
	for (size_t at = 0; at < effects->count; at++) {
		uint64_t open = effects->steps[at];

		while (open) {
			uint64_t taken;

			while (oldest <= at && (!left[oldest] || oldest + reach < at))
				oldest++;
			if (oldest > at)
				break;
			taken = left[oldest] < open ? left[oldest] : open;
			left[oldest] -= taken;
			open -= taken;
			followed += taken;
		}
	}
	return followed;
}

void timeline_shadow(const struct timeline *causes, const struct timeline *effects, uint64_t reach_ms,
		     struct shadow *ret)
{
	size_t reach = reach_ms / causes->step_ms, shadowed = 0, since = SIZE_MAX;
	double lag_ms = 0;

	*ret = (struct shadow){ 0 };
	for (size_t at = 0; at < effects->count; at++) {
		if (causes->steps[at])
			since = 0;
		else if (since != SIZE_MAX)
			since++;
		if (since > reach)
			continue;
		shadowed++;
		ret->effects += effects->steps[at];
		lag_ms += (double)effects->steps[at] * (double)(since * causes->step_ms);
	}
	ret->time = effects->count ? (double)shadowed / (double)effects->count : 0;
	ret->lag_ms = ret->effects ? (uint64_t)(lag_ms / (double)ret->effects) : 0;
}
