/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices by their 64-bit link statistics, and by the names their drivers use
 * (drivers.def). A hardware loss is proven by its counter alone; why the ring
 * was full needs an observation: a ring below its maximum, one CPU with all
 * interrupts, CPUs in deep sleep.
 */
#include "diagnose/detection.h"
#include "diagnose/judge.h"
#include "diagnose/timeline.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <string.h>

struct link_loss {
	counter_id counter;
	enum cause cause;
	enum direction direction;
};

static const struct link_loss link_losses[] = {
	{ C_LINK_RX_MISSED_ERRORS, CAUSE_RX_RING_OVERFLOW, DIRECTION_INGRESS },
	{ C_LINK_RX_FIFO_ERRORS, CAUSE_RX_RING_OVERFLOW, DIRECTION_INGRESS },
	{ C_LINK_RX_OVER_ERRORS, CAUSE_RX_RING_OVERFLOW, DIRECTION_INGRESS },
	{ C_LINK_RX_CRC_ERRORS, CAUSE_CRC_ERRORS, DIRECTION_INGRESS },
	{ C_LINK_RX_FRAME_ERRORS, CAUSE_CRC_ERRORS, DIRECTION_INGRESS },
	{ C_LINK_RX_LENGTH_ERRORS, CAUSE_OVERSIZED_FRAME, DIRECTION_INGRESS },
	{ C_LINK_TX_CARRIER_ERRORS, CAUSE_TX_CARRIER_ERRORS, DIRECTION_EGRESS },
	{ C_LINK_TX_WINDOW_ERRORS, CAUSE_DUPLEX_MISMATCH, DIRECTION_EGRESS },
	{ C_LINK_TX_ABORTED_ERRORS, CAUSE_DUPLEX_MISMATCH, DIRECTION_EGRESS },
	{ C_LINK_TX_FIFO_ERRORS, CAUSE_TX_DROP, DIRECTION_EGRESS },
};

/* Share of the time that every CPU must have been idle for a full ring to be put down to slow wake-ups. */
#define ALL_IDLE_SHARE 0.8

static bool all_cpus_idle(const struct detection *detection)
{
	const struct cell *cell;
	size_t i, seen = 0;

	series_each(detection->series, C_CPU_IDLE, i, cell) {
		double seconds = cell_seconds(cell);

		if (seconds <= 0 || (double)cell->increase / (double)NS_PER_S / seconds < ALL_IDLE_SHARE)
			return false;
		seen++;
	}
	return seen > 0;
}

/*
 * The CPU that went into idle states that take long to leave most often; OBJECT_HOST_ID when none did. *ret_known is false
 * where nobody tells about idle states.
 */
static uint32_t deepest_sleeper(const struct detection *detection, bool *ret_known)
{
	uint32_t found = OBJECT_HOST_ID;
	const struct cell *cell;
	uint64_t most = 0;
	size_t i;

	*ret_known = false;
	series_each(detection->series, C_TOPOLOGY_DEEP_IDLE_ENTRIES, i, cell) {
		*ret_known = true;
		if (cell->increase <= most)
			continue;
		most = cell->increase;
		found = cell->object;
	}
	return found;
}

/* All CPUs slept, one of them deep where that is known, and the ring is as large as it gets. */
static void slept(struct detection *detection, struct finding *finding, uint32_t cpu)
{
	bool known;
	uint32_t sleeper = deepest_sleeper(detection, &known);
	struct because *because;

	if (!all_cpus_idle(detection) || (known && !sleeper))
		return;
	because = finding_because(finding, CAUSE_IDLE_STATE_LATENCY, finding->object);
	because_evidence(because, detection->series, C_CPU_IDLE, sleeper ? sleeper : cpu, "idle, and yet too late");
	because_evidence(because, detection->series, C_TOPOLOGY_DEEP_IDLE_ENTRIES, sleeper, "times it slept deep");
	because_evidence(because, detection->series, C_TOPOLOGY_WAKE_LATENCY_US, sleeper, "microseconds to wake up");
	because_evidence(because, detection->series, C_ETHTOOL_RX_RING, finding->object, "at its maximum");
}

/*
 * Whether all that came in a tenth of a second, lost ones included, would never have filled the ring. Then neither its
 * size nor a CPU that wakes up slowly is the reason, at most one that has no time at all.
 */
static bool had_room(const struct detection *detection, const struct finding *finding, uint64_t ring)
{
	const struct cell *received = series_cell(detection->series, C_LINK_RX_PACKETS, finding->object);
	const struct cell *lost = finding_cell(detection->series, finding);
	struct timeline course;
	uint64_t most = 0;

	if (!received || !lost)
		return false;
	timeline_init(&course, detection->series, TIMELINE_STEP_MS);
	timeline_add(&course, received, received->increase, 0);
	timeline_add(&course, lost, finding->packets, 0);
	for (size_t i = 0; i < course.count; i++)
		most = course.steps[i] > most ? course.steps[i] : most;
	timeline_free(&course);
	return most < ring;
}

/* Why a ring was full: it is below its maximum, its CPU was too busy, or all CPUs slept and woke up too slowly. */
static void ring_because(struct detection *detection, struct finding *finding)
{
	uint64_t now = series_last(detection->series, C_ETHTOOL_RX_RING, finding->object);
	uint64_t most = series_last(detection->series, C_ETHTOOL_RX_RING_MAX, finding->object);
	bool roomy = had_room(detection, finding, now);
	uint32_t cpu = detect_busiest_cpu(detection);
	struct because *because;

	if (roomy)
		finding_evidence(finding, detection->series, C_ETHTOOL_RX_RING, finding->object,
				 "room for all that came in any tenth of a second");
	if (now && now < most && !roomy) {
		because = finding_because(finding, CAUSE_RING_BELOW_MAXIMUM, finding->object);
		because_evidence(because, detection->series, C_ETHTOOL_RX_RING, finding->object, NULL);
		because_evidence(because, detection->series, C_ETHTOOL_RX_RING_MAX, finding->object, NULL);
	}
	if (cpu && detect_cpu_because(detection, finding, cpu))
		return;
	if (!finding->because.count && now && !roomy)
		slept(detection, finding, cpu);
}

/*
 * rx_errors with every finer counter flat: some drivers add checksums that the stack judges again (the driver's
 * *csum*err* tells); otherwise it is damage of a kind that the driver does not name.
 */
static uint64_t checksum_errors(const struct detection *detection, uint32_t link)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < series_cells(detection->series); i++) {
		const struct cell *cell = series_cell_by_index(detection->series, i);
		const struct counter *counter = counter_get(cell->counter);

		if (cell->object == link && counter->source == SOURCE_ETHTOOL && strstr(counter->name, "csum") &&
		    strstr(counter->name, "err"))
			sum += cell->increase;
	}
	return sum;
}

static void unnamed_errors(struct detection *detection)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_LINK_RX_ERRORS, i, cell) {
		struct finding *finding;

		if (!ledger_left(detection->ledger, C_LINK_RX_ERRORS, cell->object))
			continue; /* most links: to ask for their checksums means to walk over all cells */
		ledger_move_elsewhere(detection->ledger, C_LINK_RX_ERRORS, cell->object,
				      checksum_errors(detection, cell->object));
		if (!ledger_left(detection->ledger, C_LINK_RX_ERRORS, cell->object))
			continue;
		finding = detect_device(detection, CAUSE_CRC_ERRORS, cell->object, DIRECTION_INGRESS);
		finding->confidence = finding->packets ? finding->confidence : CONFIDENCE_LIKELY;
		detect_claim(detection, finding, C_LINK_RX_ERRORS, cell->object, UINT64_MAX);
	}
}

/*
 * True for an e1000 of QEMU (hw/net/e1000.c): reading its counts of missed frames (MPC) and of frames that found no buffer
 * (RNBC) does not clear them as the driver expects, and both always move together. The driver adds all of them again
 * every two seconds.
 */
static bool tells_again(const struct detection *detection, uint32_t link)
{
	static const char missed[] = "rx_missed_errors", no_buffer[] = "rx_no_buffer_count";
	const char *driver = object_text(object_get(detection->objects, link), LABEL_DRIVER);
	counter_id first = counter_find(SOURCE_ETHTOOL, missed, strlen(missed));
	counter_id second = counter_find(SOURCE_ETHTOOL, no_buffer, strlen(no_buffer));

	return strcmp(driver, "e1000") == 0 && first != COUNTER_NONE && second != COUNTER_NONE &&
	       series_last(detection->series, first, link) &&
	       series_last(detection->series, first, link) == series_last(detection->series, second, link);
}

/*
 * Each step then is all that was missed since the card was made. What was lost before the window is at most its first step,
 * and at most what had been counted by then.
 */
static void told_again(struct detection *detection)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_LINK_RX_MISSED_ERRORS, i, cell) {
		uint64_t all, before;

		if (!cell->points.count || !tells_again(detection, cell->object))
			continue;
		all = cell->points.data[cell->points.count - 1].increase;
		before = cell->points.data[0].increase < cell->first ? cell->points.data[0].increase : cell->first;
		ledger_move_elsewhere(detection->ledger, C_LINK_RX_MISSED_ERRORS, cell->object,
				      cell->increase - (all > before ? all - before : 0));
	}
}

void detect_devices(struct detection *detection)
{
	struct finding **ring;
	const struct cell *cell;
	size_t i;

	told_again(detection);
	for (size_t row = 0; row < ARRAY_SIZE(link_losses); row++) {
		const struct link_loss *loss = &link_losses[row];

		series_each(detection->series, loss->counter, i, cell) {
			struct finding *finding;

			if (!ledger_left(detection->ledger, loss->counter, cell->object))
				continue;
			finding = detect_device(detection, loss->cause, cell->object, loss->direction);
			detect_claim(detection, finding, loss->counter, cell->object, UINT64_MAX);
		}
	}
	unnamed_errors(detection);
	detect_each(detection, C_LINK_TX_ERRORS, CAUSE_TX_DROP, DIRECTION_EGRESS);
	vec_each(&detection->found->list, ring) {
		if ((*ring)->cause == CAUSE_RX_RING_OVERFLOW)
			ring_because(detection, *ring);
	}
}
