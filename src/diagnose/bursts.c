/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A backlog that overflowed although its CPU had time: what came at once was longer than the backlog may grow. Only
 * where nothing else explains it, and only by the CPU's time while packets were being dropped: the limit alone says
 * nothing. net/core/dev.c: enqueue_to_backlog().
 */
#include "diagnose/detection.h"
#include "diagnose/rise.h"
#include "diagnose/timeline.h"

#include "base/alloc.h"
#include "base/clock.h"

#define DEFAULT_BACKLOG 1000 /* net/core/hotdata.c: max_backlog */
#define RECEIVING_SHARE 0.5  /* of the CPU's time in softirqs: above that it had none to spare */
#define IDLE_SHARE 0.2	     /* of the CPU's time: so much was left */

/* The share of the time between two moments that a CPU spent on something; its time is in nanoseconds. */
static double share_between(const struct series *series, counter_id counter, uint32_t cpu, uint32_t from_ms,
			    uint32_t until_ms)
{
	double ms = (double)increase_between(series, counter, cpu, from_ms, until_ms) / (double)NS_PER_MS;

	return until_ms > from_ms ? ms / (until_ms - from_ms) : 0;
}

/* From before the first to after the last drop, as far as the CPU's time was read around them. */
static void time_of_drops(const struct series *series, const struct cell *drops, uint32_t *ret_from_ms,
			  uint32_t *ret_until_ms)
{
	const struct cell *idle = series_cell(series, C_CPU_IDLE, drops->object);
	uint32_t around_ms = TIMELINE_STEP_MS + (idle ? (uint32_t)cell_interval_ms(idle) : 0);
	uint32_t first_ms = drops->points.data[0].time_ms, end_ms = series_milliseconds(series);
	uint32_t last_ms = drops->points.data[drops->points.count - 1].time_ms;

	*ret_from_ms = first_ms > around_ms ? first_ms - around_ms : 0;
	*ret_until_ms = last_ms + around_ms < end_ms ? last_ms + around_ms : end_ms;
}

static void limit_small(struct detection *detection, struct finding *finding, const struct cell *drops)
{
	const struct series *series = detection->series;
	uint64_t limit = series_last(series, C_SYSCTL_NETDEV_MAX_BACKLOG, OBJECT_HOST_ID);
	uint32_t from_ms, until_ms;
	struct because *because;

	time_of_drops(series, drops, &from_ms, &until_ms);
	if (!limit || limit > DEFAULT_BACKLOG ||
	    share_between(series, C_CPU_SOFTIRQ, drops->object, from_ms, until_ms) >= RECEIVING_SHARE ||
	    share_between(series, C_CPU_IDLE, drops->object, from_ms, until_ms) < IDLE_SHARE)
		return;
	because = finding_because(finding, CAUSE_BACKLOG_LIMIT_SMALL, drops->object);
	because_evidence(because, series, C_CPU_IDLE, drops->object, "the CPU had time left");
	because_evidence(because, series, C_CPU_SOFTIRQ, drops->object, "its time with packets");
	because_evidence(because, series, C_SYSCTL_NETDEV_MAX_BACKLOG, OBJECT_HOST_ID, "what the backlog may grow to");
}

void detect_bursts(struct detection *detection)
{
	struct finding **slot;

	vec_each(&detection->found->list, slot) {
		const struct evidence *evidence;
		const struct cell *drops = NULL;

		if ((*slot)->cause != CAUSE_BACKLOG_OVERFLOW || (*slot)->because.count)
			continue;
		vec_each(&(*slot)->evidence, evidence) {
			if (evidence->counter == C_SOFTNET_DROPPED && !drops)
				drops = series_cell(detection->series, evidence->counter, evidence->object);
		}
		if (drops && drops->points.count)
			limit_small(detection, *slot, drops);
	}
}
