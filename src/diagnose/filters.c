/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Actions of traffic control filters that drop: policers, and drops by name. What they count is in the statistics of
 * their qdisc as well (includes.def), so they come before those are judged (queues.c).
 */
#include "diagnose/detection.h"

#include <string.h>

static void action_finding(struct detection *detection, const struct object *action)
{
	bool police = strcmp(object_text(action, LABEL_KIND), "police") == 0;
	const char *hook = object_text(action, LABEL_HOOK);
	/* Outputs may not tell it: there are hardly any but of what arrives. */
	bool arriving = strcmp(hook, "ingress") == 0 || !*hook;
	struct finding *finding = detect_add(detection, police ? CAUSE_POLICER_DROP : CAUSE_TC_DROP, action->id,
					     UNIT_SKBS, arriving ? DIRECTION_INGRESS : DIRECTION_EGRESS);

	detect_claim(detection, finding, C_FILTER_ACTION_DROPS, action->id, UINT64_MAX);
	detect_passed(finding, series_increase(detection->series, C_FILTER_ACTION_PACKETS, action->id));
	finding_evidence(finding, detection->series, C_FILTER_ACTION_PACKETS, action->id, "came by");
	finding_evidence(finding, detection->series, C_FILTER_ACTION_OVERLIMITS, action->id, "over the rate");
	finding_evidence(finding, detection->series, C_FILTER_POLICE_RATE, action->id, "the rate it allows");
}

void detect_filters(struct detection *detection)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_FILTER_ACTION_DROPS, i, cell) {
		if (ledger_left(detection->ledger, C_FILTER_ACTION_DROPS, cell->object))
			action_finding(detection, object_get(detection->objects, cell->object));
	}
}
