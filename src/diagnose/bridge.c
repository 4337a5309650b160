/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bridges drop without any counter: a port that may not forward, a VLAN that
 * does not fit, no entry for the destination where flooding is off. What came
 * in at the ports must have gone out at ports or up to the host; what did not
 * was dropped inside. Flooding copies frames, so this is a lower bound.
 *
 * net/bridge/br_input.c: br_handle_frame(), br_handle_frame_finish().
 */
#include "diagnose/detection.h"

#include "base/alloc.h"

#include <string.h>

#define FORWARDING 3 /* enum br_port_state: BR_STATE_FORWARDING */

/* Frames that a bridge takes for itself (STP, LLDP) are few; below this share of the traffic nothing is said. */
#define SHARE_PERCENT 1

struct flow {
	uint64_t in, out, blocked_in;
	uint32_t blocked, busiest; /* ports */
	uint64_t most;
};

static void flow_measure(const struct detection *detection, uint32_t bridge, struct flow *ret)
{
	const struct cell *cell;
	size_t i;

	*ret = (struct flow){ 0 };
	series_each(detection->series, C_LINK_BRIDGE_PORT_STATE, i, cell) {
		uint64_t received = series_increase(detection->series, C_LINK_RX_PACKETS, cell->object);

		if (object_get(detection->objects, cell->object)->parent != bridge)
			continue;
		ret->in += received;
		ret->out += series_increase(detection->series, C_LINK_TX_PACKETS, cell->object);
		if (received > ret->most) {
			ret->most = received;
			ret->busiest = cell->object;
		}
		if (cell->first != FORWARDING && cell->last != FORWARDING && received > ret->blocked_in) {
			ret->blocked = cell->object;
			ret->blocked_in = received;
		}
	}
	/* Down to the bridge from the host, and up to the host from the ports. */
	ret->in += series_increase(detection->series, C_LINK_TX_PACKETS, bridge);
	ret->out += series_increase(detection->series, C_LINK_RX_PACKETS, bridge);
}

static void bridge_judge(struct detection *detection, uint32_t bridge)
{
	struct flow flow;
	struct finding *finding;
	uint64_t lost;

	flow_measure(detection, bridge, &flow);
	lost = flow.in > flow.out ? flow.in - flow.out : 0;
	if (lost < flow.blocked_in)
		lost = flow.blocked_in;
	if (!lost || lost * 100 < flow.in * SHARE_PERCENT)
		return;
	finding = detect_add(detection, CAUSE_BRIDGE_PORT_BLOCKED, flow.blocked ? flow.blocked : flow.busiest,
			     UNIT_SKBS, DIRECTION_INGRESS);
	finding->packets = lost;
	finding->passed = flow.in - lost;
	finding->confidence = CONFIDENCE_LIKELY;
	ledger_add(detection->ledger, C_BRIDGE_SILENT, bridge, lost);
	ledger_claim(detection->ledger, C_BRIDGE_SILENT, bridge, lost);
	finding_evidence(finding, detection->series, C_LINK_RX_PACKETS, finding->object, "received by the port");
	finding_evidence(finding, detection->series, C_LINK_BRIDGE_PORT_STATE, finding->object, "3 is forwarding");
	finding_evidence(finding, detection->series, C_LINK_RX_PACKETS, bridge, "handed up to the host");
	finding_next(finding, "bridge -d link show; bridge vlan show; bridge fdb show br BRIDGE");
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
