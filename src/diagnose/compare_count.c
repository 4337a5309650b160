/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two counts: whether chance alone makes them differ so much, and whether that is worth a word. */
#include "diagnose/compare_parts.h"

#include "diagnose/chance.h"

#include <math.h>

/* With fewer steps to tell apart nobody knows how large the bursts are: these are taken then, and no certainty. */
#define STEPS_LEAST 8
#define BURST_UNKNOWN 16.0
#define CHANCE_LEAST_UNKNOWN 1e-3

static bool steps_tell(const struct counted *counted)
{
	return counted->steps[SIDE_A] >= STEPS_LEAST && counted->steps[SIDE_B] >= STEPS_LEAST;
}

/* One that moves nearly all the time on both sides has no moments to count. */
static bool moments_tell(const struct counted *counted)
{
	return 2 * counted->moved[SIDE_A] < counted->steps[SIDE_A] ||
	       2 * counted->moved[SIDE_B] < counted->steps[SIDE_B];
}

static double chance_in_bursts(const struct counted *counted, double burst)
{
	return chance_rates((uint64_t)round((double)counted->counts[SIDE_A] / burst), counted->exposures[SIDE_A],
			    (uint64_t)round((double)counted->counts[SIDE_B] / burst), counted->exposures[SIDE_B]);
}

double counted_chance(const struct counted *counted)
{
	double chance;

	if (!steps_tell(counted))
		return fmax(CHANCE_LEAST_UNKNOWN, chance_in_bursts(counted, BURST_UNKNOWN));
	chance = chance_in_bursts(counted, fmax(fmax(1, counted->burst[SIDE_A]), counted->burst[SIDE_B]));
	if (!moments_tell(counted))
		return chance;
	return fmax(chance, chance_shares(counted->moved[SIDE_A], counted->steps[SIDE_A], counted->moved[SIDE_B],
					  counted->steps[SIDE_B]));
}

bool counted_is_large(const struct counted *counted)
{
	double a = (double)counted->counts[SIDE_A] * counted->exposures[SIDE_B];
	double b = (double)counted->counts[SIDE_B] * counted->exposures[SIDE_A];

	return fmax((double)counted->counts[SIDE_A], (double)counted->counts[SIDE_B]) >= COMPARE_COUNT &&
	       fmax(a, b) >= COMPARE_RATIO * fmin(a, b);
}

const char *counted_expose(struct counted *counted, const struct table tables[SIDE_COUNT],
			   const double totals[SIDE_COUNT])
{
	bool known = totals[SIDE_A] > 0 && totals[SIDE_B] > 0;

	for (size_t side = 0; side < SIDE_COUNT; side++) {
		double lost = (double)counted->counts[side];

		/* What was lost came by as well. */
		counted->exposures[side] =
			known ? fmax(totals[side], lost) : series_seconds(table_series(&tables[side]));
	}
	return known ? "packets" : "seconds";
}
