/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a counter did, step by step: the movements of a cell laid on equal steps of the window, so that two counters can
 * be laid over each other.
 */
#pragma once

#include "model/series.h"

#define TIMELINE_STEP_MS 100

struct timeline {
	uint64_t step_ms;
	size_t count;
	uint64_t *steps; /* owned */
};

/* Steps of TIMELINE_STEP_MS over the window, longer ones in windows beyond an hour. All zero. Free with timeline_free(). */
void timeline_init(struct timeline *timeline, const struct series *series, uint64_t step_ms);
void timeline_free(struct timeline *timeline);

/*
 * Adds a total's rises, scaled so that they sum up to `amount`, each `earlier_ms` before it was read. Nothing when the
 * cell never moved.
 */
void timeline_add(struct timeline *timeline, const struct cell *cell, uint64_t amount, uint64_t earlier_ms);

/* The mean time between two readings of a cell: what rose in between may have risen at any moment of it. */
uint64_t cell_interval_ms(const struct cell *cell);

/* The longest time between two readings of it, milliseconds: so long before a point may have happened what it shows. */
uint64_t cell_unread_ms(const struct series *series, const struct cell *cell);

/*
 * How many of the `effects` can be put down to `causes` of the same step or of up to `reach_ms` before, when each cause
 * has one effect at most. Both have the same steps.
 */
uint64_t timeline_follow(const struct timeline *causes, const struct timeline *effects, uint64_t reach_ms);

/* What fell into steps that a cause lies in or up to `reach_ms` before: of the effects, and of the time. */
struct shadow {
	uint64_t effects;
	double time;	 /* share, 0 to 1: what chance alone would bring */
	uint64_t lag_ms; /* from the nearest cause to its effect, on average */
};
void timeline_shadow(const struct timeline *causes, const struct timeline *effects, uint64_t reach_ms,
		     struct shadow *ret);
