/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Causes that one counter names by itself (rules.def), and bad IP headers, which an expired TTL moves as well. */
#include "diagnose/detection.h"

#include "base/alloc.h"

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

/* The finding of that cause in that namespace from these rules, made when there is none yet. */
static struct finding *rule_finding(struct detection *detection, const struct rule *rule, uint32_t object)
{
	struct finding **existing, *finding;

	vec_each(&detection->found->list, existing) {
		if ((*existing)->cause == rule->cause && (*existing)->object == object)
			return *existing;
	}
	finding = detect_add(detection, rule->cause, object, counter_get(rule->counter)->unit, rule->direction);
	finding->passed = series_increase(detection->series, rule->passed, object);
	return finding;
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
	struct finding *finding;

	if (!ledger_left(detection->ledger, counter, netns))
		return;
	finding = detect_add(detection, expired ? CAUSE_TTL_EXPIRED : CAUSE_IP_HEADER_ERROR, netns, UNIT_SKBS,
			     DIRECTION_INGRESS);
	detect_claim(detection, finding, counter, netns, UINT64_MAX);
	finding->passed =
		series_increase(detection->series, v6 ? C_IP6_IN_DELIVERS : C_IP_IN_DELIVERS, netns) +
		series_increase(detection->series, v6 ? C_IP6_OUT_FORW_DATAGRAMS : C_IP_FORW_DATAGRAMS, netns);
	finding_evidence(finding, detection->series, answers, netns, "answers sent (rate limited)");
}

void detect_rules(struct detection *detection)
{
	for (size_t r = 0; r < ARRAY_SIZE(rules); r++) {
		const struct cell *cell;
		size_t i;

		series_each(detection->series, rules[r].counter, i, cell)
		{
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
}
