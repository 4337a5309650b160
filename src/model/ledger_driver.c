/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drivers' counters in the ledger. The same name means different things to
 * different drivers (drivers.def): what is no loss to this driver leaves the
 * ledger, and what the link statistics count too stays where it says more: with
 * the driver when the other one is a mixed sum, else with the link.
 */
#include "model/ledger.h"

#include "model/driver.h"

#include "base/alloc.h"

#include <string.h>

static bool is_mixed_sum(const char *link_counter)
{
	static const char *const sums[] = { "link.rx_dropped", "link.tx_dropped", "link.rx_errors", "link.tx_errors" };

	for (size_t i = 0; i < ARRAY_SIZE(sums); i++) {
		if (strcmp(link_counter, sums[i]) == 0)
			return true;
	}
	return false;
}

/* The other counter of the same packets, on the same device; COUNTER_NONE when it was never read. */
static counter_id overlapping(const struct driver_counter *row)
{
	enum source_id source = row->overlap == OVERLAP_LINK ? SOURCE_LINK : SOURCE_ETHTOOL;

	return row->overlap == OVERLAP_NONE ? COUNTER_NONE : counter_find(source, row->with, strlen(row->with));
}

/*
 * The link counters that mean a full ring to the stack (missed, fifo, over) mean a full port buffer, or something else
 * again, to some drivers: another cause with another remedy.
 */
static bool says_more(const struct driver_counter *row)
{
	static const char *const ring[] = { "link.rx_missed_errors", "link.rx_fifo_errors", "link.rx_over_errors" };

	for (size_t i = 0; i < ARRAY_SIZE(ring); i++) {
		if (strcmp(row->with, ring[i]) == 0)
			return row->cause != CAUSE_RX_RING_OVERFLOW;
	}
	return false;
}

/* A driver's sum of drops for any reason, of which this row names one. */
static bool names_a_part(const struct driver_counter *row)
{
	const struct driver_counter *sum =
		row->overlap == OVERLAP_DRIVER ? driver_counter_find(row->driver, row->with) : NULL;

	return sum && (sum->cause == CAUSE_RX_DROP || sum->cause == CAUSE_TX_DROP) && row->cause != sum->cause;
}

static void settle(struct ledger *ledger, const struct series *series, const struct entry *entry, uint32_t link,
		   const struct driver_counter *row)
{
	counter_id other = overlapping(row);
	bool same_sum = is_mixed_sum(row->with) && strcmp(row->with + strlen("link."), row->pattern) == 0;
	bool drop = row->cause == CAUSE_RX_DROP || row->cause == CAUSE_TX_DROP;
	bool vague = row->cause == CAUSE_NONE || (drop && (same_sum || strcmp(row->driver, "*") == 0)) ||
		     (same_sum && row->cause == CAUSE_RX_HARDWARE_DISCARD);

	if (row->kind != KIND_DROP) {
		ledger_move_elsewhere(ledger, entry->counter, entry->object, UINT64_MAX);
		return;
	}
	if (other == COUNTER_NONE)
		return;
	if ((row->overlap == OVERLAP_LINK && !vague && (is_mixed_sum(row->with) || says_more(row))) ||
	    names_a_part(row))
		ledger_move_elsewhere(ledger, other, link, entry->increase);
	else
		ledger_move_elsewhere(ledger, entry->counter, entry->object, series_increase(series, other, link));
}

void ledger_settle_drivers(struct ledger *ledger, const struct series *series)
{
	const struct objects *objects = series_objects(series);

	for (size_t i = 0; i < ledger_entries(ledger); i++) {
		const struct entry *entry = ledger_entry_at(ledger, i);
		const struct counter *counter = counter_get(entry->counter);
		const struct object *link;
		const struct driver_counter *row;

		if (counter->source != SOURCE_ETHTOOL)
			continue;
		link = object_link(objects, object_get(objects, entry->object));
		row = link ? driver_counter_find(object_text(link, LABEL_DRIVER), counter->name) : NULL;
		if (row)
			settle(ledger, series, entry, link->id, row);
	}
}
