/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A network that rearranges its paths: a bond that changed its active member, a bridge port that changed its state, a
 * default route that now leads elsewhere, or a spanning tree that told of a change; and with it a burst of
 * retransmissions. A change alone is no loss, and a carrier that went is the link's own cause.
 */
#include "diagnose/detection.h"
#include "diagnose/rise.h"

#include "base/alloc.h"

#define BEFORE_MS 300	  /* a reading may show the change a little after its effect */
#define REACH_MS 3000	  /* a second timeout in a row comes so long after the loss */
#define NEAR_SHARE 0.8	  /* of the retransmissions of the window */
#define FORWARDING 3	  /* enum br_port_state: BR_STATE_FORWARDING */
#define RESENT_MINIMUM 10 /* segments */

struct change {
	counter_id counter;
	uint32_t object;
	uint32_t time_ms;
};

/* When a cell first became another one; false when it never did. */
static bool first_move(const struct cell *cell, uint32_t *ret_time_ms)
{
	bool level = counter_get(cell->counter)->form == FORM_GAUGE;

	for (size_t i = 0; i < cell->points.count; i++) {
		const struct point *point = &cell->points.data[i];

		if (level ? point->increase == cell->first : !point->increase)
			continue;
		*ret_time_ms = point->time_ms;
		return true;
	}
	return false;
}

/* A port that joins a bridge takes nothing from the others: only one that forwarded and stopped rearranges anything. */
static bool disturbs(const struct cell *cell)
{
	return cell->counter != C_LINK_BRIDGE_PORT_STATE || cell->first == FORWARDING;
}

/* The first change of the namespace's paths. */
static bool change_find(const struct detection *detection, uint32_t netns, struct change *ret)
{
	static const counter_id counters[] = {
		C_LINK_BOND_ACTIVE,	    C_LINK_BRIDGE_PORT_STATE, C_ROUTE_DEFAULT_IFINDEX_V4,
		C_ROUTE_DEFAULT_IFINDEX_V6, C_PORT_TCN_RECEIVED,
	};
	bool found = false;

	for (size_t c = 0; c < ARRAY_SIZE(counters); c++) {
		const struct cell *cell;
		uint32_t time_ms;
		size_t i;

		series_each(detection->series, counters[c], i, cell) {
			const struct object *object = object_get(detection->objects, cell->object);

			if (object->netns != netns || !disturbs(cell) || !first_move(cell, &time_ms) ||
			    (found && time_ms >= ret->time_ms))
				continue;
			*ret = (struct change){ counters[c], cell->object, time_ms };
			found = true;
		}
	}
	return found;
}

static bool carrier_went(const struct detection *detection, uint32_t netns)
{
	return series_increase_in(detection->series, C_LINK_CARRIER_CHANGES, netns) > 0;
}

static void judge(struct detection *detection, uint32_t netns)
{
	uint64_t all = detect_resent(detection, netns, true), near;
	struct finding *finding;
	struct change change = { 0 };
	uint32_t from_ms;

	if (all < RESENT_MINIMUM || !change_find(detection, netns, &change) || carrier_went(detection, netns))
		return;
	from_ms = change.time_ms > BEFORE_MS ? change.time_ms - BEFORE_MS : 0;
	near = increase_between(detection->series, C_TCP_RETRANS_SEGS, netns, from_ms, change.time_ms + REACH_MS);
	if (near < RESENT_MINIMUM ||
	    (double)near < NEAR_SHARE * (double)series_increase(detection->series, C_TCP_RETRANS_SEGS, netns))
		return;
	finding = detect_add(detection, CAUSE_TOPOLOGY_CHANGE, change.object, UNIT_SEGMENTS, DIRECTION_EGRESS);
	finding->packets = near < all ? near : all;
	finding->confidence = CONFIDENCE_LIKELY;
	detect_pass(detection, finding, C_TCP_OUT_SEGS, netns);
	finding_evidence(finding, detection->series, change.counter, change.object, "it changed, and with it");
	finding_evidence(finding, detection->series, C_TCP_RETRANS_SEGS, netns, "segments were sent again");
	finding_evidence(finding, detection->series, C_TCP_EXT_TCP_TIMEOUTS, netns, NULL);
}

void detect_rearranged(struct detection *detection)
{
	uint32_t id;
	const struct object *object;

	each_object(detection->objects, id, object) {
		if (object->key.kind == OBJECT_NETNS)
			judge(detection, id);
	}
}
