/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Storms of broadcast and multicast frames, as the reason of a loss on the way in: they are most of what a device
 * receives, thousands per second, and no program here reads them. Devices count multicast (link.multicast), drivers
 * often broadcast as well; the IP layer counts both of its own.
 */
#include "diagnose/detection.h"

#include "base/alloc.h"

#include <string.h>

#define STORM_RATE 2000 /* per second */

/* What a device received for everybody, and the counter that says most of it. */
struct storm {
	uint32_t link;
	uint64_t frames;
	counter_id counter;
};

/* A driver's own counters of broadcast and multicast frames. Several may count the same: the largest counts. */
static void add_driver(const struct detection *detection, struct storm *storm)
{
	for (size_t i = 0; i < series_cells(detection->series); i++) {
		const struct cell *cell = series_cell_by_index(detection->series, i);
		const struct counter *counter = counter_get(cell->counter);

		if (cell->object != storm->link || counter->source != SOURCE_ETHTOOL || !strstr(counter->name, "rx") ||
		    strstr(counter->name, "bytes") ||
		    !(strstr(counter->name, "broadcast") || strstr(counter->name, "bcast")) ||
		    cell->increase <= storm->frames)
			continue;
		storm->frames = cell->increase;
		storm->counter = cell->counter;
	}
}

/* What programs of the namespace read: a stream that somebody here joined is no storm. */
static uint64_t read_here(const struct detection *detection, uint32_t netns)
{
	return series_increase(detection->series, C_UDP_IN_DATAGRAMS, netns) +
	       series_increase(detection->series, C_UDP6_IN_DATAGRAMS, netns);
}

/* Whether what the device received for everybody is most of so many packets. */
static bool storm_on(const struct detection *detection, uint32_t link, uint64_t packets, struct storm *ret)
{
	const struct object *object = object_get(detection->objects, link);
	struct storm storm = { link, series_increase(detection->series, C_LINK_MULTICAST, link), C_LINK_MULTICAST };

	if ((double)packets < STORM_RATE * series_seconds(detection->series))
		return false;
	add_driver(detection, &storm);
	if ((double)storm.frames < STORM_RATE * series_seconds(detection->series) || storm.frames * 2 < packets ||
	    read_here(detection, object->netns) * 2 > storm.frames)
		return false;
	*ret = storm;
	return true;
}

/* What a storm would have to be most of: what the device received, or what a datapath had to ask about. */
static uint64_t packets_hit(const struct detection *detection, const struct finding *finding, uint32_t link)
{
	if (finding->cause == CAUSE_OVS_UPCALL_LOST)
		return series_increase(detection->series, C_OVS_MISSED, finding->object);
	return series_increase(detection->series, C_LINK_RX_PACKETS, link);
}

/* The largest storm on the device, or anywhere for what belongs to none (a CPU). */
static bool storm_find(const struct detection *detection, const struct finding *finding, struct storm *ret)
{
	const struct object *object = object_get(detection->objects, finding->object);
	const struct object *link = object_link(detection->objects, object);
	const struct cell *cell;
	bool found = false;
	size_t i;

	if (link &&
	    finding->cause != CAUSE_OVS_UPCALL_LOST) /* a datapath has its frames from the ports of its switch */
		return storm_on(detection, link->id, packets_hit(detection, finding, link->id), ret);
	series_each(detection->series, C_LINK_RX_PACKETS, i, cell) {
		const struct object *device = object_get(detection->objects, cell->object);
		struct storm storm;

		if ((object->netns && device->netns != object->netns) ||
		    !storm_on(detection, device->id, packets_hit(detection, finding, device->id), &storm) ||
		    (found && storm.frames <= ret->frames))
			continue;
		*ret = storm;
		found = true;
	}
	return found;
}

static bool can_hit(enum cause cause)
{
	static const enum cause hit[] = { CAUSE_RX_RING_OVERFLOW, CAUSE_RX_HARDWARE_DISCARD, CAUSE_RX_DROP,
					  CAUSE_BACKLOG_OVERFLOW, CAUSE_FLOW_LIMIT,	     CAUSE_OVS_UPCALL_LOST };

	for (size_t i = 0; i < ARRAY_SIZE(hit); i++) {
		if (hit[i] == cause)
			return true;
	}
	return false;
}

void detect_storms(struct detection *detection)
{
	struct finding **slot;

	vec_each(&detection->found->list, slot) {
		struct because *because;
		struct storm storm;

		if ((*slot)->why_innocent || !can_hit((*slot)->cause) || !storm_find(detection, *slot, &storm))
			continue;
		because = finding_because(*slot, CAUSE_BROADCAST_STORM, storm.link);
		because_evidence(because, detection->series, storm.counter, storm.link, "sent to everybody");
		because_evidence(because, detection->series, C_LINK_RX_PACKETS, storm.link, "received in all");
	}
}
