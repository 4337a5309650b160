/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices by their 64-bit link statistics, and by the names their drivers use
 * (drivers.def). A hardware loss is proven by its counter alone; why the ring
 * was full needs an observation: a ring below its maximum, one CPU with all
 * interrupts, CPUs in deep sleep.
 */
#include "diagnose/detection.h"

#include "base/alloc.h"

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

static void ring_because(struct detection *detection, struct finding *finding)
{
	uint64_t now = series_last(detection->series, C_ETHTOOL_RX_RING, finding->object);
	uint64_t most = series_last(detection->series, C_ETHTOOL_RX_RING_MAX, finding->object);
	struct because *because;

	if (finding->cause != CAUSE_RX_RING_OVERFLOW || finding->because.count || !now || now >= most)
		return;
	because = finding_because(finding, CAUSE_RING_BELOW_MAXIMUM, finding->object);
	because_evidence(because, detection->series, C_ETHTOOL_RX_RING, finding->object, NULL);
	because_evidence(because, detection->series, C_ETHTOOL_RX_RING_MAX, finding->object, NULL);
}

void detect_devices(struct detection *detection)
{
	const struct cell *cell;
	size_t i;

	for (size_t row = 0; row < ARRAY_SIZE(link_losses); row++) {
		const struct link_loss *loss = &link_losses[row];

		series_each(detection->series, loss->counter, i, cell)
		{
			struct finding *finding;

			if (!ledger_left(detection->ledger, loss->counter, cell->object))
				continue;
			finding = detect_device(detection, loss->cause, cell->object, loss->direction);
			detect_claim(detection, finding, loss->counter, cell->object, UINT64_MAX);
			ring_because(detection, finding);
		}
	}
	detect_each(detection, C_LINK_RX_ERRORS, CAUSE_CRC_ERRORS, DIRECTION_INGRESS);
	detect_each(detection, C_LINK_TX_ERRORS, CAUSE_TX_DROP, DIRECTION_EGRESS);
}
