/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a device lost packets, each from an observation of its own in the window: the ring that stayed full, pause frames,
 * a link slower than it could be, weak light, a PCIe link below what both ends can do or with errors.
 */
#include "diagnose/detection.h"

#include "model/driver.h"

#include "base/alloc.h"

#include <string.h>

#define BUSY_SHARE 0.7		  /* of the line's rate: below that a slower line holds nothing up */
#define PAUSE_PER_SECOND 10	  /* fewer stop a sender for moments only: one frame is at most 33 ms at 1 Gbit/s */
#define CORRECTABLE_PER_SECOND 10 /* repaired transfers that cost time */

/* The device that a finding is about, or OBJECT_HOST_ID. */
static uint32_t device_of(const struct detection *detection, const struct finding *finding)
{
	const struct object *link = object_link(detection->objects, object_get(detection->objects, finding->object));

	return link ? link->id : OBJECT_HOST_ID;
}

static bool is_one_of(enum cause cause, const enum cause *causes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (causes[i] == cause)
			return true;
	}
	return false;
}

/* Of a driver's counters that hint at that cause, the one on the device that rose most; NULL when none did. */
static const struct cell *driver_hint(const struct detection *detection, uint32_t link, enum cause cause)
{
	const char *driver = object_text(object_get(detection->objects, link), LABEL_DRIVER);
	const struct cell *found = NULL;

	for (size_t i = 0; *driver && i < series_cells(detection->series); i++) {
		const struct cell *cell = series_cell_by_index(detection->series, i);
		const struct driver_counter *row;

		if (cell->object != link || !cell->increase || counter_get(cell->counter)->source != SOURCE_ETHTOOL ||
		    (found && cell->increase <= found->increase))
			continue;
		row = driver_counter_find(driver, counter_name(cell->counter));
		if (row && row->cause == cause && row->kind == KIND_PRESSURE)
			found = cell;
	}
	return found;
}

/* The standard counter when it moved, else the driver's own. */
static const struct cell *hint(const struct detection *detection, uint32_t link, counter_id standard, enum cause cause)
{
	const struct cell *cell = series_cell(detection->series, standard, link);

	return cell && cell->increase ? cell : driver_hint(detection, link, cause);
}

/* ---- leaving ---- */

/* The queue is full because the device took nothing: its ring was full again and again while packets waited. */
static void ring_stalled(struct detection *detection, struct finding *finding, uint32_t link)
{
	static const enum cause causes[] = { CAUSE_QDISC_QUEUE_FULL, CAUSE_QDISC_AQM_DROP };
	const struct cell *waiting = series_cell(detection->series, C_QDISC_BACKLOG_PACKETS, finding->object), *stops;
	uint64_t requeues = series_increase(detection->series, C_QDISC_REQUEUES, finding->object);
	struct because *because;

	if (!is_one_of(finding->cause, causes, ARRAY_SIZE(causes)) || !((waiting && waiting->high) || requeues))
		return;
	stops = hint(detection, link, C_QSTATS_TX_STOP, CAUSE_TX_RING_STALLED);
	if (!stops)
		return;
	because = finding_because(finding, CAUSE_TX_RING_STALLED, link);
	because_evidence(because, detection->series, stops->counter, link, "times the ring was full");
	because_evidence(because, detection->series, C_QDISC_REQUEUES, finding->object, "sent back by the device");
	because_evidence(because, detection->series, C_QDISC_BACKLOG_PACKETS, finding->object, "packets waiting");
}

static void paused(struct detection *detection, struct finding *finding, uint32_t link)
{
	static const enum cause causes[] = { CAUSE_QDISC_QUEUE_FULL, CAUSE_QDISC_AQM_DROP, CAUSE_DEVICE_QUEUE_STOPPED,
					     CAUSE_TX_TIMEOUT, CAUSE_TX_DROP };
	const struct cell *frames;
	struct because *because;

	if (!is_one_of(finding->cause, causes, ARRAY_SIZE(causes)))
		return;
	frames = hint(detection, link, C_ETHNL_PAUSE_RX_FRAMES, CAUSE_PAUSE_STORM);
	if (!frames || (double)frames->increase < PAUSE_PER_SECOND * series_seconds(detection->series))
		return;
	because = finding_because(finding, CAUSE_PAUSE_STORM, link);
	because_evidence(because, detection->series, frames->counter, link, "times it was asked to stop");
	because_evidence(because, detection->series, C_ETHTOOL_RX_PAUSE, link, "1: it obeys");
}

/* How much of the line's rate was in use. */
static double line_share(const struct detection *detection, uint32_t link, counter_id bytes)
{
	uint64_t mbps = series_last(detection->series, C_ETHTOOL_SPEED_MBPS, link);
	double seconds = series_seconds(detection->series);

	if (!mbps || seconds <= 0)
		return 0;
	return (double)series_increase(detection->series, bytes, link) * 8 / seconds / ((double)mbps * 1e6);
}

/* A line slower than both ends can: it matters where the line was full, or where its damage is what made it slow. */
static void slow_line(struct detection *detection, struct finding *finding, uint32_t link)
{
	static const enum cause full[] = { CAUSE_QDISC_QUEUE_FULL, CAUSE_QDISC_AQM_DROP, CAUSE_TX_DROP };
	static const enum cause damaged[] = { CAUSE_CRC_ERRORS, CAUSE_LINK_FLAP };
	uint64_t speed = series_last(detection->series, C_ETHTOOL_SPEED_MBPS, link);
	uint64_t common = series_last(detection->series, C_ETHTOOL_SPEED_COMMON_MBPS, link);
	bool leaving = is_one_of(finding->cause, full, ARRAY_SIZE(full)) &&
		       line_share(detection, link, C_LINK_TX_BYTES) >= BUSY_SHARE;
	bool arriving = finding->cause == CAUSE_UPSTREAM_SATURATION &&
			line_share(detection, link, C_LINK_RX_BYTES) >= BUSY_SHARE;
	struct because *because;

	if (!speed || speed >= common ||
	    !(leaving || arriving || is_one_of(finding->cause, damaged, ARRAY_SIZE(damaged))))
		return;
	because = finding_because(finding, CAUSE_SPEED_DOWNGRADE, link);
	because_evidence(because, detection->series, C_ETHTOOL_SPEED_MBPS, link, "Mbit/s now");
	because_evidence(because, detection->series, C_ETHTOOL_SPEED_COMMON_MBPS, link, "Mbit/s both ends can do");
	if (leaving || arriving)
		because_evidence(because, detection->series, leaving ? C_LINK_TX_BYTES : C_LINK_RX_BYTES, link,
				 "the line was full");
}

/* ---- light ---- */

static void weak_light(struct detection *detection, struct finding *finding, uint32_t link)
{
	static const enum cause causes[] = { CAUSE_CRC_ERRORS, CAUSE_LINK_FLAP };
	const struct cell *received = series_cell(detection->series, C_OPTICS_RECEIVED_NW, link);
	const struct cell *sent = series_cell(detection->series, C_OPTICS_SENT_NW, link);
	bool dark = received && received->low < series_last(detection->series, C_OPTICS_RECEIVED_LOW_NW, link);
	bool dim = sent && sent->low < series_last(detection->series, C_OPTICS_SENT_LOW_NW, link);
	struct because *because;

	if (!is_one_of(finding->cause, causes, ARRAY_SIZE(causes)) || !(dark || dim))
		return;
	because = finding_because(finding, CAUSE_OPTICAL_POWER_LOW, link);
	because_evidence(because, detection->series, dark ? C_OPTICS_RECEIVED_NW : C_OPTICS_SENT_NW, link,
			 dark ? "light received" : "light sent");
	because_evidence(because, detection->series, dark ? C_OPTICS_RECEIVED_LOW_NW : C_OPTICS_SENT_LOW_NW, link,
			 "less is an alarm");
}

/* ---- PCIe ---- */

/* The better of what the device can do and, where it is known, the slot. */
static uint64_t possible(const struct detection *detection, uint32_t link, counter_id device, counter_id slot)
{
	uint64_t own = series_last(detection->series, device, link), other = series_last(detection->series, slot, link);

	return other && other < own ? other : own;
}

static bool below(const struct detection *detection, uint32_t link, counter_id now, counter_id device, counter_id slot)
{
	uint64_t value = series_last(detection->series, now, link);

	return value && value < possible(detection, link, device, slot);
}

static void narrow_bus(struct detection *detection, struct finding *finding, uint32_t link)
{
	static const counter_id shown[] = { C_PCI_LINK_WIDTH, C_PCI_LINK_WIDTH_MAX, C_PCI_SLOT_WIDTH_MAX,
					    C_PCI_LINK_SPEED, C_PCI_LINK_SPEED_MAX, C_PCI_SLOT_SPEED_MAX };
	struct because *because;

	if (finding->cause != CAUSE_RX_HARDWARE_DISCARD ||
	    !(below(detection, link, C_PCI_LINK_WIDTH, C_PCI_LINK_WIDTH_MAX, C_PCI_SLOT_WIDTH_MAX) ||
	      below(detection, link, C_PCI_LINK_SPEED, C_PCI_LINK_SPEED_MAX, C_PCI_SLOT_SPEED_MAX)))
		return;
	because = finding_because(finding, CAUSE_PCIE_LINK_DEGRADED, link);
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
		because_evidence(because, detection->series, shown[i], link, NULL);
}

static void bus_errors(struct detection *detection, struct finding *finding, uint32_t link)
{
	static const enum cause causes[] = { CAUSE_RX_HARDWARE_DISCARD, CAUSE_RX_RING_OVERFLOW, CAUSE_TX_TIMEOUT };
	static const counter_id counters[] = { C_PCI_ERRORS_FATAL, C_PCI_ERRORS_NONFATAL, C_PCI_ERRORS_CORRECTABLE };
	double repaired = (double)series_increase(detection->series, C_PCI_ERRORS_CORRECTABLE, link);
	bool lost = series_increase(detection->series, C_PCI_ERRORS_FATAL, link) ||
		    series_increase(detection->series, C_PCI_ERRORS_NONFATAL, link);
	struct because *because;

	if (!is_one_of(finding->cause, causes, ARRAY_SIZE(causes)) ||
	    !(lost || repaired >= CORRECTABLE_PER_SECOND * series_seconds(detection->series)))
		return;
	because = finding_because(finding, CAUSE_PCIE_ERRORS, link);
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		if (series_increase(detection->series, counters[i], link))
			because_evidence(because, detection->series, counters[i], link, NULL);
	}
}

void detect_device_because(struct detection *detection)
{
	static void (*const reasons[])(struct detection *, struct finding *, uint32_t) = {
		ring_stalled, paused, slow_line, weak_light, narrow_bus, bus_errors,
	};
	struct finding **slot;

	vec_each(&detection->found->list, slot) {
		uint32_t link = device_of(detection, *slot);

		for (size_t i = 0; link && i < ARRAY_SIZE(reasons); i++)
			reasons[i](detection, *slot, link);
	}
	detect_device_cpus(detection);
}
