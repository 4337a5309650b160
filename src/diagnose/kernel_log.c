/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel log said in the window about a finding that is there already:
 * one more witness. The log is rate limited and says nothing of most losses, so
 * its silence proves nothing and its lines count no packets.
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

void detect_kernel_log(struct detection *detection)
{
	struct finding **slot;

	vec_each(&detection->found->list, slot)
		hear(detection, *slot);
}
