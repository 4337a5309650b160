/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Close to loss, but no loss: warnings that are listed apart and never change the answer. */
#include "diagnose/detection.h"

#define FILLING_SHARE 0.8   /* of a table's limit, for most of the window */
#define COLLAPSED_SHARE 100 /* one for so many segments that came */

static void filling(struct detection *detection, counter_id level, counter_id limit, enum cause cause)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, level, i, cell) {
		uint64_t most = series_last(detection->series, limit, cell->object);
		struct finding *finding;

		if (!most || gauge_mean(detection->series, cell) < FILLING_SHARE * (double)most)
			continue;
		finding = detect_add(detection, cause, cell->object, UNIT_COUNT, DIRECTION_LOCAL);
		finding_evidence(finding, detection->series, level, cell->object, "the level");
		finding_evidence(finding, detection->series, limit, cell->object, "the limit");
		finding->why_innocent = "nothing was lost yet";
	}
}

static void moved(struct detection *detection, counter_id counter, enum cause cause, uint64_t at_least, const char *why)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, counter, i, cell) {
		struct finding *finding;

		if (cell->increase < at_least)
			continue;
		finding = detect_add(detection, cause, cell->object, counter_get(counter)->unit, DIRECTION_LOCAL);
		finding_evidence(finding, detection->series, counter, cell->object, NULL);
		finding->why_innocent = why;
	}
}

static void collapsed(struct detection *detection)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_TCP_EXT_TCP_RCV_COLLAPSED, i, cell) {
		uint64_t arrived = series_increase(detection->series, C_TCP_IN_SEGS, cell->object);
		struct finding *finding;

		if (!cell->increase || cell->increase * COLLAPSED_SHARE < arrived)
			continue;
		finding = detect_add(detection, CAUSE_TCP_RECEIVE_QUEUES_COLLAPSED, cell->object, UNIT_SKBS,
				     DIRECTION_LOCAL);
		finding_evidence(finding, detection->series, cell->counter, cell->object, NULL);
		finding_evidence(finding, detection->series, C_TCP_EXT_PRUNE_CALLED, cell->object, NULL);
		finding_evidence(finding, detection->series, C_TCP_IN_SEGS, cell->object, "segments that came");
		finding_evidence(finding, detection->series, C_SYSCTL_TCP_RMEM_MAX, cell->object,
				 "how long a queue may be");
		finding->why_innocent = "nothing was lost, but packets may have waited for tens of milliseconds";
	}
}

void detect_pressure(struct detection *detection)
{
	filling(detection, C_CONNTRACK_COUNT, C_CONNTRACK_MAX, CAUSE_CONNTRACK_TABLE_FILLING);
	filling(detection, C_NEIGH_ENTRIES, C_NEIGH_GC_THRESH3, CAUSE_NEIGHBOUR_TABLE_FILLING);
	moved(detection, C_SOFTNET_TIME_SQUEEZE, CAUSE_SOFTIRQ_BUDGET_EXHAUSTED, 1,
	      "work was left for the next round, not dropped");
	moved(detection, C_TCP_EXT_TCP_TO_ZERO_WINDOW_ADV, CAUSE_TCP_ZERO_WINDOW, 1,
	      "the sender was asked to wait; nothing was dropped");
	collapsed(detection);
	moved(detection, C_TCP_EXT_TCP_TIME_WAIT_OVERFLOW, CAUSE_TIME_WAIT_OVERFLOW, 1,
	      "finished connections were forgotten early");
}
