/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Losses of a device under several names: the queue statistics of netdev-genl come first, because their names mean the
 * same for every driver; then the 64-bit link statistics; then what IEEE 802.3 defines; last the driver's own names
 * (drivers.def). Which link statistic holds the queue statistics' drops differs from driver to driver, so they
 * are taken off the likely ones in turn, once. A driver's row is one name for all its queues.
 */
#include "model/ledger.h"

#include "model/driver.h"

#include "base/alloc.h"

#define ROWS_MAX 4096

/* A better count, and in which link statistics its packets may be counted again. */
static const struct again {
	counter_id better;
	counter_id links[5];
	size_t count;
} again[] = {
	{ C_QSTATS_RX_HW_DROPS,
	  { C_LINK_RX_MISSED_ERRORS, C_LINK_RX_FIFO_ERRORS, C_LINK_RX_OVER_ERRORS, C_LINK_RX_ERRORS,
	    C_LINK_RX_DROPPED },
	  5 },
	{ C_QSTATS_TX_HW_DROPS, { C_LINK_TX_FIFO_ERRORS, C_LINK_TX_ERRORS, C_LINK_TX_DROPPED }, 3 },
};

/* What a driver's counter of some cause counts again. */
static const struct standard {
	enum cause cause;
	counter_id counter;
} standards[] = {
	{ CAUSE_RX_RING_OVERFLOW, C_QSTATS_RX_HW_DROPS },
	{ CAUSE_RX_RING_OVERFLOW, C_ETHNL_MAC_INTERNAL_RX_ERRORS },
	{ CAUSE_RX_HARDWARE_DISCARD, C_QSTATS_RX_HW_DROPS },
	{ CAUSE_RX_HARDWARE_DISCARD, C_ETHNL_MAC_INTERNAL_RX_ERRORS },
	{ CAUSE_CLOUD_ALLOWANCE_EXCEEDED, C_QSTATS_RX_HW_DROP_RATELIMITS },
	{ CAUSE_CLOUD_ALLOWANCE_EXCEEDED, C_QSTATS_TX_HW_DROP_RATELIMITS },
	{ CAUSE_CRC_ERRORS, C_ETHNL_MAC_FCS_ERRORS },
	{ CAUSE_CRC_ERRORS, C_ETHNL_MAC_ALIGNMENT_ERRORS },
	{ CAUSE_CRC_ERRORS, C_ETHNL_FEC_UNCORRECTABLE },
	{ CAUSE_OVERSIZED_FRAME, C_ETHNL_MAC_TOO_LONG },
	{ CAUSE_OVERSIZED_FRAME, C_ETHNL_MAC_LENGTH_ERRORS },
	{ CAUSE_DUPLEX_MISMATCH, C_ETHNL_MAC_LATE_COLLISIONS },
	{ CAUSE_DUPLEX_MISMATCH, C_ETHNL_MAC_EXCESS_COLLISIONS },
	{ CAUSE_TX_CARRIER_ERRORS, C_ETHNL_MAC_CARRIER_ERRORS },
	{ CAUSE_TX_DROP, C_QSTATS_TX_HW_DROPS },
	{ CAUSE_TX_DROP, C_ETHNL_MAC_INTERNAL_TX_ERRORS },
};

/* What is left to be taken off one row of a device. */
struct budget {
	uint32_t link;
	const struct driver_counter *row;
	uint64_t packets;
};

static void settle_links(struct ledger *ledger, const struct series *series, const struct again *row)
{
	const struct cell *cell;
	size_t i;

	series_each(series, row->better, i, cell) {
		uint64_t left = cell->increase;

		if (object_get(series_objects(series), cell->object)->key.kind != OBJECT_LINK)
			continue;
		for (size_t link = 0; link < row->count && left; link++)
			left -= ledger_move_elsewhere(ledger, row->links[link], cell->object, left);
	}
}

static uint64_t standard_count(const struct series *series, enum cause cause, uint32_t link)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < ARRAY_SIZE(standards); i++) {
		if (standards[i].cause == cause)
			sum += series_increase(series, standards[i].counter, link);
	}
	return sum;
}

static struct budget *budget_find(struct budget *budgets, size_t count, uint32_t link, const struct driver_counter *row)
{
	for (size_t i = 0; i < count; i++) {
		if (budgets[i].link == link && budgets[i].row == row)
			return &budgets[i];
	}
	return NULL;
}

void ledger_settle_devices(struct ledger *ledger, const struct series *series)
{
	const struct objects *objects = series_objects(series);
	VEC(struct budget) budgets = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(again); i++)
		settle_links(ledger, series, &again[i]);
	for (size_t i = 0; i < ledger_entries(ledger); i++) {
		const struct entry *entry = ledger_entry_at(ledger, i);
		const struct counter *counter = counter_get(entry->counter);
		const struct object *link = object_link(objects, object_get(objects, entry->object));
		const struct driver_counter *row;
		struct budget *budget;

		if (counter->source != SOURCE_ETHTOOL || !entry_left(entry) || !link)
			continue;
		row = driver_counter_find(object_text(link, LABEL_DRIVER), counter->name);
		if (!row || !standard_count(series, row->cause, link->id))
			continue;
		budget = budget_find(budgets.data, budgets.count, link->id, row);
		if (!budget) {
			budget = vec_add(&budgets, ROWS_MAX);
			if (!budget)
				break;
			*budget = (struct budget){ link->id, row, standard_count(series, row->cause, link->id) };
		}
		budget->packets -= ledger_move_elsewhere(ledger, entry->counter, entry->object, budget->packets);
	}
	vec_free(&budgets);
}
