/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Losses for want of memory that a counter alone does not tell apart: connections
 * killed because of too many orphans rather than for TCP's memory (net/ipv4/tcp.c:
 * tcp_check_oom() counts both as TCPAbortOnMemory), and packets that IP discarded
 * while the kernel itself had none left.
 */
#include "diagnose/detection.h"

#include "base/alloc.h"

#define ORPHANS_FULL_PERCENT 95 /* of tcp_max_orphans: the gauge is read between the moments at which it is full */

static bool gauge_reached(const struct detection *detection, counter_id gauge, counter_id limit, unsigned int percent)
{
	const struct cell *cell = series_cell(detection->series, gauge, OBJECT_HOST_ID);
	uint64_t most = series_last(detection->series, limit, OBJECT_HOST_ID);

	return cell && most && cell->high * 100 >= most * percent;
}

static void orphans(struct detection *detection, uint32_t netns)
{
	bool logged = series_increase(detection->series, C_KERNEL_LOG_TCP_ORPHANS, OBJECT_HOST_ID);
	bool pressed = gauge_reached(detection, C_SOCKSTAT_TCP_MEM, C_SYSCTL_TCP_MEM_PRESSURE, 100);
	struct finding *finding;

	if (!ledger_left(detection->ledger, C_TCP_EXT_TCP_ABORT_ON_MEMORY, netns) || pressed)
		return;
	if (!logged && !gauge_reached(detection, C_SOCKSTAT_TCP_ORPHAN, C_SYSCTL_TCP_MAX_ORPHANS, ORPHANS_FULL_PERCENT))
		return;
	finding = detect_add(detection, CAUSE_TCP_ORPHANS_LIMIT, netns, UNIT_CALLS, DIRECTION_LOCAL);
	detect_claim(detection, finding, C_TCP_EXT_TCP_ABORT_ON_MEMORY, netns, UINT64_MAX);
	detect_pass(detection, finding, C_TCP_IN_SEGS, netns);
	finding_evidence(finding, detection->series, C_SOCKSTAT_TCP_ORPHAN, OBJECT_HOST_ID,
			 "closed connections with data to send");
	finding_evidence(finding, detection->series, C_SYSCTL_TCP_MAX_ORPHANS, OBJECT_HOST_ID, "the limit");
	finding_evidence(finding, detection->series, C_SOCKSTAT_TCP_MEM, OBJECT_HOST_ID,
			 "not TCP's memory: pages in use");
	finding_evidence(finding, detection->series, C_SYSCTL_TCP_MEM_PRESSURE, OBJECT_HOST_ID, "its limit");
}

/* Failed allocations are in no counter: the kernel says so in its log, or free memory was seen below the reserve. */
static bool memory_ran_out(const struct detection *detection)
{
	const struct cell *free = series_cell(detection->series, C_MEMORY_FREE, OBJECT_HOST_ID);

	return series_increase(detection->series, C_KERNEL_LOG_ALLOCATION_FAILURE, OBJECT_HOST_ID) ||
	       (free && free->low < series_last(detection->series, C_MEMORY_RESERVE, OBJECT_HOST_ID));
}

static void memory_evidence(const struct detection *detection, struct finding *finding)
{
	static const struct {
		counter_id counter;
		const char *note;
	} rows[] = {
		{ C_KERNEL_LOG_ALLOCATION_FAILURE, "the kernel log says so" },
		{ C_MEMORY_FREE, "free memory" },
		{ C_MEMORY_RESERVE, "what ordinary allocations leave free" },
		{ C_MEMORY_ALLOCATION_STALLS, NULL },
		{ C_KERNEL_LOG_OUT_OF_MEMORY_KILL, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (counter_get(rows[i].counter)->form == FORM_GAUGE ||
		    series_increase(detection->series, rows[i].counter, OBJECT_HOST_ID))
			finding_evidence(finding, detection->series, rows[i].counter, OBJECT_HOST_ID, rows[i].note);
	}
}

static void discarded(struct detection *detection, uint32_t netns, counter_id counter, counter_id passed)
{
	struct finding *finding;

	if (!ledger_left(detection->ledger, counter, netns) || !memory_ran_out(detection))
		return;
	finding = detect_add(detection, CAUSE_KERNEL_MEMORY_EXHAUSTED, netns, UNIT_SKBS, DIRECTION_INGRESS);
	detect_claim(detection, finding, counter, netns, UINT64_MAX);
	detect_pass(detection, finding, passed, netns);
	finding->confidence = CONFIDENCE_LIKELY;
	memory_evidence(detection, finding);
}

/* A driver that got no buffers while the kernel had no memory: what was short was memory, not the ring. */
static void buffers_because(struct detection *detection)
{
	struct finding **slot;

	vec_each(&detection->found->list, slot) {
		struct because *because;

		if ((*slot)->cause != CAUSE_RX_BUFFER_ALLOC_FAILED || !memory_ran_out(detection))
			continue;
		because = finding_because(*slot, CAUSE_KERNEL_MEMORY_EXHAUSTED, OBJECT_HOST_ID);
		if (series_increase(detection->series, C_KERNEL_LOG_ALLOCATION_FAILURE, OBJECT_HOST_ID))
			because_evidence(because, detection->series, C_KERNEL_LOG_ALLOCATION_FAILURE, OBJECT_HOST_ID,
					 "the kernel log says so");
		because_evidence(because, detection->series, C_MEMORY_FREE, OBJECT_HOST_ID, "free memory");
		because_evidence(because, detection->series, C_MEMORY_RESERVE, OBJECT_HOST_ID,
				 "what ordinary allocations leave free");
	}
}

void detect_memory(struct detection *detection)
{
	const struct object *object;
	uint32_t id;

	each_object(detection->objects, id, object) {
		if (object->key.kind != OBJECT_NETNS)
			continue;
		orphans(detection, id);
		discarded(detection, id, C_IP_IN_DISCARDS, C_IP_IN_DELIVERS);
		discarded(detection, id, C_IP6_IN_DISCARDS, C_IP6_IN_DELIVERS);
	}
	buffers_because(detection);
}
