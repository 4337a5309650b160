/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which findings hurt (harm.def), and how their packets are spread over the window. */
#include "diagnose/judge.h"

#include "base/alloc.h"
#include "base/clock.h"

struct harm {
	uint64_t packets;
	uint64_t share_ppm;
	const char *why;
	bool set;
};

#define HARM_DOMAIN(domain, packets, share_ppm, why) [DOMAIN_##domain] = { packets, share_ppm, why, true },
#define HARM_CAUSE(cause, packets, share_ppm, why)
static const struct harm by_domain[DOMAIN_COUNT] = {
#include "diagnose/harm.def"
};
#undef HARM_DOMAIN
#undef HARM_CAUSE

#define HARM_DOMAIN(domain, packets, share_ppm, why)
#define HARM_CAUSE(cause, packets, share_ppm, why) [CAUSE_##cause] = { packets, share_ppm, why, true },
static const struct harm by_cause[CAUSE_COUNT] = {
#include "diagnose/harm.def"
};
#undef HARM_DOMAIN
#undef HARM_CAUSE

static const struct harm *harm_of(enum cause cause)
{
	return by_cause[cause].set ? &by_cause[cause] : &by_domain[cause_get(cause)->domain];
}

bool finding_is_harmful(const struct finding *finding)
{
	const struct harm *harm = harm_of(finding->cause);
	double share = finding_share(finding);

	if (finding->why_innocent || cause_get(finding->cause)->class != CAUSE_LOSS)
		return false;
	return finding->packets >= harm->packets && (share < 0 || share * 1e6 >= (double)harm->share_ppm);
}

const char *harm_why(enum cause cause)
{
	return harm_of(cause)->why;
}

/* Steps in which the spread over time is judged, and the share of steps up to which a loss counts as bursty. */
#define STEP_MS 100
#define STEPS_MAX 36000
#define BURSTY_SHARE 0.25
#define BURSTY_STEPS_MINIMUM 10

struct spread {
	size_t active, bursts;
	uint64_t peak, longest_ms;
};

static void spread_measure(const uint64_t *steps, size_t count, uint64_t step_ms, struct spread *ret)
{
	size_t run = 0;

	for (size_t i = 0; i < count; i++) {
		run = steps[i] ? run + 1 : 0;
		ret->active += steps[i] != 0;
		ret->bursts += run == 1;
		ret->peak = steps[i] > ret->peak ? steps[i] : ret->peak;
		ret->longest_ms = run * step_ms > ret->longest_ms ? run * step_ms : ret->longest_ms;
	}
}

/* The drop counter whose movements tell the spread, or NULL. */
static const struct cell *spread_cell(const struct series *series, const struct finding *finding)
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
static uint64_t step_of(const struct cell *cell, uint64_t window_ms)
{
	uint64_t read_ms = cell->readings > 1 ? (cell->last_ns - cell->first_ns) / NS_PER_MS / (cell->readings - 1) : 0;
	uint64_t step_ms = read_ms > STEP_MS + STEP_MS / 2 ? read_ms + read_ms / 2 : STEP_MS;

	return window_ms / step_ms < STEPS_MAX ? step_ms : window_ms / STEPS_MAX + 1;
}

void finding_spread(const struct series *series, struct finding *finding)
{
	uint64_t window_ms = (uint64_t)(series_seconds(series) * 1000) + 1;
	const struct cell *cell = spread_cell(series, finding);
	uint64_t step_ms = cell ? step_of(cell, window_ms) : STEP_MS;
	size_t count = cell ? window_ms / step_ms + 1 : 0;
	CLEANUP_FREE uint64_t *steps = mem_new(count, sizeof(*steps));
	struct spread spread = { 0 };

	finding->pattern = PATTERN_STEADY;
	for (size_t i = 0; cell && i < cell->points.count; i++) {
		size_t step = cell->points.data[i].time_ms / step_ms;

		steps[step < count ? step : count - 1] += cell->points.data[i].increase;
	}
	spread_measure(steps, count, step_ms, &spread);
	if (!spread.active || count < BURSTY_STEPS_MINIMUM || (double)spread.active > BURSTY_SHARE * (double)count)
		return;
	finding->pattern = PATTERN_BURSTY;
	if (!finding->detail)
		finding->detail =
			text_format("%zu burst%s of up to %llu ms, at most %llu within %llu ms", spread.bursts,
				    spread.bursts == 1 ? "" : "s", (unsigned long long)spread.longest_ms,
				    (unsigned long long)spread.peak, (unsigned long long)step_ms);
}
