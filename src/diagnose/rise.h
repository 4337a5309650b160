/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traffic that comes at once: what tells a level that jumps, and stays up, from one that grows. Times are milliseconds
 * since the window's start, levels are per second.
 */
#pragma once

#include "model/series.h"

struct rise {
	uint32_t from_ms, until_ms; /* until it fell again, or the window's end */
	uint32_t step_ms;	    /* how finely it was looked at */
	double before, during;
};

/*
 * The one rise of several totals of an object, added up, that came at once: at least four steps (of 100 ms, or as far
 * apart as they were read) before it, to more than ten times their level, and up for half a second or more. False for
 * what grows, for single bursts and for what was high from the start.
 */
bool rise_find(const struct series *series, const counter_id *counters, size_t count, uint32_t object,
	       struct rise *ret);

/* The same totals over the whole window, as if they had risen with its start: for rates that need no level before. */
void rise_whole(const struct series *series, const counter_id *counters, size_t count, uint32_t object,
		struct rise *ret);

/* By how much a total rose after `from_ms` and up to `until_ms`. */
uint64_t increase_between(const struct series *series, counter_id counter, uint32_t object, uint32_t from_ms,
			  uint32_t until_ms);

/* A total's level before a rise. */
double rise_level(const struct series *series, const struct rise *rise, counter_id counter, uint32_t object);

/* What a total had more while a rise lasted than its level before would have brought; may be negative. */
double rise_extra(const struct series *series, const struct rise *rise, counter_id counter, uint32_t object);
