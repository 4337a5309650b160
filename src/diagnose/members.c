/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Members of bonds and teams: one that loses while the others are clean, and one over which some flows go in vain. A
 * standby member of an active-backup bond ignores what it receives, and nobody misses it (innocent.c); with LACP or a
 * fixed hash the switch gives each flow to one member, and what comes to one that takes no part is lost
 * (drivers/net/bonding/bond_main.c: bond_handle_frame).
 */
#include "diagnose/detection.h"

#include "base/alloc.h"
#include "base/text.h"

#include <linux/if_bonding.h>
#include <string.h>

#define CARRIES 100	       /* packets in the window: a member that carries traffic */
#define STRAY_RATE 10	       /* per second: LACP, LLDP and the like on a member that takes no part */
#define SILENT_SHARE 100       /* the others receive so many times more */
#define RESENT_MINIMUM 20      /* segments */
#define RESENT_SHARE_PERCENT 1 /* of what was sent */

static bool is_master(const struct object *link)
{
	static const char *const kinds[] = { "bond", "team" };

	return link->key.kind == OBJECT_LINK && text_is_one_of(object_text(link, LABEL_KIND), kinds, ARRAY_SIZE(kinds));
}

/* The bond or team that a device is a member of, or NULL. */
static const struct object *master_of(const struct detection *detection, uint32_t member)
{
	const struct object *link = object_get(detection->objects, member);
	const struct object *master = link->parent ? object_get(detection->objects, link->parent) : NULL;

	return link->key.kind == OBJECT_LINK && master && is_master(master) ? master : NULL;
}

static uint64_t carried(const struct detection *detection, uint32_t link)
{
	return series_increase(detection->series, C_LINK_RX_PACKETS, link) +
	       series_increase(detection->series, C_LINK_TX_PACKETS, link);
}

static bool is_clean(const struct detection *detection, uint32_t link)
{
	static const counter_id losses[] = { C_LINK_RX_ERRORS, C_LINK_TX_ERRORS, C_LINK_TX_DROPPED,
					     C_LINK_RX_MISSED_ERRORS };

	for (size_t i = 0; i < ARRAY_SIZE(losses); i++) {
		if (series_increase(detection->series, losses[i], link))
			return false;
	}
	return true;
}

/* A member beside this one that carries its share, when none of the others loses anything; else OBJECT_HOST_ID. */
static uint32_t clean_sibling(const struct detection *detection, const struct object *master, uint32_t member)
{
	const struct cell *cell;
	uint32_t found = OBJECT_HOST_ID;
	size_t i;

	series_each(detection->series, C_LINK_RX_PACKETS, i, cell) {
		if (cell->object == member || object_get(detection->objects, cell->object)->parent != master->id)
			continue;
		if (!is_clean(detection, cell->object))
			return OBJECT_HOST_ID;
		if (carried(detection, cell->object) >= CARRIES &&
		    !series_last(detection->series, C_LINK_BOND_MEMBER_BACKUP, cell->object))
			found = cell->object;
	}
	return found;
}

/* A loss that the driver does not explain: damage it only sums up, packets it did not send. */
static bool is_unexplained(const struct finding *finding)
{
	return finding->cause == CAUSE_TX_DROP ||
	       (finding->cause == CAUSE_CRC_ERRORS && finding->confidence < CONFIDENCE_PROVEN);
}

/* That it is this member alone is the answer where the driver has none, and worth knowing where it has one. */
static void degraded(struct detection *detection)
{
	struct finding **slot;

	vec_each(&detection->found->list, slot) {
		struct finding *finding = *slot;
		const struct object *master = master_of(detection, finding->object);
		uint32_t sibling = master ? clean_sibling(detection, master, finding->object) : OBJECT_HOST_ID;

		if (!sibling || (!is_unexplained(finding) && cause_get(finding->cause)->domain != DOMAIN_LINK))
			continue;
		if (is_unexplained(finding)) {
			finding->cause = CAUSE_BOND_MEMBER_DEGRADED;
			finding->confidence = CONFIDENCE_LIKELY;
		}
		finding_evidence(finding, detection->series, C_LINK_BOND_MEMBER_FAILURES, finding->object, NULL);
		finding_evidence(finding, detection->series, C_LINK_RX_PACKETS, sibling,
				 "another member, which is clean");
		finding_evidence(finding, detection->series, C_LINK_RX_ERRORS, sibling, NULL);
	}
}

static bool has_mode(const struct detection *detection, uint32_t bond, uint64_t mode)
{
	return series_cell(detection->series, C_LINK_BOND_MODE, bond) &&
	       series_last(detection->series, C_LINK_BOND_MODE, bond) == mode;
}

/* How LACP sees a member. */
static void lacp_evidence(struct finding *finding, const struct series *series, const struct object *bond,
			  uint32_t member)
{
	static const struct {
		counter_id counter;
		const char *note;
	} rows[] = {
		{ C_LINK_BOND_MEMBER_AGGREGATOR, "the member's aggregator" },
		{ C_LINK_BOND_MEMBER_PARTNER_STATE, "what the switch said: 16 collecting, 32 distributing" },
		{ C_PORT_LACPDU_RECEIVED, "from the switch" },
		{ C_PORT_LACPDU_SENT, "to the switch" },
		{ C_PORT_PARTNER_CHURNED, NULL },
	};

	finding_evidence(finding, series, C_LINK_BOND_AGGREGATOR, bond->id, "the one that carries the bond's traffic");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		finding_evidence(finding, series, rows[i].counter, member, rows[i].note);
}

/*
 * LACP: what the switch hashes to a member outside the active aggregator is thrown away on arrival. A few frames are the
 * switch's own protocols, and multicast comes to every port.
 */
static void received_in_vain(struct detection *detection)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_LINK_RX_NOHANDLER, i, cell) {
		const struct object *bond = master_of(detection, cell->object);
		uint64_t left = ledger_left(detection->ledger, C_LINK_RX_NOHANDLER, cell->object);
		uint64_t multicast = series_increase(detection->series, C_LINK_MULTICAST, cell->object);
		struct finding *finding;

		if (!bond || !has_mode(detection, bond->id, BOND_MODE_8023AD) || left < multicast * 2 ||
		    (double)left < STRAY_RATE * series_seconds(detection->series))
			continue;
		finding = detect_add(detection, CAUSE_BOND_HASH_TO_BAD_MEMBER, cell->object, UNIT_PACKETS,
				     DIRECTION_INGRESS);
		detect_claim(detection, finding, C_LINK_RX_NOHANDLER, cell->object, UINT64_MAX);
		detect_pass(detection, finding, C_LINK_RX_PACKETS, bond->id);
		lacp_evidence(finding, detection->series, bond, cell->object);
	}
}

/* LACP says that the other end takes nothing. Without LACP nothing is said. */
static bool partner_refuses(const struct detection *detection, uint32_t member)
{
	const struct cell *state = series_cell(detection->series, C_LINK_BOND_MEMBER_PARTNER_STATE, member);
	uint64_t churned = series_increase(detection->series, C_PORT_PARTNER_CHURNED, member);

	return churned || (state && !(state->high & LACP_STATE_COLLECTING));
}

/* The others receive plenty, and this one nothing. */
static bool hears_nothing(const struct detection *detection, const struct object *bond, uint32_t member)
{
	uint64_t here = series_increase(detection->series, C_LINK_RX_PACKETS, member), most = 0;
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_LINK_RX_PACKETS, i, cell) {
		if (cell->object != member && object_get(detection->objects, cell->object)->parent == bond->id &&
		    cell->increase > most)
			most = cell->increase;
	}
	return most >= CARRIES && here * SILENT_SHARE <= most;
}

static bool hashes(const struct detection *detection, uint32_t bond)
{
	return has_mode(detection, bond, BOND_MODE_ROUNDROBIN) || has_mode(detection, bond, BOND_MODE_XOR) ||
	       has_mode(detection, bond, BOND_MODE_8023AD);
}

/* At most so many: a device counts buffers, and its card cuts those that are larger than its MTU into segments. */
static uint64_t segments_sent(const struct detection *detection, const struct cell *packets)
{
	uint64_t bytes = series_increase(detection->series, C_LINK_TX_BYTES, packets->object);
	uint64_t mtu = series_last(detection->series, C_LINK_MTU, packets->object);

	return packets->increase + (mtu ? bytes / mtu : 0);
}

/* A member that sends its share while nothing tells that anybody takes it, and connections that send again. */
static void sent_in_vain(struct detection *detection)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_LINK_TX_PACKETS, i, cell) {
		const struct object *bond = master_of(detection, cell->object);
		uint64_t resent, sent, over;
		struct finding *finding;

		if (!bond || cell->increase < CARRIES || !hashes(detection, bond->id) ||
		    !(partner_refuses(detection, cell->object) || hears_nothing(detection, bond, cell->object)))
			continue;
		resent = detect_resent(detection, bond->netns, true);
		sent = series_increase(detection->series, C_TCP_OUT_SEGS, bond->netns);
		if (resent < RESENT_MINIMUM || resent * 100 < sent * RESENT_SHARE_PERCENT)
			continue;
		finding = detect_add(detection, CAUSE_BOND_HASH_TO_BAD_MEMBER, cell->object, UNIT_SEGMENTS,
				     DIRECTION_EGRESS);
		over = segments_sent(detection, cell);
		finding->packets = resent < over ? resent : over;
		finding->confidence = CONFIDENCE_LIKELY;
		detect_pass(detection, finding, C_TCP_OUT_SEGS, bond->netns);
		finding_evidence(finding, detection->series, C_LINK_TX_PACKETS, cell->object, "sent over this member");
		finding_evidence(finding, detection->series, C_LINK_RX_PACKETS, cell->object, "received over it");
		finding_evidence(finding, detection->series, C_TCP_RETRANS_SEGS, bond->netns, "sent again");
		lacp_evidence(finding, detection->series, bond, cell->object);
	}
}

void detect_members(struct detection *detection)
{
	degraded(detection);
	received_in_vain(detection);
	sent_in_vain(detection);
}
