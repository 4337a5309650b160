/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What switches in this host drop: Open vSwitch when it cannot ask its program about a new flow, switch chips and smart
 * NICs for the reason that their trap is named after (Documentation/networking/devlink/devlink-trap.rst), cards what their
 * virtual functions may not send, and macvlans that could not hand a frame on.
 */
#include "diagnose/detection.h"

#include "base/alloc.h"
#include "base/text.h"

#include <string.h>

static void upcalls_lost(struct detection *detection)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_OVS_LOST, i, cell) {
		struct finding *finding;
		const struct cell *port;
		uint32_t worst = OBJECT_HOST_ID;
		uint64_t most = 0;
		size_t p;

		if (!ledger_left(detection->ledger, C_OVS_LOST, cell->object))
			continue;
		finding = detect_add(detection, CAUSE_OVS_UPCALL_LOST, cell->object, UNIT_PACKETS, DIRECTION_LOCAL);
		detect_claim(detection, finding, C_OVS_LOST, cell->object, UINT64_MAX);
		detect_passed(finding, series_increase(detection->series, C_OVS_HIT, cell->object) +
					       series_increase(detection->series, C_OVS_MISSED, cell->object));
		finding_evidence(finding, detection->series, C_OVS_MISSED, cell->object, "without a flow: questions");
		finding_evidence(finding, detection->series, C_OVS_HIT, cell->object, "with a flow");
		finding_evidence(finding, detection->series, C_OVS_FLOWS, cell->object, NULL);
		series_each(detection->series, C_OVS_PORT_UPCALLS_FAILED, p, port) {
			if (port->increase > most && object_get(detection->objects, port->object)->netns ==
							     object_get(detection->objects, cell->object)->netns) {
				most = port->increase;
				worst = port->object;
			}
		}
		finding_evidence(finding, detection->series, C_OVS_PORT_UPCALLS_FAILED, worst, "most came in here");
	}
}

/* The cause behind a trap's name. What is not listed is the hardware's own: rx-hardware-discard. */
static enum cause trap_cause(const char *trap)
{
	static const struct {
		const char *trap;
		enum cause cause;
	} rows[] = {
		{ "vlan_tag_mismatch", CAUSE_VLAN_MISMATCH },
		{ "ingress_vlan_filter", CAUSE_VLAN_MISMATCH },
		{ "ingress_spanning_tree_filter", CAUSE_BRIDGE_PORT_BLOCKED },
		{ "port_list_is_empty", CAUSE_BRIDGE_PORT_BLOCKED },
		{ "port_loopback_filter", CAUSE_FRAMES_FOR_OTHER_HOSTS },
		{ "dmac_filter", CAUSE_FRAMES_FOR_OTHER_HOSTS },
		{ "ttl_value_is_too_small", CAUSE_TTL_EXPIRED },
		{ "mtu_value_is_too_small", CAUSE_MTU_EXCEEDED },
		{ "blackhole_route_drop", CAUSE_UNREACHABLE_ROUTE },
		{ "blackhole_nexthop", CAUSE_UNREACHABLE_ROUTE },
		{ "reject_route", CAUSE_UNREACHABLE_ROUTE },
		{ "ipv4_lpm_miss", CAUSE_NO_ROUTE },
		{ "ipv6_lpm_miss", CAUSE_NO_ROUTE },
		{ "unresolved_neigh", CAUSE_NEIGHBOUR_UNRESOLVED },
		{ "tail_drop", CAUSE_QDISC_QUEUE_FULL },
		{ "early_drop", CAUSE_QDISC_AQM_DROP },
		{ "ip_header_corrupted", CAUSE_IP_HEADER_ERROR },
		{ "sip_is_mc", CAUSE_MARTIAN_SOURCE },
		{ "sip_is_loopback_address", CAUSE_MARTIAN_SOURCE },
		{ "source_mac_is_multicast", CAUSE_MARTIAN_SOURCE },
		{ "uc_dip_over_mc_dmac", CAUSE_INVALID_ADDRESS },
		{ "dip_is_loopback_address", CAUSE_INVALID_ADDRESS },
		{ "ingress_flow_action_drop", CAUSE_TC_DROP },
		{ "egress_flow_action_drop", CAUSE_TC_DROP },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i].trap, trap) == 0)
			return rows[i].cause;
	}
	return CAUSE_RX_HARDWARE_DISCARD;
}

static void hardware_traps(struct detection *detection)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_DEVLINK_TRAP_DROPS, i, cell) {
		const struct object *trap = object_get(detection->objects, cell->object);
		struct finding *finding;

		if (!ledger_left(detection->ledger, C_DEVLINK_TRAP_DROPS, cell->object))
			continue;
		finding = detect_add(detection, trap_cause(object_text(trap, LABEL_KIND)), cell->object, UNIT_PACKETS,
				     DIRECTION_INGRESS);
		detect_claim(detection, finding, C_DEVLINK_TRAP_DROPS, cell->object, UINT64_MAX);
	}
}

/*
 * A macvlan shows what it could not hand on as rx_errors and once more as rx_dropped (drivers/net/macvlan.c:
 * macvlan_dev_get_stats64), beside the drops that the stack itself counts there. Nothing was damaged: the frames had no
 * taker. Where the backlog was full, that is the loss, and both are the same packets.
 */
static void macvlans(struct detection *detection)
{
	static const char *const kinds[] = { "macvlan", "macvtap" };
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_LINK_RX_ERRORS, i, cell) {
		const struct object *link = object_get(detection->objects, cell->object);
		uint64_t dropped = series_increase(detection->series, C_LINK_RX_DROPPED, cell->object);
		uint64_t left = ledger_left(detection->ledger, C_LINK_RX_DROPPED, cell->object);
		struct finding *finding;

		if (!text_is_one_of(object_text(link, LABEL_KIND), kinds, ARRAY_SIZE(kinds)))
			continue;
		ledger_move_elsewhere(detection->ledger, C_LINK_RX_ERRORS, cell->object, dropped - left);
		ledger_move_elsewhere(detection->ledger, C_LINK_RX_DROPPED, cell->object, cell->increase);
		if (!ledger_left(detection->ledger, C_LINK_RX_ERRORS, cell->object))
			continue;
		finding = detect_device(detection, CAUSE_MACVLAN_FILTER, cell->object, DIRECTION_INGRESS);
		detect_claim(detection, finding, C_LINK_RX_ERRORS, cell->object, UINT64_MAX);
		finding_evidence(finding, detection->series, C_LINK_RX_DROPPED, cell->object, "the same frames");
		finding_evidence(finding, detection->series, C_LINK_MACVLAN_MODE, cell->object, NULL);
		finding_evidence(finding, detection->series, C_LINK_MTU, cell->object, "longer ones are refused");
	}
}

void detect_switching(struct detection *detection)
{
	upcalls_lost(detection);
	hardware_traps(detection);
	detect_each(detection, C_KERNEL_LOG_SPOOFED_PACKETS, CAUSE_VF_ANTI_SPOOF, DIRECTION_EGRESS);
	macvlans(detection);
}
