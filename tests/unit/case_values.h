/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a counter of a case showed at each step of the window:
 *
 *	total SOURCE NAME ID BEFORE AFTER [FROM_MS UNTIL_MS]	rises evenly between the two moments
 *	ramp SOURCE NAME ID BEFORE AFTER			rises ever faster from the first step to the last
 *	jump SOURCE NAME ID BEFORE MIDDLE AFTER AT_MS		rises evenly up to that moment and, as evenly, from it on
 *	burst SOURCE NAME ID BEFORE AFTER TIMES			a total that rises in so many steps, evenly spaced
 *	gauge SOURCE NAME ID FIRST [LAST]			changes half-way
 *	pulse SOURCE NAME ID LOW HIGH TIMES			a gauge that is high at the moments of such bursts
 */
#pragma once

#include "base/parse.h"
#include "unit/unit.h"

#include <string.h>

#define STEP_MS 100
#define STEPS_USUAL 20

static size_t steps; /* of the case's window */

struct line {
	char *words[12];
	size_t count;
	const char *rest[12]; /* the text from that word to the end of the line */
};

static uint64_t number(const char *text)
{
	uint64_t value = 0;

	if (parse_u64(slice_of(text), &value))
		fail_msg("not a number: %s", text);
	return value;
}

/* The number at a word of the line. */
static uint64_t number_at(const struct line *line, size_t index)
{
	if (index >= line->count)
		fail_msg("too few numbers: %s", line->rest[0]);
	return number(line->words[index]);
}

static uint64_t total_at(const struct line *line, uint64_t time_ms)
{
	uint64_t before = number_at(line, 4), after = number_at(line, 5);
	uint64_t from = line->count > 7 ? number_at(line, 6) : 100;
	uint64_t until = line->count > 7 ? number_at(line, 7) : steps * STEP_MS;

	if (time_ms <= from && from)
		return before;
	if (time_ms >= until || after < before)
		return time_ms * 2 >= from + until ? after : before;
	return before + (after - before) * (time_ms - from) / (until - from);
}

/* A level that grows from nothing: the total goes with the square of the time. */
static uint64_t ramp_at(const struct line *line, size_t step)
{
	uint64_t before = number_at(line, 4), after = number_at(line, 5);

	return before + (after - before) * step * step / (steps * steps);
}

/* Two levels, one after the other. */
static uint64_t jump_at(const struct line *line, uint64_t time_ms)
{
	uint64_t before = number_at(line, 4), middle = number_at(line, 5), after = number_at(line, 6);
	uint64_t at = number_at(line, 7), end = steps * STEP_MS;

	if (time_ms <= at)
		return before + (middle - before) * time_ms / at;
	return middle + (after - middle) * (time_ms - at) / (end - at);
}

/* Whether one of so many bursts, evenly spaced over the window, falls into this step. */
static bool burst_at(uint64_t times, size_t step)
{
	return step && step * times / steps != (step - 1) * times / steps;
}

static uint64_t value_at(const struct line *line, size_t step)
{
	const char *form = line->words[0];
	uint64_t first = number_at(line, 4), last = number_at(line, line->count > 5 ? 5 : 4);

	if (strcmp(form, "total") == 0)
		return total_at(line, step * STEP_MS);
	if (strcmp(form, "ramp") == 0)
		return ramp_at(line, step);
	if (strcmp(form, "jump") == 0)
		return jump_at(line, step * STEP_MS);
	if (strcmp(form, "burst") == 0)
		return first + (last - first) * (step * number_at(line, 6) / steps) / number_at(line, 6);
	if (strcmp(form, "pulse") == 0)
		return burst_at(number_at(line, 6), step) ? last : first;
	return step < steps / 2 ? first : last;
}

static bool is_sample(const struct line *line)
{
	static const char *const forms[] = { "total", "ramp", "jump", "burst", "gauge", "pulse" };

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		if (strcmp(line->words[0], forms[i]) == 0)
			return true;
	}
	return false;
}
