/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drivers' own counters (ethtool -S), by drivers.def. The same name may mean
 * different things to different drivers, so each entry is judged with the
 * driver of its device.
 */
#include "diagnose/detection.h"

#include "model/driver.h"

#include <string.h>

static enum direction direction_of(const char *name)
{
	return strncmp(name, "tx", 2) == 0 || strncmp(name, "bw_out", 6) == 0 ? DIRECTION_EGRESS : DIRECTION_INGRESS;
}

void detect_drivers(struct detection *detection)
{
	for (size_t i = 0; i < ledger_entries(detection->ledger); i++) {
		const struct entry entry = *ledger_entry_at(detection->ledger, i);
		const struct counter *counter = counter_get(entry.counter);
		const struct driver_counter *row;
		const struct object *link;
		struct finding *finding;

		if (counter->source != SOURCE_ETHTOOL || !entry_left(&entry))
			continue;
		link = object_link(detection->objects, object_get(detection->objects, entry.object));
		row = link ? driver_counter_find(object_text(link, LABEL_DRIVER), counter->name) : NULL;
		if (!row || row->kind != KIND_DROP || row->cause == CAUSE_NONE)
			continue;
		finding = detect_device(detection, row->cause, link->id, direction_of(counter->name));
		detect_claim(detection, finding, entry.counter, entry.object, UINT64_MAX);
	}
}
