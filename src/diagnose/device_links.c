/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cable and the radio: what IEEE 802.3 counts beyond the link statistics, blocks that forward error correction could
 * not repair, frames that a radio gave up, and a carrier that went away and came back.
 */
#include "diagnose/detection.h"

#include "base/alloc.h"

#include <string.h>

static const struct link_loss {
	counter_id counter;
	enum cause cause;
	enum direction direction;
} link_losses[] = {
	{ C_ETHNL_MAC_FCS_ERRORS, CAUSE_CRC_ERRORS, DIRECTION_INGRESS },
	{ C_ETHNL_MAC_ALIGNMENT_ERRORS, CAUSE_CRC_ERRORS, DIRECTION_INGRESS },
	{ C_ETHNL_MAC_LENGTH_ERRORS, CAUSE_OVERSIZED_FRAME, DIRECTION_INGRESS },
	{ C_ETHNL_MAC_TOO_LONG, CAUSE_OVERSIZED_FRAME, DIRECTION_INGRESS },
	{ C_ETHNL_MAC_INTERNAL_RX_ERRORS, CAUSE_RX_HARDWARE_DISCARD, DIRECTION_INGRESS },
	{ C_ETHNL_MAC_INTERNAL_TX_ERRORS, CAUSE_TX_DROP, DIRECTION_EGRESS },
	{ C_ETHNL_MAC_LATE_COLLISIONS, CAUSE_DUPLEX_MISMATCH, DIRECTION_EGRESS },
	{ C_ETHNL_MAC_EXCESS_COLLISIONS, CAUSE_DUPLEX_MISMATCH, DIRECTION_EGRESS },
	{ C_ETHNL_MAC_CARRIER_ERRORS, CAUSE_TX_CARRIER_ERRORS, DIRECTION_EGRESS },
	{ C_WIRELESS_RETRY, CAUSE_WIRELESS_LOSS, DIRECTION_EGRESS },
};

static void claim_link_losses(struct detection *detection)
{
	for (size_t row = 0; row < ARRAY_SIZE(link_losses); row++) {
		const struct link_loss *loss = &link_losses[row];
		const struct cell *cell;
		size_t i;

		series_each(detection->series, loss->counter, i, cell) {
			struct finding *finding;

			if (!ledger_left(detection->ledger, loss->counter, cell->object))
				continue;
			finding = detect_device(detection, loss->cause, cell->object, loss->direction);
			detect_claim(detection, finding, loss->counter, cell->object, UINT64_MAX);
			finding_evidence(finding, detection->series, C_WIRELESS_SIGNAL_BELOW_0_DBM, cell->object,
					 "75 is weak");
		}
	}
}

/* A block holds a frame or parts of several: the number is of blocks, and the frames are not counted. */
static void uncorrectable(struct detection *detection)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_ETHNL_FEC_UNCORRECTABLE, i, cell) {
		struct finding *finding;
		bool first;

		if (!ledger_left(detection->ledger, C_ETHNL_FEC_UNCORRECTABLE, cell->object))
			continue;
		finding = detect_device(detection, CAUSE_CRC_ERRORS, cell->object, DIRECTION_INGRESS);
		first = !finding->packets;
		detect_claim(detection, finding, C_ETHNL_FEC_UNCORRECTABLE, cell->object, UINT64_MAX);
		if (first)
			finding->confidence = CONFIDENCE_LIKELY;
		finding_evidence(finding, detection->series, C_ETHNL_FEC_CORRECTED, cell->object, "repaired: normal");
	}
}

/* What else the transceiver says about a line that damages frames. */
static void quality(struct detection *detection)
{
	static const counter_id counters[] = { C_ETHNL_SIGNAL_QUALITY, C_ETHNL_SIGNAL_QUALITY_MAX,
					       C_ETHNL_PHY_SYMBOL_ERRORS };
	struct finding **slot;

	vec_each(&detection->found->list, slot) {
		for (size_t i = 0; (*slot)->cause == CAUSE_CRC_ERRORS && i < ARRAY_SIZE(counters); i++)
			finding_evidence(*slot, detection->series, counters[i], (*slot)->object, NULL);
	}
}

/* ---- carrier ---- */

/* Many drivers drop the carrier for seconds when these are changed. */
static bool was_changed(const struct detection *detection, uint32_t link)
{
	static const counter_id settings[] = { C_ETHTOOL_RX_RING,
					       C_ETHTOOL_TX_RING,
					       C_ETHTOOL_CHANNELS_COMBINED,
					       C_ETHTOOL_CHANNELS_RX,
					       C_ETHTOOL_CHANNELS_TX,
					       C_ETHTOOL_RX_PAUSE,
					       C_ETHTOOL_AUTONEG,
					       C_LINK_MTU,
					       C_LINK_XDP };

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		const struct cell *cell = series_cell(detection->series, settings[i], link);

		if (cell && cell->low != cell->high)
			return true;
	}
	return false;
}

/*
 * Whether the line itself went away: the carrier was seen gone while the interface was up, the transceiver counted it,
 * or the driver said so. Setting an interface down and rebuilding its queues drop the carrier too.
 */
static bool line_went_away(const struct detection *detection, uint32_t link)
{
	const struct cell *up = series_cell(detection->series, C_LINK_FLAGS_UP, link);
	const struct cell *carrier = series_cell(detection->series, C_LINK_CARRIER, link);

	if (!up || !up->low || was_changed(detection, link))
		return false;
	return (carrier && !carrier->low) || series_increase(detection->series, C_ETHNL_LINK_DOWN_COUNT, link) ||
	       series_increase(detection->series, C_KERNEL_LOG_LINK_DOWN,
			       detect_log_of(detection, C_KERNEL_LOG_LINK_DOWN, link));
}

static const char *carrier_note(counter_id counter)
{
	return counter == C_LINK_CARRIER_DOWN_COUNT ? "times the carrier went away" : "times the carrier came or went";
}

static void restarted(struct detection *detection, uint32_t link, counter_id counter)
{
	struct finding *finding = detect_add(detection, CAUSE_INTERFACE_RESTARTED, link, UNIT_CALLS, DIRECTION_LOCAL);

	finding_evidence(finding, detection->series, counter, link, carrier_note(counter));
	finding_evidence(finding, detection->series, C_LINK_FLAGS_UP, link, "0: it was set down");
	finding->why_innocent = "somebody set the interface down and up, or its queues were rebuilt";
}

/*
 * A device that carries traffic loses what is under way when its carrier goes, `downs` times: at least one packet each time,
 * and as many as it counted.
 */
static void carrier(struct detection *detection, const struct cell *cell, uint64_t downs)
{
	static const counter_id losses[] = { C_LINK_TX_CARRIER_ERRORS, C_LINK_TX_DROPPED, C_LINK_TX_ERRORS };
	const struct object *link = object_get(detection->objects, cell->object);
	struct finding *finding;

	if (strcmp(object_text(link, LABEL_KIND), "ether") != 0 ||
	    !series_increase(detection->series, C_LINK_RX_PACKETS, link->id))
		return;
	if (!line_went_away(detection, link->id)) {
		restarted(detection, link->id, cell->counter);
		return;
	}
	finding = detect_device(detection, CAUSE_LINK_FLAP, link->id, DIRECTION_INGRESS);
	finding_evidence(finding, detection->series, cell->counter, link->id, carrier_note(cell->counter));
	finding_evidence(finding, detection->series, C_LINK_CARRIER, link->id, "0: no carrier");
	finding_evidence(finding, detection->series, C_ETHNL_LINK_DOWN_COUNT, link->id, NULL);
	finding_evidence(finding, detection->series, C_ETHNL_DOWN_REASON, link->id, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(losses); i++)
		detect_claim(detection, finding, losses[i], link->id, UINT64_MAX);
	if (finding->packets < downs) {
		ledger_add(detection->ledger, cell->counter, link->id, downs - finding->packets);
		finding->packets += ledger_claim(detection->ledger, cell->counter, link->id, UINT64_MAX);
	}
	finding->at_least = true;
	finding->confidence = CONFIDENCE_LIKELY;
}

/* Of how often it came or went, how often it went: where nobody tells these apart, as `ip` does not. */
static uint64_t went_of(const struct detection *detection, const struct cell *changes)
{
	const struct cell *carrier = series_cell(detection->series, C_LINK_CARRIER, changes->object);

	return carrier ? (changes->increase + !carrier->last) / 2 : 0;
}

void detect_carrier(struct detection *detection)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_LINK_CARRIER_DOWN_COUNT, i, cell) {
		if (cell->increase)
			carrier(detection, cell, cell->increase);
	}
	series_each(detection->series, C_LINK_CARRIER_CHANGES, i, cell) {
		uint64_t downs = went_of(detection, cell);

		if (downs && !series_cell(detection->series, C_LINK_CARRIER_DOWN_COUNT, cell->object))
			carrier(detection, cell, downs);
	}
}

void detect_device_links(struct detection *detection)
{
	claim_link_losses(detection);
	uncorrectable(detection);
	quality(detection);
}
