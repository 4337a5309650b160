/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Egress queues and shapers, and what filters at the ingress hook dropped.
 * Whether a queue is full because of a shaper above it or because the device
 * cannot keep up is told by the shaper's overlimits, which rise only while it
 * holds packets back. tc counts segments in `packets` and buffers in `drops`.
 */
#include "diagnose/detection.h"

#include "base/alloc.h"
#include "base/text.h"

#include <string.h>

static bool is_shaper(const char *kind)
{
	static const char *const shapers[] = { "tbf", "htb", "hfsc", "cbq" };

	return text_is_one_of(kind, shapers, ARRAY_SIZE(shapers));
}

/* Those that drop before they are full. fq, sfq and hhf only share a queue out: what they drop had no room. */
static bool is_aqm(const char *kind)
{
	static const char *const managed[] = { "fq_codel", "codel",  "red",  "gred", "choke",
					       "pie",	   "fq_pie", "cake", "sfb" };

	return text_is_one_of(kind, managed, ARRAY_SIZE(managed));
}

static uint64_t held_back(const struct detection *detection, uint32_t object)
{
	return series_increase(detection->series, C_QDISC_OVERLIMITS, object) +
	       series_increase(detection->series, C_CLASS_OVERLIMITS, object);
}

/* The nearest class or qdisc from `object` upwards that shaped in the window, or OBJECT_HOST_ID. */
static uint32_t shaper_above(const struct detection *detection, uint32_t object)
{
	for (int depth = 0; object && depth < 16; depth++) {
		const struct object *node = object_get(detection->objects, object);
		bool class = node->key.kind == OBJECT_CLASS;

		if ((class || is_shaper(object_text(node, LABEL_KIND))) && held_back(detection, object))
			return object;
		object = node->parent;
	}
	return OBJECT_HOST_ID;
}

/* Drops that the queue's management decided on, as against those of a full queue. */
static uint64_t limit_drops(const struct detection *detection, uint32_t object)
{
	return series_increase(detection->series, C_QDISC_DROP_OVERLIMIT, object) +
	       series_increase(detection->series, C_QDISC_DROP_OVERMEMORY, object) +
	       series_increase(detection->series, C_QDISC_FLOWS_PLIMIT, object);
}

static enum cause queue_cause(const struct detection *detection, uint32_t object, uint32_t shaper)
{
	const char *kind = object_text(object_get(detection->objects, object), LABEL_KIND);

	if (strcmp(kind, "netem") == 0)
		return CAUSE_NETEM_LEFT_BEHIND;
	if (is_aqm(kind) && !limit_drops(detection, object))
		return CAUSE_QDISC_AQM_DROP;
	if (shaper)
		return CAUSE_SHAPER_LIMIT;
	return CAUSE_QDISC_QUEUE_FULL;
}

static void queue_evidence(struct detection *detection, struct finding *finding, uint32_t object)
{
	static const struct {
		counter_id counter;
		const char *note;
	} rows[] = {
		{ C_QDISC_DROP_OVERLIMIT, NULL },
		{ C_QDISC_DROP_OVERMEMORY, NULL },
		{ C_QDISC_FLOWS_PLIMIT, NULL },
		{ C_QDISC_EARLY_DROPS, NULL },
		{ C_QDISC_BACKLOG_PACKETS, "packets waiting" },
		{ C_QDISC_BACKLOG_BYTES, "bytes waiting" },
		{ C_CLASS_BACKLOG_PACKETS, "packets waiting" },
		{ C_QDISC_LIMIT_PACKETS, "its limit" },
		{ C_QDISC_LIMIT_BYTES, "its limit" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		finding_evidence(finding, detection->series, rows[i].counter, object, rows[i].note);
}

static void shaper_evidence(struct detection *detection, struct finding *finding, uint32_t shaper)
{
	if (!shaper)
		return;
	finding_evidence(finding, detection->series, C_QDISC_OVERLIMITS, shaper, "it held packets back");
	finding_evidence(finding, detection->series, C_CLASS_OVERLIMITS, shaper, "it held packets back");
	finding_evidence(finding, detection->series, C_QDISC_RATE_BYTES_PER_SECOND, shaper, "the rate it allows");
	finding_evidence(finding, detection->series, C_CLASS_RATE_BYTES_PER_SECOND, shaper, "the rate it is promised");
	finding_evidence(finding, detection->series, C_CLASS_CEIL_BYTES_PER_SECOND, shaper, "the rate it allows");
}

/* A queue that cuts large buffers into segments before it puts them into itself or into those below: drops are segments. */
static bool cuts_buffers(const struct detection *detection, uint32_t object)
{
	static const char *const cutters[] = { "cake", "tbf" };

	for (int depth = 0; object && depth < 16; depth++) {
		const struct object *node = object_get(detection->objects, object);

		if (text_is_one_of(object_text(node, LABEL_KIND), cutters, ARRAY_SIZE(cutters)))
			return true;
		object = node->parent;
	}
	return false;
}

#define FULL_SEGMENT 1000      /* bytes on average: below that segments are not what large buffers were cut into */
#define BUFFER_SEGMENTS_MAX 45 /* 64 KB */

static bool holds_small_ones(const struct detection *detection, uint32_t object)
{
	const struct series *series = detection->series;
	uint64_t bytes =
		series_increase(series, C_QDISC_BYTES, object) + series_increase(series, C_CLASS_BYTES, object);
	uint64_t packets =
		series_increase(series, C_QDISC_PACKETS, object) + series_increase(series, C_CLASS_PACKETS, object);

	return bytes && bytes < FULL_SEGMENT * packets;
}

static uint64_t increase_of(const struct series *series, counter_id counter, uint32_t netns)
{
	return netns ? series_increase(series, counter, netns) : series_increase_in(series, counter, OBJECT_HOST_ID);
}

/* TCP counts segments, IP what TCP handed to it. Acknowledgements are buffers too: those with data hold more. */
uint64_t detect_buffer_segments(const struct detection *detection, uint32_t object, uint32_t netns)
{
	const struct series *series = detection->series;
	uint64_t segments = increase_of(series, C_TCP_OUT_SEGS, netns);
	uint64_t buffers =
		increase_of(series, C_IP_OUT_REQUESTS, netns) + increase_of(series, C_IP6_OUT_REQUESTS, netns);
	uint64_t others =
		increase_of(series, C_UDP_OUT_DATAGRAMS, netns) + increase_of(series, C_UDP6_OUT_DATAGRAMS, netns);

	if (buffers <= others || cuts_buffers(detection, object) || holds_small_ones(detection, object))
		return 1;
	buffers -= others;
	segments = (segments + buffers / 2) / buffers;
	if (segments > BUFFER_SEGMENTS_MAX)
		return BUFFER_SEGMENTS_MAX;
	return segments ? segments : 1;
}

static void queue_finding(struct detection *detection, counter_id drops, counter_id packets, uint32_t object)
{
	uint32_t shaper = shaper_above(detection, object);
	enum cause cause = queue_cause(detection, object, shaper);
	struct finding *finding = detect_add(detection, cause, object, UNIT_SKBS, DIRECTION_EGRESS);

	detect_claim(detection, finding, drops, object, UINT64_MAX);
	finding->skbs = finding->packets;
	detect_pass(detection, finding, packets, object);
	if (finding->passed != PASSED_UNKNOWN) /* in buffers, as the drops */
		finding->passed /= detect_buffer_segments(detection, object, OBJECT_HOST_ID);
	queue_evidence(detection, finding, object);
	if (cause == CAUSE_SHAPER_LIMIT)
		shaper_evidence(detection, finding, shaper);
}

static void each_queue(struct detection *detection, counter_id drops, counter_id packets)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, drops, i, cell) {
		if (ledger_left(detection->ledger, drops, cell->object))
			queue_finding(detection, drops, packets, cell->object);
	}
}

static void ingress_filters(struct detection *detection)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_TC_INGRESS_DROPS, i, cell) {
		const struct object *qdisc = object_get(detection->objects, cell->object);
		struct finding *finding;

		if (!ledger_left(detection->ledger, C_TC_INGRESS_DROPS, cell->object))
			continue;
		finding = detect_add(detection, CAUSE_TC_DROP, qdisc->link ? qdisc->link : cell->object, UNIT_SKBS,
				     DIRECTION_INGRESS);
		detect_claim(detection, finding, C_TC_INGRESS_DROPS, cell->object, UINT64_MAX);
		detect_pass(detection, finding, C_TC_INGRESS_PACKETS, cell->object);
		finding_next(finding, "tc -s filter show dev {ifname} ingress (which filter or action)");
	}
}

void detect_queues(struct detection *detection)
{
	each_queue(detection, C_QDISC_DROPS, C_QDISC_PACKETS);
	each_queue(detection, C_CLASS_DROPS, C_CLASS_PACKETS);
	ingress_filters(detection);
}
