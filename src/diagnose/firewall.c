/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Firewall rules and policies that count what they drop, and connection
 * tracking. A rule is one finding each, because each has its own owner and its
 * own remedy. Rules that do not count are judged in silent.c.
 */
#include "diagnose/detection.h"

#include "base/alloc.h"

#include <string.h>

/* One backend's counters: nftables and legacy iptables say the same things in rows of their own. */
struct backend {
	counter_id packets, limit, invalid;
};

static const struct backend backends[] = {
	{ C_RULE_PACKETS, C_RULE_LIMIT, C_RULE_CT_INVALID },
	{ C_LEGACY_RULE_PACKETS, C_LEGACY_RULE_LIMIT, C_LEGACY_RULE_CT_INVALID },
};

static bool is_egress(const struct object *rule)
{
	const char *hook = object_text(rule, LABEL_HOOK);

	return strstr(hook, "output") || strstr(hook, "postrouting") || strstr(hook, "egress");
}

/* Packets that the namespace handled in that direction, to compare with. */
static uint64_t handled(const struct detection *detection, uint32_t netns, bool egress)
{
	counter_id v4 = egress ? C_IP_OUT_REQUESTS : C_IP_IN_RECEIVES;
	counter_id v6 = egress ? C_IP6_OUT_REQUESTS : C_IP6_IN_RECEIVES;

	return series_increase(detection->series, v4, netns) + series_increase(detection->series, v6, netns);
}

static void rule_finding(struct detection *detection, counter_id counter, uint32_t rule, enum cause cause)
{
	const struct object *object = object_get(detection->objects, rule);
	bool egress = is_egress(object);
	struct finding *finding =
		detect_add(detection, cause, rule, UNIT_SKBS, egress ? DIRECTION_EGRESS : DIRECTION_INGRESS);
	detect_claim(detection, finding, counter, rule, UINT64_MAX);
	detect_passed(finding, handled(detection, object->netns, egress));
}

static enum cause rule_cause(const struct detection *detection, const struct backend *backend, uint32_t rule)
{
	if (series_last(detection->series, backend->invalid, rule))
		return CAUSE_CONNTRACK_INVALID_DROP;
	if (series_last(detection->series, backend->limit, rule))
		return CAUSE_RATE_LIMIT_DROP;
	return CAUSE_FIREWALL_RULE_DROP;
}

static void each_left(struct detection *detection, counter_id counter, enum cause cause)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, counter, i, cell) {
		if (ledger_left(detection->ledger, counter, cell->object))
			rule_finding(detection, counter, cell->object, cause);
	}
}

void detect_firewall(struct detection *detection)
{
	for (size_t b = 0; b < ARRAY_SIZE(backends); b++) {
		const struct cell *cell;
		size_t i;

		series_each(detection->series, backends[b].packets, i, cell) {
			if (ledger_left(detection->ledger, backends[b].packets, cell->object))
				rule_finding(detection, backends[b].packets, cell->object,
					     rule_cause(detection, &backends[b], cell->object));
		}
	}
	each_left(detection, C_NAMED_COUNTER_DROPS, CAUSE_FIREWALL_RULE_DROP);
	each_left(detection, C_CHAIN_POLICY_COUNTED, CAUSE_FIREWALL_POLICY_DROP);
	each_left(detection, C_CHAIN_POLICY_PACKETS, CAUSE_FIREWALL_POLICY_DROP);
}

/* Above this share of its limit the table counts as full at the moment of a drop: it is sampled, not watched. */
#define TABLE_FULL_PERCENT 95

static bool table_was_full(const struct detection *detection, uint32_t netns)
{
	const struct cell *count = series_cell(detection->series, C_CONNTRACK_COUNT, netns);
	uint64_t most = series_last(detection->series, C_CONNTRACK_MAX, netns);

	if (!most)
		most = series_last(detection->series, C_CONNTRACK_MAX, OBJECT_HOST_ID);
	return count && most && count->high * 100 >= most * TABLE_FULL_PERCENT;
}

static void conntrack_finding(struct detection *detection, uint32_t netns, counter_id counter, enum cause cause)
{
	struct finding *finding;

	if (!ledger_left(detection->ledger, counter, netns))
		return;
	finding = detect_add(detection, cause, netns, UNIT_SKBS, DIRECTION_INGRESS);
	detect_claim(detection, finding, counter, netns, UINT64_MAX);
	detect_passed(finding, handled(detection, netns, false));
	finding_evidence(finding, detection->series, C_CONNTRACK_COUNT, netns, "connections tracked");
	finding_evidence(finding, detection->series, C_CONNTRACK_MAX, netns, "the limit");
	finding_evidence(finding, detection->series, C_CONNTRACK_EARLY_DROP, netns, NULL);
	finding_evidence(finding, detection->series, C_CONNTRACK_INSERT_FAILED, netns, NULL);
}

void detect_conntrack(struct detection *detection)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_CONNTRACK_DROP, i, cell) {
		conntrack_finding(detection, cell->object, C_CONNTRACK_CHAINTOOLONG, CAUSE_CONNTRACK_CHAIN_TOO_LONG);
		conntrack_finding(detection, cell->object, C_CONNTRACK_INSERT_FAILED, CAUSE_CONNTRACK_INSERT_FAILED);
		if (table_was_full(detection, cell->object))
			conntrack_finding(detection, cell->object, C_CONNTRACK_DROP, CAUSE_CONNTRACK_TABLE_FULL);
		else
			conntrack_finding(detection, cell->object, C_CONNTRACK_DROP, CAUSE_CONNTRACK_INSERT_FAILED);
	}
}
