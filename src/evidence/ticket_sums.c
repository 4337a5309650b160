/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sums that ifconfig and its like print (ticket_netdev.c) hold what the driver tells apart. Where its own numbers are in
 * the ticket, too, these would be counted twice: they are taken off the sum.
 */
#include "evidence/ticket_parts.h"

#include "base/alloc.h"
#include "model/driver.h"

#include <string.h>

/* Which of the kernel's counters a sum holds that is read as `sum`. */
static const struct {
	counter_id sum, part;
} parts[] = {
	{ C_LINK_RX_DROPPED, C_LINK_RX_MISSED_ERRORS },
	/* The kernel's own sum; the finer ones that ledger.c would take off it are in no such output. */
	{ C_LINK_RX_ERRORS, C_LINK_RX_CRC_ERRORS },
	{ C_LINK_RX_ERRORS, C_LINK_RX_FRAME_ERRORS },
	{ C_LINK_RX_ERRORS, C_LINK_RX_LENGTH_ERRORS },
	{ C_LINK_RX_ERRORS, C_LINK_RX_OVER_ERRORS },
	{ C_LINK_RX_FRAME_ERRORS, C_LINK_RX_FRAME_ERRORS },
	{ C_LINK_RX_FRAME_ERRORS, C_LINK_RX_LENGTH_ERRORS },
	{ C_LINK_RX_FRAME_ERRORS, C_LINK_RX_OVER_ERRORS },
	{ C_LINK_RX_FRAME_ERRORS, C_LINK_RX_CRC_ERRORS },
	{ C_LINK_TX_CARRIER_ERRORS, C_LINK_TX_CARRIER_ERRORS },
	{ C_LINK_TX_CARRIER_ERRORS, C_LINK_TX_ABORTED_ERRORS },
	{ C_LINK_TX_CARRIER_ERRORS, C_LINK_TX_WINDOW_ERRORS },
	{ C_LINK_TX_CARRIER_ERRORS, C_LINK_TX_HEARTBEAT_ERRORS },
};

/* What one reading of a driver's numbers has of a part of a device's sum. */
struct told_apart {
	counter_id part;
	uint32_t object;
	uint32_t reading;
	uint64_t value;
	size_t asked[ARRAY_SIZE(parts)]; /* how often for each, at the first one of its part and device */
};

#define TOLD_APART_MAX 65536

struct list {
	VEC(struct told_apart) told;
};

/* The part that a driver's number is: the kernel's counter of the same packets; COUNTER_NONE where it is none. */
static counter_id part_of(const struct driver_counter *row)
{
	for (size_t i = 0; row && row->overlap == OVERLAP_LINK && i < ARRAY_SIZE(parts); i++) {
		if (strcmp(counter_name(parts[i].part), row->with) == 0)
			return parts[i].part;
	}
	return COUNTER_NONE;
}

/* Some drivers print a number under several names: the highest is all of them. */
static void add_told(struct list *list, counter_id part, uint32_t reading, const struct sample *sample)
{
	struct told_apart *told;

	for (size_t i = list->told.count; i > 0; i--) {
		told = &list->told.data[i - 1];
		if (told->reading != reading)
			break;
		if (told->part != part || told->object != sample->object)
			continue;
		told->value = sample->value > told->value ? sample->value : told->value;
		return;
	}
	told = vec_add(&list->told, TOLD_APART_MAX);
	if (told)
		*told = (struct told_apart){ part, sample->object, reading, sample->value, { 0 } };
}

static void collect(const struct readings *readings, uint32_t index, struct list *list)
{
	const struct snapshot *snapshot = &readings->list.data[index].snapshot;
	const struct sample *sample;

	vec_each(&snapshot->samples, sample) {
		const struct counter *counter = counter_get(sample->counter);
		const char *driver = object_text(object_get(snapshot->objects, sample->object), LABEL_DRIVER);
		counter_id part;

		if (counter->source != SOURCE_ETHTOOL || sample->counter < COUNTER_STATIC)
			continue;
		part = part_of(driver_counter_find(driver, counter->name));
		if (part != COUNTER_NONE)
			add_told(list, part, index, sample);
	}
}

/* What the driver told of a part: the first time one asks the first, then the next, and so on to the last. */
static uint64_t next_told(const struct list *list, size_t row, uint32_t object)
{
	struct told_apart *told, *first = NULL;
	uint64_t value = 0;
	size_t seen = 0;

	vec_each(&list->told, told) {
		if (told->part != parts[row].part || told->object != object)
			continue;
		first = first ? first : told;
		if (seen++ <= first->asked[row])
			value = told->value;
	}
	if (first)
		first->asked[row]++;
	return value;
}

static void settle(const struct list *list, struct sample *sample)
{
	for (size_t row = 0; row < ARRAY_SIZE(parts); row++) {
		uint64_t told;

		if (parts[row].sum != sample->counter)
			continue;
		told = next_told(list, row, sample->object);
		sample->value -= told < sample->value ? told : sample->value;
	}
}

void readings_settle_sums(struct readings *readings)
{
	struct list list = { 0 };
	bool sums = false;

	for (uint32_t r = 0; r < readings->list.count; r++)
		sums |= readings->list.data[r].format->sums;
	for (uint32_t r = 0; sums && r < readings->list.count; r++)
		collect(readings, r, &list);
	for (uint32_t r = 0; list.told.count && r < readings->list.count; r++) {
		struct sample *sample;

		if (!readings->list.data[r].format->sums)
			continue;
		vec_each(&readings->list.data[r].snapshot.samples, sample)
			settle(&list, sample);
	}
	vec_free(&list.told);
}
