/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two losses beyond this host that its own counters can tell from the rest (path.c): a path that lets only small packets
 * through, and a link that was full before packets came here. Both run before path.c, which then counts the
 * retransmissions that they explain no second time.
 *
 * A path MTU black hole shows as segments of full size that time out again and again (tcp_info: backoff)
 * while the peer still answers what is small; nobody says "too big". net/ipv4/tcp_timer.c: tcp_write_timeout().
 */
#include "diagnose/detection.h"
#include "diagnose/rise.h"
#include "diagnose/timeline.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <string.h>

#define FULL_SIZE_SHARE 0.9 /* of the segment size: retransmissions as large as they may be */
#define SMALL_MSS 600	    /* a path that lets not even this through is no question of size */
#define TIMEOUTS_IN_A_ROW 2 /* the same segment again and again */
#define LINE_RATE_SHARE 0.9 /* of the link's speed, in bytes with Ethernet's headers but not its gaps */
#define PLATEAU_SHARE 0.5   /* of the window at that rate */
#define PLATEAU_STEP_MS 500
#define HOLES_MINIMUM 10 /* segments that came behind a missing one */

/* --- path MTU black hole --------------------------------------------------------------------------------------- */

/* When the socket's retransmissions began, in ms since the window's start. */
static uint32_t first_retransmission_ms(const struct cell *retransmitted)
{
	return retransmitted->points.count ? retransmitted->points.data[0].time_ms : 0;
}

/* Somebody sent word of packets that cannot go on: perhaps of others, perhaps that the peer is gone. */
static bool was_told_anything(const struct detection *detection, uint32_t netns)
{
	return series_increase(detection->series, C_ICMP_IN_DEST_UNREACHS, netns) ||
	       series_increase(detection->series, C_ICMP6_IN_PKT_TOO_BIGS, netns) ||
	       series_increase(detection->series, C_ICMP6_IN_DEST_UNREACHS, netns);
}

/*
 * Answers that came after segments had been sent again: what the peer got of this host is small. Or it has a little of
 * what was sent behind the missing ones, mostly the end of a request; on a path that loses at random it has most of it.
 * A peer that went away in between may have a little, too, and routers tell of it.
 */
static bool small_ones_pass(const struct detection *detection, const struct cell *retransmitted, uint32_t netns)
{
	const struct series *series = detection->series;
	uint32_t socket = retransmitted->object;
	uint64_t arrived = series_last(series, C_SOCK_TCP_SACKED, socket);

	return increase_between(series, C_SOCK_TCP_SEGS_IN, socket, first_retransmission_ms(retransmitted),
				UINT32_MAX) ||
	       (arrived && !was_told_anything(detection, netns) &&
		arrived * 2 <= series_last(series, C_SOCK_TCP_UNACKED, socket));
}

/*
 * Retransmissions as large as they may be. Their bytes are read only since the connection was first seen in trouble:
 * they are those of the retransmissions that came after it.
 */
static bool full_size(const struct detection *detection, const struct cell *retransmitted)
{
	const struct series *series = detection->series;
	uint32_t socket = retransmitted->object;
	const struct cell *bytes = series_cell(series, C_SOCK_TCP_BYTES_RETRANS, socket);
	uint64_t mss = series_last(series, C_SOCK_TCP_SND_MSS, socket), segments = retransmitted->increase;

	if (!bytes)
		return false;
	if (bytes->first_ns > retransmitted->first_ns && !object_get(detection->objects, socket)->born)
		segments = increase_between(series, C_SOCK_TCP_RETRANS, socket,
					    (uint32_t)((bytes->first_ns - series_start_ns(series)) / NS_PER_MS),
					    UINT32_MAX);
	return segments && (double)bytes->increase >= FULL_SIZE_SHARE * (double)mss * (double)segments;
}

static bool is_swallowed(const struct detection *detection, const struct cell *retransmitted)
{
	const struct series *series = detection->series;
	uint32_t socket = retransmitted->object;
	uint64_t mss = series_last(series, C_SOCK_TCP_SND_MSS, socket);
	const struct cell *unacknowledged = series_cell(series, C_SOCK_TCP_UNACKED, socket);

	return retransmitted->increase >= TIMEOUTS_IN_A_ROW && mss > SMALL_MSS && unacknowledged &&
	       unacknowledged->last && full_size(detection, retransmitted) &&
	       series_last(series, C_SOCK_TCP_BACKOFF, socket) >= TIMEOUTS_IN_A_ROW &&
	       small_ones_pass(detection, retransmitted, object_get(detection->objects, socket)->netns);
}

/*
 * Somebody said that this connection's packets were too big: its segments are smaller since then. Busy hosts are told
 * of others all the time; without a word segments become smaller when the kernel itself probes for a black hole.
 */
static bool was_told(const struct detection *detection, uint32_t netns, uint32_t socket)
{
	const struct cell *mss = series_cell(detection->series, C_SOCK_TCP_SND_MSS, socket);

	return mss && mss->low != mss->high && was_told_anything(detection, netns);
}

/* The other end is on this host, and what came to it was lost there. */
static bool refused_by_peer(const struct detection *detection, const struct cell *retransmitted)
{
	const struct object *peer = detect_peer(detection, object_get(detection->objects, retransmitted->object)),
			    *netns;
	struct finding **slot;

	if (!peer)
		return false;
	netns = object_netns(detection->objects, peer);
	vec_each(&detection->found->list, slot) {
		if (cause_get((*slot)->cause)->class == CAUSE_LOSS && !(*slot)->why_innocent &&
		    (*slot)->direction == DIRECTION_INGRESS && (*slot)->packets >= retransmitted->increase &&
		    object_netns(detection->objects, object_get(detection->objects, (*slot)->object)) == netns)
			return true;
	}
	return false;
}

static void swallowed_evidence(struct detection *detection, struct finding *finding, uint32_t netns)
{
	const struct series *series = detection->series;

	finding_evidence(finding, series, C_SOCK_TCP_RETRANS, finding->object, "sent again");
	finding_evidence(finding, series, C_SOCK_TCP_BYTES_RETRANS, finding->object, "their bytes: full-size segments");
	finding_evidence(finding, series, C_SOCK_TCP_SND_MSS, finding->object, "full size");
	finding_evidence(finding, series, C_SOCK_TCP_BACKOFF, finding->object, "timeouts in a row");
	finding_evidence(finding, series, C_SOCK_TCP_SEGS_IN, finding->object, "the peer still answers what is small");
	finding_evidence(finding, series, C_SOCK_TCP_SACKED, finding->object, "of what came behind, so much arrived");
	finding_evidence(finding, series, C_ICMP_IN_DEST_UNREACHS, netns,
			 was_told_anything(detection, netns)
				 ? "none said that these were too big: the segments stayed as large"
				 : "nobody said that they were too big");
	finding_evidence(finding, series, C_TCP_EXT_TCP_MTUP_FAIL, netns, NULL);
	finding_evidence(finding, series, C_TCP_EXT_TCP_MTUP_SUCCESS, netns, NULL);
}

static void black_hole(struct detection *detection, uint32_t netns)
{
	struct finding *finding = NULL;
	const struct cell *cell;
	uint64_t most = 0;
	size_t i;

	series_each(detection->series, C_SOCK_TCP_RETRANS, i, cell) {
		if (object_get(detection->objects, cell->object)->netns != netns || !is_swallowed(detection, cell) ||
		    was_told(detection, netns, cell->object) || refused_by_peer(detection, cell))
			continue;
		if (!finding)
			finding = detect_add(detection, CAUSE_PMTU_BLACKHOLE, cell->object, UNIT_SEGMENTS,
					     DIRECTION_EGRESS);
		finding->packets += cell->increase;
		detect_pass(detection, finding, C_SOCK_TCP_SEGS_OUT, cell->object);
		if (cell->increase > most) {
			most = cell->increase;
			finding->object = cell->object;
		}
	}
	if (!finding)
		return;
	finding->confidence = CONFIDENCE_LIKELY;
	swallowed_evidence(detection, finding, netns);
}

/* --- a full link before this host ------------------------------------------------------------------------------ */

/* Something on this host lost what came in: then that explains the holes. */
static bool lost_here(const struct detection *detection, uint32_t netns)
{
	struct finding **slot;

	vec_each(&detection->found->list, slot) {
		const struct object *object = object_get(detection->objects, (*slot)->object);

		if (cause_get((*slot)->cause)->class == CAUSE_LOSS && (*slot)->direction == DIRECTION_INGRESS &&
		    !(*slot)->why_innocent && (!object->netns || object->netns == netns))
			return true;
	}
	return false;
}

/* The share of the window in which a device received at its line rate. */
static double plateau(const struct detection *detection, uint32_t link)
{
	uint64_t speed = series_last(detection->series, C_ETHTOOL_SPEED_MBPS, link);
	const struct cell *cell = series_cell(detection->series, C_LINK_RX_BYTES, link);
	struct timeline course;
	size_t full = 0;
	double share;

	if (!speed || !cell)
		return 0;
	timeline_init(&course, detection->series, PLATEAU_STEP_MS);
	timeline_add(&course, cell, cell->increase, 1);
	for (size_t i = 0; i < course.count; i++) {
		double megabits = (double)course.steps[i] * 8 / 1000 / (double)course.step_ms;

		full += megabits >= LINE_RATE_SHARE * (double)speed;
	}
	share = (double)full / (double)course.count;
	timeline_free(&course);
	return share;
}

static void saturation(struct detection *detection, uint32_t link)
{
	const struct object *device = object_get(detection->objects, link);
	uint64_t holes = series_increase(detection->series, C_TCP_EXT_TCP_OFO_QUEUE, device->netns);
	struct finding *finding;

	if (strcmp(object_text(device, LABEL_KIND), "ether") != 0 || holes < HOLES_MINIMUM ||
	    plateau(detection, link) < PLATEAU_SHARE || lost_here(detection, device->netns))
		return;
	finding = detect_add(detection, CAUSE_UPSTREAM_SATURATION, link, UNIT_SEGMENTS, DIRECTION_INGRESS);
	finding->packets = holes;
	detect_pass(detection, finding, C_TCP_IN_SEGS, device->netns);
	finding->confidence = CONFIDENCE_POSSIBLE;
	finding_evidence(finding, detection->series, C_TCP_EXT_TCP_OFO_QUEUE, device->netns,
			 "came behind a hole: what was missing is sent again by the peers");
	finding_evidence(finding, detection->series, C_LINK_RX_BYTES, link, "at line rate for most of the window");
	finding_evidence(finding, detection->series, C_ETHTOOL_SPEED_MBPS, link, "the line rate");
	finding_evidence(finding, detection->series, C_LINK_RX_MISSED_ERRORS, link, "not lost here");
}

void detect_upstream(struct detection *detection)
{
	uint32_t id;
	const struct object *object;

	each_object(detection->objects, id, object) {
		if (object->key.kind == OBJECT_NETNS)
			black_hole(detection, id);
		else if (object->key.kind == OBJECT_LINK)
			saturation(detection, id);
	}
}
