/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel log said in the window about a finding that is there already:
 * one more witness. The log is rate limited and says nothing of most losses, so
 * its silence proves nothing and its lines count no packets. Where nothing else
 * was read that would count them, as in a ticket, the lines are all there is:
 * then each is at least one packet.
 */
#include "diagnose/detection.h"

#include "base/alloc.h"

static const struct witness {
	enum cause cause;
	counter_id counter;
	bool of_device; /* the line is about the finding's own device, where it has lines of its own */
} witnesses[] = {
	{ CAUSE_CONNTRACK_TABLE_FULL, C_KERNEL_LOG_CONNTRACK_FULL, false },
	{ CAUSE_NFQUEUE_FULL, C_KERNEL_LOG_NFQUEUE_FULL, false },
	{ CAUSE_NEIGHBOUR_TABLE_FULL, C_KERNEL_LOG_NEIGHBOUR_OVERFLOW, false },
	{ CAUSE_MARTIAN_SOURCE, C_KERNEL_LOG_MARTIAN, false },
	{ CAUSE_TX_TIMEOUT, C_KERNEL_LOG_TX_TIMEOUT, true },
	{ CAUSE_LINK_FLAP, C_KERNEL_LOG_LINK_DOWN, true },
	{ CAUSE_RX_BUFFER_ALLOC_FAILED, C_KERNEL_LOG_ALLOCATION_FAILURE, false },
	{ CAUSE_KERNEL_MEMORY_EXHAUSTED, C_KERNEL_LOG_ALLOCATION_FAILURE, false },
	{ CAUSE_SYN_QUEUE_OVERFLOW, C_KERNEL_LOG_SYN_FLOODING, false },
	{ CAUSE_SYN_COOKIES_SENT, C_KERNEL_LOG_SYN_FLOODING, false },
	{ CAUSE_TCP_MEMORY_PRESSURE, C_KERNEL_LOG_TCP_MEMORY, false },
	{ CAUSE_TCP_ORPHANS_LIMIT, C_KERNEL_LOG_TCP_ORPHANS, false },
	{ CAUSE_TIME_WAIT_OVERFLOW, C_KERNEL_LOG_TIME_WAIT, false },
	{ CAUSE_BACKLOG_OVERFLOW, C_KERNEL_LOG_LOCKUP, false },
};

static const struct {
	enum cause cause;
	counter_id counter;
} reasons[] = {
	{ CAUSE_PROCESS_BLOCKED_ON_DISK, C_KERNEL_LOG_HUNG_TASK },
	{ CAUSE_PROCESS_MEMORY_STALLED, C_KERNEL_LOG_OUT_OF_MEMORY_KILL },
};

/* Losses of which the log alone may tell: unless what counts them was read. */
static const struct alone {
	enum cause cause;
	counter_id counter, counted_by, packets; /* packets: how many a line says, or COUNTER_NONE */
	enum direction direction;
	enum object_kind about;
} alones[] = {
	{ CAUSE_CONNTRACK_TABLE_FULL, C_KERNEL_LOG_CONNTRACK_FULL, C_CONNTRACK_DROP, COUNTER_NONE, DIRECTION_INGRESS,
	  OBJECT_HOST },
	{ CAUSE_NFQUEUE_FULL, C_KERNEL_LOG_NFQUEUE_FULL, C_NFQUEUE_DROPPED, C_KERNEL_LOG_NFQUEUE_DROPPED,
	  DIRECTION_INGRESS, OBJECT_NFQUEUE },
	{ CAUSE_NEIGHBOUR_TABLE_FULL, C_KERNEL_LOG_NEIGHBOUR_OVERFLOW, C_NEIGH_TABLE_FULLS, COUNTER_NONE,
	  DIRECTION_EGRESS, OBJECT_NEIGHBOUR_TABLE },
	{ CAUSE_MARTIAN_SOURCE, C_KERNEL_LOG_MARTIAN, C_ROUTE_CACHE_IN_MARTIAN_SRC, COUNTER_NONE, DIRECTION_INGRESS,
	  OBJECT_HOST },
	{ CAUSE_TX_TIMEOUT, C_KERNEL_LOG_TX_TIMEOUT, C_PCI_TX_TIMEOUTS, COUNTER_NONE, DIRECTION_EGRESS, OBJECT_LINK },
};

uint32_t detect_log_of(const struct detection *detection, counter_id counter, uint32_t link)
{
	return series_cell(detection->series, counter, link) ? link : OBJECT_HOST_ID;
}

static void hear(const struct detection *detection, struct finding *finding)
{
	const struct series *series = detection->series;
	struct because *because;

	for (size_t i = 0; i < ARRAY_SIZE(witnesses); i++) {
		uint32_t object = witnesses[i].of_device
					  ? detect_log_of(detection, witnesses[i].counter, finding->object)
					  : OBJECT_HOST_ID;

		if (witnesses[i].cause == finding->cause && series_increase(series, witnesses[i].counter, object))
			finding_evidence(finding, series, witnesses[i].counter, object, "the kernel log says so");
	}
	vec_each(&finding->because, because) {
		for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
			if (reasons[i].cause == because->cause &&
			    series_increase(series, reasons[i].counter, OBJECT_HOST_ID))
				because_evidence(because, series, reasons[i].counter, OBJECT_HOST_ID,
						 "the kernel log says so");
		}
	}
}

static bool is_found(const struct detection *detection, enum cause cause)
{
	struct finding **slot;

	vec_each(&detection->found->list, slot) {
		if ((*slot)->cause == cause)
			return true;
	}
	return false;
}

/* Whether lines of that kind are all that the log had to say, so that those it kept back were of the same kind. */
static bool is_only_kind(const struct detection *detection, counter_id counter)
{
	for (size_t i = 0; i < ARRAY_SIZE(alones); i++) {
		if (alones[i].counter != counter &&
		    series_increase(detection->series, alones[i].counter, OBJECT_HOST_ID))
			return false;
	}
	return true;
}

/* The device that most of the lines name, or the host. */
static uint32_t most_named(const struct detection *detection, counter_id counter)
{
	const struct cell *cell;
	uint32_t found = OBJECT_HOST_ID;
	uint64_t most = 0;
	size_t i;

	series_each(detection->series, counter, i, cell) {
		if (cell->object == OBJECT_HOST_ID || cell->increase <= most)
			continue;
		most = cell->increase;
		found = cell->object;
	}
	return found;
}

/* What the lines are about: the device that they name, the first thing of that kind, or the host. */
static uint32_t about(const struct detection *detection, const struct alone *row)
{
	const struct object *object;
	uint32_t id;

	if (row->about == OBJECT_LINK)
		return most_named(detection, row->counter);
	each_object(detection->objects, id, object) {
		if (object->key.kind == row->about)
			return id;
	}
	return OBJECT_HOST_ID;
}

static void found_alone(struct detection *detection, const struct alone *row)
{
	const struct series *series = detection->series;
	uint64_t lines = series_increase(series, row->counter, OBJECT_HOST_ID), said = 0;
	struct finding *finding;

	if (!lines || series_cell_at(series, row->counted_by, 0) || is_found(detection, row->cause))
		return;
	if (row->packets != COUNTER_NONE)
		said = series_increase(series, row->packets, OBJECT_HOST_ID);
	finding = detect_add(detection, row->cause, about(detection, row), UNIT_PACKETS, row->direction);
	if (is_only_kind(detection, row->counter))
		lines += series_increase(series, C_KERNEL_LOG_SUPPRESSED, OBJECT_HOST_ID);
	finding->packets = said > lines ? said : lines;
	finding->at_least = true;
	finding->confidence = CONFIDENCE_POSSIBLE;
	finding->detail = mem_strdup("the kernel log alone tells of it: each line is one packet at least");
	if (said)
		finding_evidence(finding, series, row->packets, OBJECT_HOST_ID, "dropped in all, as the lines say");
	finding_evidence(finding, series, C_KERNEL_LOG_SUPPRESSED, OBJECT_HOST_ID, "more of such lines");
}

void detect_log_alone(struct detection *detection)
{
	for (size_t i = 0; i < ARRAY_SIZE(alones); i++)
		found_alone(detection, &alones[i]);
}

void detect_kernel_log(struct detection *detection)
{
	struct finding **slot;

	vec_each(&detection->found->list, slot)
		hear(detection, *slot);
}
