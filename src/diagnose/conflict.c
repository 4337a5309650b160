/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses that two hosts claim. A neighbour whose hardware address goes back and forth is answered for by two hosts:
 * half of what is sent there goes to the wrong one. One or two changes are a failover.
 */
#include "diagnose/detection.h"

#define CHANGES 3	  /* back and forth, and once more */
#define RESENT_MINIMUM 10 /* segments: connections that suffer */

static void changing_neighbours(struct detection *detection)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_NEIGH_ADDRESS_CHANGES, i, cell) {
		uint32_t netns = object_get(detection->objects, cell->object)->netns;
		uint64_t resent = detect_resent(detection, netns, false);
		struct finding *finding;

		if (cell->increase < CHANGES)
			continue;
		finding = detect_add(detection, CAUSE_ADDRESS_CONFLICT, cell->object, UNIT_SEGMENTS, DIRECTION_EGRESS);
		finding->confidence = CONFIDENCE_LIKELY;
		finding_evidence(finding, detection->series, C_NEIGH_ADDRESS_CHANGES, cell->object,
				 "its hardware address went back and forth");
		if (resent < RESENT_MINIMUM) {
			finding->why_innocent = "two hosts answer for it, and nothing was seen to be lost yet";
			continue;
		}
		finding->packets = resent;
		detect_pass(detection, finding, C_TCP_OUT_SEGS, netns);
		finding_evidence(finding, detection->series, C_TCP_RETRANS_SEGS, netns, "sent again");
		finding_evidence(finding, detection->series, C_TCP_EXT_TCP_TIMEOUTS, netns, NULL);
	}
}

static void refused_addresses(struct detection *detection)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_ADDRESS_DUPLICATE, i, cell) {
		struct finding *finding =
			detect_add(detection, CAUSE_ADDRESS_CONFLICT, cell->object, UNIT_PACKETS, DIRECTION_LOCAL);

		finding_evidence(finding, detection->series, C_ADDRESS_DUPLICATE, cell->object,
				 "duplicate address detection failed");
		finding->why_innocent =
			"another host has it, so this one does not use it: nobody reaches this host there";
	}
}

void detect_conflicts(struct detection *detection)
{
	changing_neighbours(detection);
	refused_addresses(detection);
}
