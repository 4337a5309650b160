/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual devices. Their tx_dropped means what their kind makes of it: a tun
 * device whose program does not read, a veth whose other end is down, a tunnel
 * that has no room for its own header.
 */
#include "diagnose/detection.h"
#include "diagnose/timeline.h"

#include "base/alloc.h"

#include <string.h>

#define STOPPED_REST 0.1 /* of the drops may have come while the device was up: readings are not of one moment */

static bool kind_is(const struct object *link, const char *kind)
{
	return strcmp(object_text(link, LABEL_KIND), kind) == 0;
}

static bool is_tunnel(const struct object *link)
{
	static const char *const kinds[] = { "vxlan", "geneve", "gre",	  "gretap", "ip6gre", "ip6gretap",
					     "ipip",  "sit",	"ip6tnl", "vti",    "vti6",   "wireguard" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kind_is(link, kinds[i]))
			return true;
	}
	return false;
}

/* Bytes that a tunnel adds to each inner packet. */
static uint64_t tunnel_overhead(const struct detection *detection, const struct object *link)
{
	bool v6 = series_last(detection->series, C_LINK_TUNNEL_IPV6, link->id);

	if (kind_is(link, "vxlan") || kind_is(link, "geneve"))
		return v6 ? 70 : 50;
	if (kind_is(link, "wireguard"))
		return v6 ? 80 : 60;
	if (kind_is(link, "gretap"))
		return 38;
	if (kind_is(link, "gre"))
		return 24;
	return v6 ? 40 : 20;
}

/* A tunnel bound to no device may leave through any: the largest MTU of the namespace's other devices. */
static uint32_t largest_device(const struct detection *detection, const struct object *tunnel)
{
	const struct cell *cell;
	uint64_t most = 0;
	uint32_t found = OBJECT_HOST_ID;
	size_t i;

	series_each(detection->series, C_LINK_MTU, i, cell) {
		const struct object *link = object_get(detection->objects, cell->object);

		if (link->netns != tunnel->netns || link == tunnel || is_tunnel(link) || kind_is(link, "loopback") ||
		    cell->last <= most || !series_last(detection->series, C_LINK_FLAGS_UP, link->id))
			continue;
		most = cell->last;
		found = link->id;
	}
	return found;
}

/* The device that carries the tunnel, or OBJECT_HOST_ID. */
static uint32_t lower_device(const struct detection *detection, const struct object *link)
{
	uint64_t index = series_last(detection->series, C_LINK_VXLAN_LOWER, link->id);
	const struct object *lower;

	if (!index)
		index = series_last(detection->series, C_LINK_LOWER_IFINDEX, link->id);
	lower = index ? object_find(detection->objects, (struct object_key){ OBJECT_LINK, link->key.netns, index, 0 })
		      : NULL;
	if (lower)
		return lower->id;
	return is_tunnel(link) ? largest_device(detection, link) : OBJECT_HOST_ID;
}

static bool too_large_for_lower(const struct detection *detection, const struct object *link, uint32_t lower)
{
	uint64_t inner = series_last(detection->series, C_LINK_MTU, link->id);
	uint64_t outer = lower ? series_last(detection->series, C_LINK_MTU, lower) : 0;

	return inner && outer && inner + tunnel_overhead(detection, link) > outer;
}

/* Where nothing failed to be fragmented, no packet was too large, whatever the MTUs are. Unknown when it was not read. */
static bool nothing_was_too_large(const struct detection *detection, uint32_t netns)
{
	return series_cell(detection->series, C_IP_FRAG_FAILS, netns) &&
	       !series_increase(detection->series, C_IP_FRAG_FAILS, netns) &&
	       !series_increase(detection->series, C_IP6_FRAG_FAILS, netns);
}

/*
 * The share of the drops that came while a state was 1. Interfaces are listed more seldom than their statistics are read:
 * a state that is 0 at the next listing may have been so already.
 */
static double share_while_up(const struct series *series, const struct cell *state, const struct cell *drops)
{
	uint32_t lag_ms = (uint32_t)cell_interval_ms(state);
	uint64_t all = 0, up = 0;

	for (size_t i = 0; i < drops->points.count; i++) {
		const struct point *point = &drops->points.data[i];

		all += point->increase;
		if (gauge_at(series, state, point->time_ms) && gauge_at(series, state, point->time_ms + lag_ms))
			up += point->increase;
	}
	return all ? (double)up / (double)all : 1;
}

/* Nearly all of it was dropped while the device had no carrier or was down (net/sched/sch_generic.c: noop_enqueue). */
static bool was_stopped(const struct detection *detection, const struct cell *drops)
{
	static const counter_id states[] = { C_LINK_CARRIER, C_LINK_FLAGS_UP };

	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		const struct cell *state = series_cell(detection->series, states[i], drops->object);

		if (state && !state->low && share_while_up(detection->series, state, drops) <= STOPPED_REST)
			return true;
	}
	return false;
}

static enum cause transmit_cause(const struct detection *detection, const struct cell *drops, const struct object *link,
				 uint32_t lower)
{
	const struct object *peer = link->peer ? object_get(detection->objects, link->peer) : NULL;
	bool carrier = series_last(detection->series, C_LINK_CARRIER, link->id);

	if (kind_is(link, "tun"))
		return was_stopped(detection, drops) ? CAUSE_DEVICE_QUEUE_STOPPED : CAUSE_TUN_READER_SLOW;
	if (kind_is(link, "veth") && (!carrier || (peer && !series_last(detection->series, C_LINK_FLAGS_UP, peer->id))))
		return CAUSE_VETH_PEER_DOWN;
	if (is_tunnel(link))
		return too_large_for_lower(detection, link, lower) && !nothing_was_too_large(detection, link->netns)
			       ? CAUSE_OVERLAY_MTU_MISMATCH
			       : CAUSE_TUNNEL_DROP;
	return was_stopped(detection, drops) ? CAUSE_DEVICE_QUEUE_STOPPED : CAUSE_TX_DROP;
}

static void transmit_evidence(struct detection *detection, struct finding *finding, const struct object *link,
			      uint32_t lower)
{
	switch ((int)finding->cause) {
	case CAUSE_TUN_READER_SLOW:
		finding_evidence(finding, detection->series, C_LINK_TXQLEN, link->id,
				 "how many packets may wait for the program");
		break;
	case CAUSE_VETH_PEER_DOWN:
		finding_evidence(finding, detection->series, C_LINK_CARRIER, link->id, "0: the other end is down");
		if (link->peer)
			finding_evidence(finding, detection->series, C_LINK_FLAGS_UP, link->peer, "its other end");
		break;
	case CAUSE_DEVICE_QUEUE_STOPPED:
		finding_evidence(finding, detection->series, C_LINK_CARRIER, link->id,
				 kind_is(link, "tun") ? "0: no program has it open" : "0: no carrier");
		finding_evidence(finding, detection->series, C_LINK_FLAGS_UP, link->id, "0: set down");
		break;
	case CAUSE_OVERLAY_MTU_MISMATCH:
		finding_evidence(finding, detection->series, C_LINK_MTU, link->id, "the inner MTU");
		finding_evidence(finding, detection->series, C_LINK_MTU, lower, "the outer MTU");
		break;
	default:
		break;
	}
}

/*
 * A veth that is down refuses what its other end hands over (__dev_forward_skb() counts its rx_dropped) until the other
 * end has noticed and drops by itself: one fault, two counters.
 */
static void refused_by_down_end(struct detection *detection)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_LINK_RX_DROPPED, i, cell) {
		const struct object *link = object_get(detection->objects, cell->object);
		struct finding *finding;

		if (!kind_is(link, "veth") || series_last(detection->series, C_LINK_FLAGS_UP, link->id) ||
		    !series_cell(detection->series, C_LINK_FLAGS_UP, link->id) ||
		    !ledger_left(detection->ledger, C_LINK_RX_DROPPED, link->id))
			continue;
		finding = detect_device(detection, CAUSE_VETH_PEER_DOWN, link->peer ? link->peer : link->id,
					DIRECTION_EGRESS);
		detect_claim(detection, finding, C_LINK_RX_DROPPED, link->id, UINT64_MAX);
		finding_evidence(finding, detection->series, C_LINK_FLAGS_UP, link->id, "its other end");
	}
}

static void transmit_drops(struct detection *detection, counter_id counter)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, counter, i, cell) {
		const struct object *link = object_get(detection->objects, cell->object);
		uint32_t lower = lower_device(detection, link);
		struct finding *finding;

		if (!ledger_left(detection->ledger, counter, cell->object))
			continue;
		finding = detect_device(detection, transmit_cause(detection, cell, link, lower), link->id,
					DIRECTION_EGRESS);
		detect_claim(detection, finding, counter, link->id, UINT64_MAX);
		if (finding->cause == CAUSE_TX_DROP || finding->cause == CAUSE_TUNNEL_DROP)
			finding->confidence = CONFIDENCE_LIKELY;
		transmit_evidence(detection, finding, link, lower);
	}
}

/* A buffer that a tunnel may not send is counted there once, and in FragFails once for each segment in it (64 KB / 1448). */
#define SEGMENTS_MOST 45

/*
 * Packets with DF that do not fit below a tunnel: the tunnel's own send fails to fragment (FragFails in its namespace),
 * and it drops them as its own (iptunnel_xmit(): tx_dropped; ip6tunnel_xmit(): tx_errors). FragFails alone may be path
 * MTU discovery at work for somebody else, and MTUs alone prove nothing: routes may make the room (Cilium).
 */
static void too_big_inside(struct detection *detection)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_LINK_MTU, i, cell) {
		const struct object *link = object_get(detection->objects, cell->object);
		uint32_t lower = is_tunnel(link) ? lower_device(detection, link) : OBJECT_HOST_ID;
		uint64_t refused = series_increase(detection->series, C_LINK_TX_DROPPED, link->id) +
				   series_increase(detection->series, C_LINK_TX_ERRORS, link->id);
		uint64_t most = refused * SEGMENTS_MOST;
		struct finding *finding;

		if (!refused || !too_large_for_lower(detection, link, lower) ||
		    !(ledger_left(detection->ledger, C_IP_FRAG_FAILS, link->netns) +
		      ledger_left(detection->ledger, C_IP6_FRAG_FAILS, link->netns)))
			continue;
		finding = detect_device(detection, CAUSE_OVERLAY_MTU_MISMATCH, link->id, DIRECTION_EGRESS);
		most -= detect_claim(detection, finding, C_IP_FRAG_FAILS, link->netns, most);
		detect_claim(detection, finding, C_IP6_FRAG_FAILS, link->netns, most);
		ledger_move_elsewhere(detection->ledger, C_LINK_TX_DROPPED, link->id, finding->packets);
		ledger_move_elsewhere(detection->ledger, C_LINK_TX_ERRORS, link->id, finding->packets);
		ledger_move_elsewhere(detection->ledger, C_LINK_TX_ABORTED_ERRORS, link->id, finding->packets);
		finding_evidence(finding, detection->series, C_LINK_TX_DROPPED, link->id, "the same packets");
		finding_evidence(finding, detection->series, C_LINK_MTU, link->id, "the inner MTU");
		finding_evidence(finding, detection->series, C_LINK_MTU, lower, "the outer MTU");
	}
}

/*
 * A tunnel itself refuses a packet with DF that is larger than the way below allows, and answers it (net/ipv4/ip_tunnel.c:
 * tnl_update_pmtu, ip6_tunnel.c: ip6_tnl_xmit): FragFails stays. WireGuard lets its own packets be fragmented.
 */
static bool refused_as_too_large(const struct detection *detection, const struct object *link, uint32_t lower)
{
	uint64_t answers = series_increase(detection->series, C_ICMP_OUT_DEST_UNREACHS, link->netns) +
			   series_increase(detection->series, C_ICMP6_OUT_PKT_TOO_BIGS, link->netns);

	return answers && !kind_is(link, "wireguard") && too_large_for_lower(detection, link, lower);
}

static void tunnel_error(struct detection *detection, counter_id counter, enum direction direction,
			 const struct object *link)
{
	uint32_t lower = lower_device(detection, link);
	bool too_large = counter == C_LINK_TX_ERRORS && refused_as_too_large(detection, link, lower);
	struct finding *finding = detect_device(detection, too_large ? CAUSE_OVERLAY_MTU_MISMATCH : CAUSE_TUNNEL_DROP,
						link->id, direction);

	detect_claim(detection, finding, counter, link->id, UINT64_MAX);
	transmit_evidence(detection, finding, link, lower);
}

/*
 * What a tunnel refuses it counts as errors of the kinds that cards have: a missing checksum as CRC error, a number out of
 * turn as FIFO error (ip_tunnel_rcv), an address that a WireGuard peer may not use as frame error
 * (drivers/net/wireguard/receive.c), no route as carrier error (ip_tunnel_xmit). None of them is a cable's or a card's.
 */
static void tunnel_errors(struct detection *detection)
{
	static const struct {
		counter_id counter;
		enum direction direction;
	} rows[] = {
		{ C_LINK_RX_CRC_ERRORS, DIRECTION_INGRESS },	{ C_LINK_RX_FRAME_ERRORS, DIRECTION_INGRESS },
		{ C_LINK_RX_FIFO_ERRORS, DIRECTION_INGRESS },	{ C_LINK_RX_LENGTH_ERRORS, DIRECTION_INGRESS },
		{ C_LINK_RX_ERRORS, DIRECTION_INGRESS },	{ C_LINK_TX_CARRIER_ERRORS, DIRECTION_EGRESS },
		{ C_LINK_TX_ABORTED_ERRORS, DIRECTION_EGRESS }, { C_LINK_TX_FIFO_ERRORS, DIRECTION_EGRESS },
		{ C_LINK_TX_ERRORS, DIRECTION_EGRESS },
	};
	const struct cell *cell;

	for (size_t row = 0, i; row < ARRAY_SIZE(rows); row++) {
		series_each(detection->series, rows[row].counter, i, cell) {
			const struct object *link = object_get(detection->objects, cell->object);

			if (is_tunnel(link) && ledger_left(detection->ledger, rows[row].counter, link->id))
				tunnel_error(detection, rows[row].counter, rows[row].direction, link);
		}
	}
}

/* The device counts them with the frames for other hosts, which hurt nobody. */
static void unknown_vlans(struct detection *detection)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_LINK_RX_OTHERHOST_DROPPED, i, cell) {
		uint64_t astray = detect_told(detection, "OTHERHOST_VLAN", cell->object);
		struct finding *finding;

		if (!astray || !ledger_left(detection->ledger, C_LINK_RX_OTHERHOST_DROPPED, cell->object))
			continue;
		finding = detect_device(detection, CAUSE_VLAN_MISMATCH, cell->object, DIRECTION_INGRESS);
		detect_claim(detection, finding, C_LINK_RX_OTHERHOST_DROPPED, cell->object, astray);
		detect_pass(detection, finding, C_LINK_RX_PACKETS, cell->object);
	}
}

void detect_overlay(struct detection *detection)
{
	unknown_vlans(detection);
	too_big_inside(detection);
	refused_by_down_end(detection);
	transmit_drops(detection, C_LINK_TX_DROPPED);
	tunnel_errors(detection);
}
