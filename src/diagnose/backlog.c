/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The per-CPU backlog. softnet_stat is host-wide and per CPU; the devices whose
 * rx_dropped moved with it tell which traffic was hit. Reasons: one CPU got
 * nearly all packets while others received hardly any (by RPS or by the device's
 * interrupts), the CPU had no time left, or the hypervisor took it away.
 *
 * net/core/dev.c: enqueue_to_backlog().
 */
#include "diagnose/detection.h"

#include "diagnose/judge.h"
#include "diagnose/timeline.h"

#include "base/clock.h"

#define ONE_CPU_SHARE 0.9	 /* of the packets on one CPU: an imbalance, when another CPU had time */
#define BUSY_RECEIVING_SHARE 0.5 /* of its time in softirqs: a CPU above that has none to spare */
#define SATURATED_SHARE 0.8	 /* of a CPU's time in softirqs */
#define STEAL_SHARE 0.1		 /* of a CPU's time taken by the hypervisor */
#define IDLE_SHARE 0.5		 /* of its time: a CPU above that could have taken what was lost */
#define SPREAD_MINIMUM 20	 /* hand-overs or interrupts below which a distribution says nothing */

/* The CPU with most of a per-CPU counter's increase and the share it has. */
static uint32_t busiest_cpu(const struct detection *detection, counter_id counter, double *ret_share, uint64_t *ret_sum)
{
	const struct cell *cell;
	uint64_t most = 0;
	uint32_t found = OBJECT_HOST_ID;
	size_t i;

	*ret_sum = 0;
	series_each(detection->series, counter, i, cell) {
		*ret_sum += cell->increase;
		if (cell->increase > most) {
			most = cell->increase;
			found = cell->object;
		}
	}
	*ret_share = *ret_sum ? (double)most / (double)*ret_sum : 0;
	return found;
}

/*
 * The CPU other than `cpu` that spent least of its time receiving, or OBJECT_HOST_ID when all were busy with it. What
 * else a CPU does matters less: receiving goes before programs.
 */
static uint32_t spare_cpu(const struct detection *detection, uint32_t cpu)
{
	const struct cell *cell;
	double least = BUSY_RECEIVING_SHARE;
	uint32_t found = OBJECT_HOST_ID;
	size_t i;

	series_each(detection->series, C_CPU_IDLE, i, cell) {
		double share = detect_time_share(detection->series, C_CPU_SOFTIRQ, cell->object);

		if (cell->object == cpu || share >= least)
			continue;
		least = share;
		found = cell->object;
	}
	return found;
}

/* The share of the steps with losses that was idle time. */
static double idle_in_steps(const struct timeline *losses, const struct timeline *idle)
{
	uint64_t step_ns = losses->step_ms * NS_PER_MS, sum = 0;
	size_t steps = 0;

	for (size_t at = 0; at < losses->count; at++) {
		if (!losses->steps[at])
			continue;
		sum += idle->steps[at] < step_ns ? idle->steps[at] : step_ns;
		steps++;
	}
	return steps ? (double)sum / (double)(steps * step_ns) : 0;
}

/* The share of its time that a CPU was idle while the finding's packets were lost, as far as readings tell these apart. */
static double idle_meanwhile(const struct detection *detection, const struct finding *finding, uint32_t cpu)
{
	const struct cell *idle = series_cell(detection->series, C_CPU_IDLE, cpu);
	const struct cell *lost = finding_cell(detection->series, finding);
	uint64_t step_ms = 2 * TIMELINE_STEP_MS; /* two readings: one may be a little late */
	struct timeline losses, idles;
	double share;

	if (!idle || !lost)
		return detect_time_share(detection->series, C_CPU_IDLE, cpu);
	if (step_ms < 2 * cell_interval_ms(idle))
		step_ms = 2 * cell_interval_ms(idle);
	if (step_ms < 2 * cell_interval_ms(lost))
		step_ms = 2 * cell_interval_ms(lost);
	timeline_init(&losses, detection->series, step_ms);
	timeline_init(&idles, detection->series, losses.step_ms);
	timeline_add(&losses, lost, lost->increase, 0);
	timeline_add(&idles, idle, idle->increase, 0);
	share = idle_in_steps(&losses, &idles);
	timeline_free(&losses);
	timeline_free(&idles);
	return share;
}

/*
 * A device with one queue sends all its interrupts to one CPU at any load: they are no reason where that CPU had time
 * itself, nor for a program that could not run where they took little of it. Who hands packets over did choose the CPU.
 */
static bool interrupts_harmed(const struct detection *detection, const struct finding *finding, uint32_t cpu)
{
	if (cause_get(finding->cause)->domain == DOMAIN_SOCKET &&
	    detect_time_share(detection->series, C_CPU_SOFTIRQ, cpu) < BUSY_RECEIVING_SHARE)
		return false;
	return idle_meanwhile(detection, finding, cpu) <= IDLE_SHARE;
}

/*
 * All hand-overs (RPS) or all interrupts of network devices on the CPU that dropped, while another CPU hardly received. A
 * flow that simply stays on its sender's CPU is no imbalance: nothing distributed it.
 */
static bool imbalance(struct detection *detection, struct finding *finding, uint32_t cpu, counter_id spread)
{
	double share;
	uint64_t sum;
	uint32_t busiest = busiest_cpu(detection, spread, &share, &sum);
	uint32_t spare = spare_cpu(detection, cpu);
	struct because *because;

	if (busiest != cpu || !spare || share < ONE_CPU_SHARE || sum < SPREAD_MINIMUM)
		return false;
	if (spread == C_INTERRUPTS_CPU_NETWORK && !interrupts_harmed(detection, finding, cpu))
		return false;
	because = finding_because(finding, CAUSE_IRQ_IMBALANCE, cpu);
	because_evidence(because, detection->series, spread, cpu, "all of them on this CPU");
	because_evidence(because, detection->series, C_SOFTNET_PROCESSED, cpu, NULL);
	because_evidence(because, detection->series, C_CPU_SOFTIRQ, spare, "another CPU hardly received");
	because_evidence(because, detection->series, C_CPU_IDLE, spare, NULL);
	return true;
}

bool detect_cpu_because(struct detection *detection, struct finding *finding, uint32_t cpu)
{
	bool uneven = imbalance(detection, finding, cpu, C_SOFTNET_RECEIVED_RPS) ||
		      imbalance(detection, finding, cpu, C_INTERRUPTS_CPU_NETWORK);
	bool stolen = detect_time_share(detection->series, C_CPU_STEAL, cpu) >= STEAL_SHARE;
	struct because *because;

	if (stolen) {
		because = finding_because(finding, CAUSE_CPU_STEAL, cpu);
		because_evidence(because, detection->series, C_CPU_STEAL, cpu, NULL);
	}
	if (uneven || stolen)
		return true;
	if (detect_time_share(detection->series, C_CPU_SOFTIRQ, cpu) < SATURATED_SHARE)
		return false;
	because = finding_because(finding, CAUSE_SOFTIRQ_CPU_SATURATED, cpu);
	because_evidence(because, detection->series, C_CPU_SOFTIRQ, cpu, NULL);
	return true;
}

uint32_t detect_busiest_cpu(const struct detection *detection)
{
	double share;
	uint64_t sum;

	return busiest_cpu(detection, C_INTERRUPTS_CPU_NETWORK, &share, &sum);
}

/* The devices whose packets were dropped, as evidence; the one with most becomes the finding's object when it is alone. */
static void backlog_devices(struct detection *detection, struct finding *finding)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_LINK_RX_DROPPED, i, cell) {
		uint64_t dropped = ledger_backlog(detection->ledger, cell->object);

		if (!dropped)
			continue;
		finding_evidence(finding, detection->series, C_LINK_RX_DROPPED, cell->object,
				 "the same packets, counted at the device");
		detect_pass(detection, finding, C_LINK_RX_PACKETS, cell->object);
		if (dropped >= finding->packets - finding->packets / 20)
			finding->object = cell->object;
	}
}

static void backlog_finding(struct detection *detection, counter_id counter, enum cause cause)
{
	double share;
	uint64_t sum;
	uint32_t cpu = busiest_cpu(detection, counter, &share, &sum);
	struct finding *finding;
	const struct cell *cell;
	size_t i;

	if (!sum || !cpu)
		return;
	finding = detect_add(detection, cause, cpu, UNIT_SKBS, DIRECTION_INGRESS);
	detect_claim(detection, finding, counter, cpu, UINT64_MAX);
	series_each(detection->series, counter, i, cell)
		detect_claim(detection, finding, counter, cell->object, UINT64_MAX);
	finding->skbs = finding->packets;
	backlog_devices(detection, finding);
	finding_evidence(finding, detection->series, C_SOFTNET_PROCESSED, cpu, NULL);
	finding_evidence(finding, detection->series, C_SOFTNET_BACKLOG, cpu, "packets waiting");
	finding_evidence(finding, detection->series, C_SYSCTL_NETDEV_MAX_BACKLOG, OBJECT_HOST_ID, "its limit");
	detect_cpu_because(detection, finding, cpu);
}

void detect_backlog(struct detection *detection)
{
	backlog_finding(detection, C_SOFTNET_FLOW_LIMIT, CAUSE_FLOW_LIMIT);
	backlog_finding(detection, C_SOFTNET_DROPPED, CAUSE_BACKLOG_OVERFLOW);
}
