/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices by the statistics that mean the same for every driver (netdev-genl), before link statistics and drivers' own
 * names are looked at; one receive queue that stands still while the others work; and transmit queues that the
 * watchdog had to reset.
 */
#include "diagnose/detection.h"

#include "model/driver.h"

#include "base/alloc.h"

#include <string.h>

static const struct queue_loss {
	counter_id counter;
	enum cause cause;
	enum direction direction;
	enum confidence confidence;
} queue_losses[] = {
	{ C_QSTATS_RX_HW_DROP_OVERRUNS, CAUSE_RX_RING_OVERFLOW, DIRECTION_INGRESS, CONFIDENCE_PROVEN },
	{ C_QSTATS_RX_HW_DROP_RATELIMITS, CAUSE_CLOUD_ALLOWANCE_EXCEEDED, DIRECTION_INGRESS, CONFIDENCE_PROVEN },
	{ C_QSTATS_TX_HW_DROP_RATELIMITS, CAUSE_CLOUD_ALLOWANCE_EXCEEDED, DIRECTION_EGRESS, CONFIDENCE_PROVEN },
	/* "For any reason": the device may have filtered some on purpose. */
	{ C_QSTATS_RX_HW_DROPS, CAUSE_RX_HARDWARE_DISCARD, DIRECTION_INGRESS, CONFIDENCE_LIKELY },
	{ C_QSTATS_TX_HW_DROP_ERRORS, CAUSE_TX_DROP, DIRECTION_EGRESS, CONFIDENCE_PROVEN },
	{ C_QSTATS_TX_HW_DROPS, CAUSE_TX_DROP, DIRECTION_EGRESS, CONFIDENCE_LIKELY },
};

/* Where the same packets may be seen again. */
static void again_evidence(struct detection *detection, struct finding *finding)
{
	static const counter_id again[] = { C_LINK_RX_MISSED_ERRORS, C_LINK_RX_FIFO_ERRORS, C_LINK_RX_DROPPED,
					    C_LINK_TX_DROPPED };

	for (size_t i = 0; i < ARRAY_SIZE(again); i++) {
		if (series_increase(detection->series, again[i], finding->object) &&
		    !ledger_left(detection->ledger, again[i], finding->object))
			finding_evidence(finding, detection->series, again[i], finding->object,
					 "the same packets in the link statistics");
	}
	if (series_increase(detection->series, C_QSTATS_RX_ALLOC_FAIL, finding->object))
		finding_evidence(finding, detection->series, C_QSTATS_RX_ALLOC_FAIL, finding->object,
				 "no memory for buffers");
}

static void claim_queue_losses(struct detection *detection)
{
	for (size_t row = 0; row < ARRAY_SIZE(queue_losses); row++) {
		const struct queue_loss *loss = &queue_losses[row];
		const struct cell *cell;
		size_t i;

		series_each(detection->series, loss->counter, i, cell) {
			struct finding *finding;
			bool first;

			if (!ledger_left(detection->ledger, loss->counter, cell->object))
				continue;
			finding = detect_device(detection, loss->cause, cell->object, loss->direction);
			first = !finding->packets;
			finding_evidence(finding, detection->series, loss->counter, cell->object,
					 "by the kernel's queue statistics");
			detect_claim(detection, finding, loss->counter, cell->object, UINT64_MAX);
			if (first) {
				finding->confidence = loss->confidence;
				again_evidence(detection, finding);
			}
		}
	}
}

/* ---- a queue that stands still ---- */

static bool other_queue_works(const struct detection *detection, const struct object *still)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_QSTATS_RX_PACKETS, i, cell) {
		const struct object *queue = object_get(detection->objects, cell->object);

		if (queue != still && queue->key.kind == OBJECT_QUEUE && queue->link == still->link && cell->increase)
			return true;
	}
	return false;
}

/* A receive queue by the standard names: it drops, or gets no buffers while the device drops, and takes in nothing. */
static void still_queue(struct detection *detection, const struct cell *packets)
{
	const struct object *queue = object_get(detection->objects, packets->object);
	uint64_t drops = series_increase(detection->series, C_QSTATS_RX_HW_DROPS, queue->id);
	struct finding *finding;

	if (!drops)
		drops = series_increase(detection->series, C_QSTATS_RX_HW_DROP_OVERRUNS, queue->id);
	if (queue->key.kind != OBJECT_QUEUE || !queue->link || packets->increase || !drops ||
	    !other_queue_works(detection, queue))
		return;
	finding = detect_device(detection, CAUSE_QUEUE_WITHOUT_DESCRIPTORS, queue->link, DIRECTION_INGRESS);
	drops -= detect_claim(detection, finding, C_QSTATS_RX_HW_DROP_OVERRUNS, queue->link, drops);
	detect_claim(detection, finding, C_QSTATS_RX_HW_DROPS, queue->link, drops);
	finding_evidence(finding, detection->series, C_QSTATS_RX_HW_DROPS, queue->id, "this queue's");
	finding_evidence(finding, detection->series, C_QSTATS_RX_HW_DROP_OVERRUNS, queue->id, "this queue's");
	finding_evidence(finding, detection->series, C_QSTATS_RX_PACKETS, queue->id, "it took in nothing");
	finding_evidence(finding, detection->series, C_QSTATS_RX_ALLOC_FAIL, queue->id, NULL);
}

/*
 * The length of the part of a driver's name that says which queue: "rx_queue_3_" of "rx_queue_3_drops", "[3]: rx_" of
 * "[3]: rx_discards". 0 when it names none.
 */
static size_t queue_prefix(const char *name)
{
	size_t at = strcspn(name, "0123456789");

	if (!name[at] || (strncmp(name, "rx", 2) != 0 && name[0] != '['))
		return 0;
	at += strspn(name + at, "0123456789");
	at += strspn(name + at, "_.:]- ");
	if (strncmp(name + at, "rx_", 3) == 0)
		at += 3;
	return at;
}

/* Whether both name a queue in the same way, whichever its number. */
static bool same_form(const char *a, const char *b)
{
	size_t digits = strcspn(a, "0123456789"), end = queue_prefix(a), other_end = queue_prefix(b);
	size_t a_from, b_from;

	if (!end || !other_end || strcspn(b, "0123456789") != digits || strncmp(a, b, digits) != 0)
		return false;
	a_from = digits + strspn(a + digits, "0123456789");
	b_from = digits + strspn(b + digits, "0123456789");
	return end - a_from == other_end - b_from && strncmp(a + a_from, b + b_from, end - a_from) == 0;
}

struct queue_traffic {
	const struct cell *own; /* packets of the queue itself */
	bool others;		/* of another queue rose */
};

/* What the driver says about packets of the queue that a drop counter belongs to, and of the others. */
static void queue_traffic(const struct detection *detection, const struct entry *entry, struct queue_traffic *ret)
{
	const char *drops = counter_name(entry->counter);
	size_t prefix = queue_prefix(drops);

	*ret = (struct queue_traffic){ 0 };
	for (size_t i = 0; prefix && i < series_cells(detection->series); i++) {
		const struct cell *cell = series_cell_by_index(detection->series, i);
		const struct counter *counter = counter_get(cell->counter);

		if (cell->object != entry->object || counter->source != SOURCE_ETHTOOL ||
		    !same_form(drops, counter->name) ||
		    !strstr(counter->name + queue_prefix(counter->name), "packets") ||
		    strstr(counter->name + queue_prefix(counter->name), "xdp"))
			continue;
		if (strncmp(counter->name, drops, prefix) != 0)
			ret->others |= cell->increase != 0;
		else if (!ret->own || cell->increase)
			ret->own = cell;
	}
}

/* The link statistic that counts the same packets, or COUNTER_NONE. */
static counter_id link_counter(const struct driver_counter *row)
{
	return row->overlap == OVERLAP_LINK ? counter_find(SOURCE_LINK, row->with, strlen(row->with)) : COUNTER_NONE;
}

/* The same by the driver's own names. */
static void still_driver_queue(struct detection *detection, const struct entry *entry)
{
	const struct object *link = object_get(detection->objects, entry->object);
	const struct driver_counter *row =
		driver_counter_find(object_text(link, LABEL_DRIVER), counter_name(entry->counter));
	counter_id other = row ? link_counter(row) : COUNTER_NONE;
	uint64_t left =
		entry_left(entry) + (other == COUNTER_NONE ? 0 : ledger_left(detection->ledger, other, entry->object));
	struct queue_traffic traffic;
	struct finding *finding;

	if (!row || row->kind != KIND_DROP || row->cause == CAUSE_XDP_DROP || !left)
		return;
	queue_traffic(detection, entry, &traffic);
	if (!traffic.own || traffic.own->increase || !traffic.others)
		return;
	finding = detect_device(detection, CAUSE_QUEUE_WITHOUT_DESCRIPTORS, link->id, DIRECTION_INGRESS);
	left = entry->increase - detect_claim(detection, finding, entry->counter, entry->object, UINT64_MAX);
	if (left && other != COUNTER_NONE)
		detect_claim(detection, finding, other, entry->object, left);
	finding_evidence(finding, detection->series, entry->counter, link->id, "this queue's");
	finding_evidence(finding, detection->series, traffic.own->counter, link->id, "it took in nothing");
}

static void still_driver_queues(struct detection *detection)
{
	for (size_t i = 0; i < ledger_entries(detection->ledger); i++) {
		const struct entry entry = *ledger_entry_at(detection->ledger, i);

		if (counter_get(entry.counter)->source == SOURCE_ETHTOOL)
			still_driver_queue(detection, &entry);
	}
}

/* ---- the watchdog ---- */

/*
 * The reset throws away what stood in the queue, and few drivers count that: each reset is at least one packet
 * (dev_watchdog() only looks at queues that are stopped with packets in them).
 */
static void watchdog(struct detection *detection, const struct cell *resets)
{
	static const counter_id losses[] = { C_LINK_TX_ERRORS, C_LINK_TX_DROPPED };
	uint32_t link = resets->object;
	struct finding *finding = detect_device(detection, CAUSE_TX_TIMEOUT, link, DIRECTION_EGRESS);

	finding_evidence(finding, detection->series, resets->counter, link, "times the watchdog reset it");
	for (size_t i = 0; i < ARRAY_SIZE(losses); i++)
		detect_claim(detection, finding, losses[i], link, UINT64_MAX);
	if (finding->packets < resets->increase) {
		ledger_add(detection->ledger, resets->counter, link, resets->increase - finding->packets);
		finding->packets += ledger_claim(detection->ledger, resets->counter, link, UINT64_MAX);
	}
	finding->at_least = true;
}

/* A driver's own counter of resets, where sysfs has none for the device. */
static bool is_driver_timeout(const struct detection *detection, const struct cell *cell)
{
	const struct counter *counter = counter_get(cell->counter);
	const struct object *link = object_get(detection->objects, cell->object);
	const struct driver_counter *row;

	if (!cell->increase || counter->source != SOURCE_ETHTOOL || counter->kind == KIND_TRAFFIC ||
	    series_increase(detection->series, C_PCI_TX_TIMEOUTS, link->id))
		return false;
	row = driver_counter_find(object_text(link, LABEL_DRIVER), counter->name);
	return row && row->cause == CAUSE_TX_TIMEOUT && row->kind != KIND_DROP;
}

void detect_device_queues(struct detection *detection)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_QSTATS_RX_PACKETS, i, cell)
		still_queue(detection, cell);
	claim_queue_losses(detection);
	still_driver_queues(detection);
	series_each(detection->series, C_PCI_TX_TIMEOUTS, i, cell) {
		if (cell->increase)
			watchdog(detection, cell);
	}
	for (i = 0; i < series_cells(detection->series); i++) {
		cell = series_cell_by_index(detection->series, i);
		if (is_driver_timeout(detection, cell))
			watchdog(detection, cell);
	}
}
