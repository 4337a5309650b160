/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Causes that one counter names by itself (rules.def), and bad IP headers, which an expired TTL moves as well. */
#include "diagnose/detection.h"

#include "base/alloc.h"

#define MEMORY_FULL_PERCENT 90 /* of the limit for fragments, at a moment that was sampled */

static const struct rule {
	counter_id counter;
	enum cause cause;
	enum direction direction;
	counter_id passed;
} rules[] = {
#define RULE(counter, cause, direction, passed) { C_##counter, CAUSE_##cause, DIRECTION_##direction, C_##passed },
#include "diagnose/rules.def"
#undef RULE
};

static struct finding *existing_finding(const struct detection *detection, enum cause cause, uint32_t object)
{
	struct finding **existing;

	vec_each(&detection->found->list, existing) {
		if ((*existing)->cause == cause && (*existing)->object == object)
			return *existing;
	}
	return NULL;
}

/* The finding of that cause in that namespace from these rules, made when there is none yet. */
static struct finding *rule_finding(struct detection *detection, const struct rule *rule, uint32_t object)
{
	struct finding *finding = existing_finding(detection, rule->cause, object);

	if (finding)
		return finding;
	finding = detect_add(detection, rule->cause, object, counter_get(rule->counter)->unit, rule->direction);
	detect_pass(detection, finding, rule->passed, object);
	return finding;
}

/* A loop makes each packet come in and go out through the same device many times before it expires. */
#define LOOP_TURNS 8
#define TURNS_MAX 255 /* a packet comes by no more often than its hops allow: beyond that it is other traffic */

static void loop(struct detection *detection, struct finding *finding, uint32_t netns, bool v6)
{
	uint64_t forwarded =
		series_increase(detection->series, v6 ? C_IP6_OUT_FORW_DATAGRAMS : C_IP_FORW_DATAGRAMS, netns);
	const struct cell *cell;
	size_t i;

	if (forwarded < finding->packets * LOOP_TURNS || forwarded > finding->packets * TURNS_MAX)
		return;
	series_each(detection->series, C_LINK_RX_PACKETS, i, cell) {
		uint64_t sent = series_increase(detection->series, C_LINK_TX_PACKETS, cell->object);
		struct because *because;

		if (object_get(detection->objects, cell->object)->netns != netns || cell->increase < forwarded / 2 ||
		    sent < forwarded / 2)
			continue;
		because = finding_because(finding, CAUSE_ROUTING_LOOP, cell->object);
		because_evidence(because, detection->series, C_LINK_RX_PACKETS, cell->object, "came in here");
		because_evidence(because, detection->series, C_LINK_TX_PACKETS, cell->object, "went out here again");
		because_evidence(because, detection->series, v6 ? C_IP6_OUT_FORW_DATAGRAMS : C_IP_FORW_DATAGRAMS, netns,
				 NULL);
		return;
	}
}

/*
 * ip_forward() and ip6_forward() count an expired TTL as a header error and answer it, as often as the ICMP rate
 * limit lets them: InHdrErrors is the number, OutTimeExcds only tells what it was.
 */
static void header_errors(struct detection *detection, uint32_t netns, bool v6)
{
	counter_id counter = v6 ? C_IP6_IN_HDR_ERRORS : C_IP_IN_HDR_ERRORS;
	counter_id answers = v6 ? C_ICMP6_OUT_TIME_EXCDS : C_ICMP_OUT_TIME_EXCDS;
	bool expired = series_increase(detection->series, answers, netns);
	enum cause cause = expired ? CAUSE_TTL_EXPIRED : CAUSE_IP_HEADER_ERROR;
	struct finding *finding;

	if (!ledger_left(detection->ledger, counter, netns))
		return;
	finding = existing_finding(detection, cause, netns);
	if (!finding)
		finding = detect_add(detection, cause, netns, UNIT_SKBS, DIRECTION_INGRESS);
	detect_claim(detection, finding, counter, netns, UINT64_MAX);
	finding->passed =
		series_increase(detection->series, v6 ? C_IP6_IN_DELIVERS : C_IP_IN_DELIVERS, netns) +
		series_increase(detection->series, v6 ? C_IP6_OUT_FORW_DATAGRAMS : C_IP_FORW_DATAGRAMS, netns);
	finding_evidence(finding, detection->series, answers, netns, "answers sent (rate limited)");
	if (expired)
		loop(detection, finding, netns, v6);
}

/*
 * Why datagrams were not put together: their memory was full, or their rest never came and they waited in vain
 * (ReasmTimeout).
 */
static void reassembly_because(struct detection *detection, struct finding *finding)
{
	static const struct {
		counter_id level, limit, timeouts;
	} families[] = {
		{ C_SOCKSTAT_FRAG_MEMORY, C_SYSCTL_IPFRAG_HIGH_THRESH, C_IP_REASM_TIMEOUT },
		{ C_SOCKSTAT_FRAG6_MEMORY, C_SYSCTL_IP6FRAG_HIGH_THRESH, C_IP6_REASM_TIMEOUT },
	};

	for (size_t f = 0; f < ARRAY_SIZE(families); f++) {
		const struct cell *level = series_cell(detection->series, families[f].level, finding->object);
		uint64_t limit = series_last(detection->series, families[f].limit, finding->object);
		uint64_t timeouts = series_increase(detection->series, families[f].timeouts, finding->object);
		struct because *because = NULL;

		if (level && limit && level->high * 100 >= limit * MEMORY_FULL_PERCENT)
			because = finding_because(finding, CAUSE_FRAGMENT_MEMORY_FULL, finding->object);
		else if (timeouts)
			because = finding_because(finding, CAUSE_FRAGMENTS_MISSING, finding->object);
		if (!because)
			continue;
		because_evidence(because, detection->series, families[f].timeouts, finding->object, NULL);
		because_evidence(because, detection->series, families[f].level, finding->object, "memory in use");
		because_evidence(because, detection->series, families[f].limit, finding->object, "its limit");
		return;
	}
}

void detect_rules(struct detection *detection)
{
	struct finding **finding;

	for (size_t r = 0; r < ARRAY_SIZE(rules); r++) {
		const struct cell *cell;
		size_t i;

		series_each(detection->series, rules[r].counter, i, cell) {
			if (!ledger_left(detection->ledger, rules[r].counter, cell->object))
				continue;
			detect_claim(detection, rule_finding(detection, &rules[r], cell->object), rules[r].counter,
				     cell->object, UINT64_MAX);
		}
	}
	for (uint32_t id = 0; id < objects_count(detection->objects); id++) {
		if (object_get(detection->objects, id)->key.kind != OBJECT_NETNS)
			continue;
		header_errors(detection, id, false);
		header_errors(detection, id, true);
	}
	vec_each(&detection->found->list, finding) {
		if ((*finding)->cause == CAUSE_FRAGMENT_REASSEMBLY_FAILED)
			reassembly_because(detection, *finding);
		/* What raw sockets had no room for is counted so, too. */
		if ((*finding)->cause == CAUSE_UNKNOWN_IP_PROTOCOL &&
		    !detect_observed(detection, SOURCE_RAW, (*finding)->object))
			(*finding)->confidence = CONFIDENCE_LIKELY;
	}
}
