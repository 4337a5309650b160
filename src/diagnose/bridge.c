/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bridges drop without any counter: a port that may not forward, a VLAN that
 * does not fit, no entry for the destination where flooding is off. What came
 * in at the ports must have gone out at ports or up to the host; what did not
 * was dropped inside. Flooding copies frames, so this is a lower bound.
 *
 * A network card counts the frames on the wire, and what lies behind GRO counts what that made of them: forty frames
 * and more may go on as one. What such a port received says nothing of how many the bridge had to pass on.
 *
 * net/bridge/br_input.c: br_handle_frame(), br_handle_frame_finish().
 */
#include "diagnose/detection.h"

#include "base/alloc.h"

#include <string.h>

/* enum br_port_state: BR_STATE_FORWARDING, BR_STATE_BLOCKING */
#define FORWARDING 3
#define BLOCKING 4
#define KERNEL_STP 1 /* link.bridge_stp */

/* Frames that a bridge takes for itself (STP, LLDP) are few; below this share of the traffic nothing is said. */
#define SHARE_PERCENT 1

struct flow {
	uint64_t in, out, blocked_in;
	uint64_t merging;	   /* of `in`: counted before they may have been merged */
	uint32_t blocked, busiest; /* ports */
	uint32_t changed;	   /* a port whose spanning tree state was another one meanwhile */
	uint64_t most;
};

/* Spanning tree blocks the second way to the same place: what arrives there came in by the first as well. */
static bool is_second_way(const struct detection *detection, uint32_t bridge, const struct cell *state)
{
	return series_last(detection->series, C_LINK_BRIDGE_STP, bridge) == KERNEL_STP && state->low == BLOCKING &&
	       state->high == BLOCKING;
}

static bool changed_state(const struct detection *detection, const struct cell *state)
{
	return state->low != state->high || series_increase(detection->series, C_PORT_STP_BLOCKED, state->object) ||
	       series_increase(detection->series, C_PORT_STP_FORWARDING, state->object);
}

/*
 * Devices that count what arrives before their driver merges it (GRO): those with hardware, and tunnels that carry
 * frames, which have a GRO of their own (gro_cells_receive()). All others say that GRO is on and count what was merged.
 */
static bool counts_before_merging(const struct object *link)
{
	static const char *const kinds[] = { "ether", "vxlan", "geneve", "gretap", "ip6gretap" };

	return text_is_one_of(object_text(link, LABEL_KIND), kinds, ARRAY_SIZE(kinds));
}

static bool device_merges(const struct detection *detection, const struct object *link)
{
	const struct cell *gro = series_cell(detection->series, C_ETHTOOL_GRO, link->id);

	if (!counts_before_merging(link))
		return false;
	if (gro)
		return gro->high;
	/* Not asked, and it is on unless somebody turned it off. */
	return *object_text(link, LABEL_DRIVER) || *object_text(link, LABEL_PATH);
}

/* The port itself, or a member of a bond, whose numbers are the sum of its members'. */
static bool merges(const struct detection *detection, uint32_t port)
{
	bool bond = strcmp(object_text(object_get(detection->objects, port), LABEL_KIND), "bond") == 0;
	const struct object *link;
	uint32_t id;

	if (!bond)
		return device_merges(detection, object_get(detection->objects, port));
	each_object(detection->objects, id, link) {
		if (link->key.kind == OBJECT_LINK && link->parent == port && device_merges(detection, link))
			return true;
	}
	return false;
}

static void flow_measure(const struct detection *detection, uint32_t bridge, struct flow *ret)
{
	const struct cell *cell;
	size_t i;

	*ret = (struct flow){ 0 };
	series_each(detection->series, C_LINK_BRIDGE_PORT_STATE, i, cell) {
		uint64_t received = series_increase(detection->series, C_LINK_RX_PACKETS, cell->object);

		if (object_get(detection->objects, cell->object)->parent != bridge ||
		    is_second_way(detection, bridge, cell))
			continue;
		if (changed_state(detection, cell))
			ret->changed = cell->object;
		ret->in += received;
		ret->merging += received && merges(detection, cell->object) ? received : 0;
		ret->out += series_increase(detection->series, C_LINK_TX_PACKETS, cell->object);
		if (received > ret->most) {
			ret->most = received;
			ret->busiest = cell->object;
		}
		if (cell->low == cell->high && cell->last != FORWARDING && received > ret->blocked_in) {
			ret->blocked = cell->object;
			ret->blocked_in = received;
		}
	}
	/* Down to the bridge from the host, and up to the host from the ports. */
	ret->in += series_increase(detection->series, C_LINK_TX_PACKETS, bridge);
	ret->out += series_increase(detection->series, C_LINK_RX_PACKETS, bridge);
}

/* What may have kept frames of the bridge from going on, beside its ports' states. */
static void reasons(struct detection *detection, struct finding *finding, uint32_t bridge)
{
	static const struct {
		counter_id counter;
		const char *note;
	} rows[] = {
		{ C_LINK_PORT_NO_UNICAST_FLOOD, "frames for unknown addresses do not go out here" },
		{ C_LINK_PORT_ISOLATED, "it may not talk to other isolated ports" },
		{ C_LINK_PORT_LOCKED, "frames from unknown addresses are dropped here" },
	};
	const struct cell *cell;
	size_t i;

	for (size_t r = 0; r < ARRAY_SIZE(rows); r++) {
		series_each(detection->series, rows[r].counter, i, cell) {
			if (object_get(detection->objects, cell->object)->parent == bridge)
				finding_evidence(finding, detection->series, rows[r].counter, cell->object,
						 rows[r].note);
		}
	}
	if (series_last(detection->series, C_LINK_BRIDGE_VLAN_FILTERING, bridge))
		finding_evidence(finding, detection->series, C_LINK_BRIDGE_VLAN_FILTERING, bridge,
				 "tags that are not in the port's list are dropped");
}

static void bridge_finding(struct detection *detection, uint32_t bridge, const struct flow *flow, uint64_t lost)
{
	bool rearranged = flow->changed && !flow->blocked;
	uint32_t port = flow->blocked ? flow->blocked : rearranged ? flow->changed : flow->busiest;
	uint32_t rule = detect_bridge_suspect(detection, object_get(detection->objects, bridge)->netns);
	bool filtered = rule != OBJECT_HOST_ID && !flow->blocked && !rearranged;
	enum cause cause = filtered	? CAUSE_BRIDGE_FILTER_DROP
			   : rearranged ? CAUSE_TOPOLOGY_CHANGE
					: CAUSE_BRIDGE_PORT_BLOCKED;
	struct finding *finding = detect_add(detection, cause, filtered ? rule : port, UNIT_SKBS, DIRECTION_INGRESS);

	finding->packets = lost;
	finding->passed = flow->in - lost;
	finding->confidence = CONFIDENCE_LIKELY;
	finding->at_least = flow->merging && lost > flow->blocked_in;
	ledger_add(detection->ledger, C_BRIDGE_SILENT, bridge, lost);
	ledger_claim(detection->ledger, C_BRIDGE_SILENT, bridge, lost);
	finding_evidence(finding, detection->series, C_LINK_RX_PACKETS, port, "received by the port");
	finding_evidence(finding, detection->series, C_LINK_BRIDGE_PORT_STATE, port, "3 is forwarding");
	finding_evidence(finding, detection->series, C_LINK_RX_PACKETS, bridge, "handed up to the host");
	if (rearranged) {
		finding_evidence(finding, detection->series, C_PORT_STP_BLOCKED, port, NULL);
		finding_evidence(finding, detection->series, C_PORT_STP_FORWARDING, port, NULL);
		finding_evidence(finding, detection->series, C_PORT_TCN_RECEIVED, port, NULL);
	} else {
		reasons(detection, finding, bridge);
	}
	finding_next(finding, "bridge -d link show; bridge vlan show; bridge fdb show");
}

static void bridge_judge(struct detection *detection, uint32_t bridge)
{
	struct flow flow;
	uint64_t lost, filtered, sure;

	filtered = detect_bridge_filtered(detection, object_get(detection->objects, bridge)->netns);
	flow_measure(detection, bridge, &flow);
	sure = flow.in - flow.merging;
	lost = sure > flow.out ? sure - flow.out : 0;
	lost -= lost < filtered ? lost : filtered;
	if (lost < flow.blocked_in)
		lost = flow.blocked_in;
	if (lost && lost * 100 >= flow.in * SHARE_PERCENT)
		bridge_finding(detection, bridge, &flow, lost);
}

void detect_bridges(struct detection *detection)
{
	uint32_t id;
	const struct object *object;

	each_object(detection->objects, id, object) {
		if (object->key.kind == OBJECT_LINK && strcmp(object_text(object, LABEL_KIND), "bridge") == 0)
			bridge_judge(detection, id);
	}
}
