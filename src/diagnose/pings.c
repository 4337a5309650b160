/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pings of this host that got no answer, as a sign of loss beyond it: the kernel counts echo requests as they are sent and
 * what comes back as it arrives (net/ipv4/icmp.c, net/ipv6/icmp.c). It keeps no addresses, so silence proves little:
 * it is judged only where most pings were answered, nothing on this host lost as many, and none was sent to learn the
 * hops of a path, which often do not answer.
 */
#include "diagnose/detection.h"
#include "diagnose/rise.h"

#include "base/alloc.h"

#define ANSWERED_SHARE 0.5 /* below it the peer may answer no pings at all, or somebody looks for hosts */
#define BEGAN_MS 300	   /* pings whose first came later began in the window */
#define ON_THE_WAY_MS 1000 /* a ping or its answer may be on its way so long */

static const struct family {
	counter_id sent, answered, hop_limit, unreachable, damaged;
} families[] = {
	{ C_ICMP_OUT_ECHOS, C_ICMP_IN_ECHO_REPS, C_ICMP_IN_TIME_EXCDS, C_ICMP_IN_DEST_UNREACHS, C_ICMP_IN_CSUM_ERRORS },
	{ C_ICMP6_OUT_ECHOS, C_ICMP6_IN_ECHO_REPLIES, C_ICMP6_IN_TIME_EXCDS, C_ICMP6_IN_DEST_UNREACHS,
	  C_ICMP6_IN_CSUM_ERRORS },
};

/* What this host lost, wherever: any of it may have been a ping or its answer. */
static uint64_t lost_here(const struct detection *detection)
{
	struct finding **slot;
	uint64_t sum = 0;

	vec_each(&detection->found->list, slot) {
		const struct cause_row *row = cause_get((*slot)->cause);

		if (row->class == CAUSE_LOSS && row->domain != DOMAIN_PATH)
			sum += (*slot)->packets;
	}
	return sum;
}

/* Whether connections or probes of the namespace tell of loss beyond this host already: they know whose it is. */
static bool is_known(const struct detection *detection, uint32_t netns)
{
	struct finding **slot;

	vec_each(&detection->found->list, slot) {
		const struct cause_row *row = cause_get((*slot)->cause);
		const struct object *object = object_get(detection->objects, (*slot)->object);

		if (row->class == CAUSE_LOSS && row->domain == DOMAIN_PATH &&
		    ((*slot)->unit == UNIT_SEGMENTS || object->key.kind == OBJECT_ADDRESS) &&
		    (object->id == netns || object->netns == netns))
			return true;
	}
	return false;
}

/*
 * From when on pings and answers can be held against each other. As many answers to earlier pings are on their way at the
 * window's start as to the last ones at its end, unless the pings began in the window and were still going on at its end.
 */
static uint32_t judged_from_ms(const struct detection *detection, const struct cell *sent)
{
	double window_ms = series_seconds(detection->series) * 1000;
	uint32_t began_ms, ended_ms;

	if (!sent->points.count)
		return 0;
	began_ms = sent->points.data[0].time_ms;
	ended_ms = sent->points.data[sent->points.count - 1].time_ms;
	return began_ms > BEGAN_MS && ended_ms + ON_THE_WAY_MS > window_ms ? began_ms + ON_THE_WAY_MS : 0;
}

static void judge(struct detection *detection, const struct family *family, const struct cell *sent)
{
	const counter_id answers[] = { family->answered, family->unreachable, family->damaged };
	const struct series *series = detection->series;
	uint32_t netns = sent->object, from_ms = judged_from_ms(detection, sent);
	uint64_t pings = increase_between(series, family->sent, netns, from_ms, UINT32_MAX), answered = 0, here;
	struct finding *finding;

	for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
		answered += increase_between(series, answers[i], netns, from_ms, UINT32_MAX);
	here = lost_here(detection);
	if (answered + here >= pings || (double)answered < ANSWERED_SHARE * (double)pings ||
	    series_increase(series, family->hop_limit, netns) || is_known(detection, netns))
		return;
	finding = detect_add(detection, CAUSE_REMOTE_LOSS, netns, UNIT_PACKETS, DIRECTION_EGRESS);
	finding->packets = pings - answered - here;
	finding->at_least = from_ms || here;
	finding->confidence = CONFIDENCE_POSSIBLE;
	finding->detail = mem_strdup("pings stayed unanswered; a peer that limits its answers looks the same");
	detect_pass(detection, finding, family->answered, netns);
	finding_evidence(finding, series, family->sent, netns, "pings that were sent");
	finding_evidence(finding, series, family->answered, netns, "answers that came");
}

void detect_pings(struct detection *detection)
{
	for (size_t f = 0; f < ARRAY_SIZE(families) && !detection->options->target; f++) {
		const struct cell *cell;
		size_t i;

		series_each(detection->series, families[f].sent, i, cell)
			judge(detection, &families[f], cell);
	}
}
