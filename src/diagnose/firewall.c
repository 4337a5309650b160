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

/* Rules on bridged frames are their own trade: neither IP's counters nor its hooks say anything about them. */
bool detect_is_bridge_rule(const struct object *rule)
{
	return strncmp(object_text(rule, LABEL_TABLE), "bridge ", strlen("bridge ")) == 0;
}

uint64_t detect_bridge_filtered(const struct detection *detection, uint32_t netns)
{
	static const counter_id counted[] = { C_RULE_PACKETS, C_NAMED_COUNTER_DROPS, C_CHAIN_POLICY_COUNTED };
	uint64_t sum = 0;

	for (size_t c = 0; c < ARRAY_SIZE(counted); c++) {
		const struct cell *cell;
		size_t i;

		series_each(detection->series, counted[c], i, cell) {
			const struct object *rule = object_get(detection->objects, cell->object);

			if (rule->netns == netns && detect_is_bridge_rule(rule))
				sum += cell->increase;
		}
	}
	return sum;
}

uint32_t detect_bridge_suspect(const struct detection *detection, uint32_t netns)
{
	static const counter_id facts[] = { C_RULE_UNCOUNTED, C_CHAIN_POLICY_DROP };

	for (size_t f = 0; f < ARRAY_SIZE(facts); f++) {
		const struct cell *cell;
		size_t i;

		series_each(detection->series, facts[f], i, cell) {
			const struct object *rule = object_get(detection->objects, cell->object);

			if (rule->netns == netns && detect_is_bridge_rule(rule) &&
			    !series_cell(detection->series, C_CHAIN_POLICY_COUNTED, rule->id))
				return rule->id;
		}
	}
	return OBJECT_HOST_ID;
}

/* What came in at the ports of the namespace's bridges. */
static uint64_t bridged(const struct detection *detection, uint32_t netns)
{
	const struct cell *cell;
	uint64_t sum = 0;
	size_t i;

	series_each(detection->series, C_LINK_BRIDGE_PORT_STATE, i, cell) {
		if (object_get(detection->objects, cell->object)->netns == netns)
			sum += series_increase(detection->series, C_LINK_RX_PACKETS, cell->object);
	}
	return sum;
}

static bool is_same_rule(const struct object *a, const struct object *b)
{
	return a->netns == b->netns && a->key.kind == b->key.kind &&
	       strcmp(object_text(a, LABEL_NAME), object_text(b, LABEL_NAME)) == 0 &&
	       strcmp(object_text(a, LABEL_TEXT), object_text(b, LABEL_TEXT)) == 0;
}

/* What the same rule dropped before its ruleset was loaded again in the window: to people it is one rule. */
static struct finding *finding_before_reload(const struct detection *detection, const struct object *rule,
					     enum cause cause)
{
	struct finding **slot;

	if (!rule->born)
		return NULL;
	vec_each(&detection->found->list, slot) {
		if ((*slot)->cause == cause && is_same_rule(object_get(detection->objects, (*slot)->object), rule))
			return *slot;
	}
	return NULL;
}

static void rule_finding(struct detection *detection, counter_id counter, uint32_t rule, enum cause cause)
{
	const struct object *object = object_get(detection->objects, rule);
	bool egress = is_egress(object);
	struct finding *finding = finding_before_reload(detection, object, cause);

	if (!finding)
		finding = detect_add(detection, cause, rule, UNIT_SKBS, egress ? DIRECTION_EGRESS : DIRECTION_INGRESS);
	detect_claim(detection, finding, counter, rule, UINT64_MAX);
	if (detect_is_bridge_rule(object))
		detect_passed(finding, bridged(detection, object->netns));
	else
		detect_passed(finding, handled(detection, object->netns, egress));
}

static enum cause plain_cause(const struct detection *detection, uint32_t rule, enum cause cause)
{
	return detect_is_bridge_rule(object_get(detection->objects, rule)) ? CAUSE_BRIDGE_FILTER_DROP : cause;
}

static enum cause rule_cause(const struct detection *detection, const struct backend *backend, uint32_t rule)
{
	if (series_last(detection->series, backend->invalid, rule))
		return CAUSE_CONNTRACK_INVALID_DROP;
	if (series_last(detection->series, backend->limit, rule))
		return CAUSE_RATE_LIMIT_DROP;
	return plain_cause(detection, rule, CAUSE_FIREWALL_RULE_DROP);
}

static void each_left(struct detection *detection, counter_id counter, enum cause cause)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, counter, i, cell) {
		if (ledger_left(detection->ledger, counter, cell->object))
			rule_finding(detection, counter, cell->object, plain_cause(detection, cell->object, cause));
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

/*
 * NAT chooses among the ports of its rule for each destination; when nearly as many connections as ports are tracked, new
 * ones collide although nobody raced. With fewer they cannot: there is always a free port.
 */
#define PORTS_USED_PERCENT 90
#define NAT_PORTS 64512 /* 1024 to 65535: what a rule without a range may use */
#define PORTS_FAILED 10 /* a race loses one packet or two */

struct nat_rule {
	uint32_t rule; /* OBJECT_HOST_ID: none */
	counter_id counter;
	uint64_t ports;
};

static void find_nat(const struct detection *detection, uint32_t netns, counter_id counter, struct nat_rule *ret)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, counter, i, cell) {
		const struct object *rule = object_get(detection->objects, cell->object);
		uint64_t ports = counter == C_RULE_NAT_PORTS ? cell->last : NAT_PORTS;

		if (rule->netns != netns || !strstr(object_text(rule, LABEL_HOOK), "postrouting") ||
		    ports >= ret->ports)
			continue;
		*ret = (struct nat_rule){ cell->object, counter, ports };
	}
}

static bool nat_finding(struct detection *detection, uint32_t netns)
{
	const struct cell *count = series_cell(detection->series, C_CONNTRACK_COUNT, netns);
	struct nat_rule nat = { .rule = OBJECT_HOST_ID, .ports = UINT64_MAX };
	uint64_t failed = ledger_left(detection->ledger, C_CONNTRACK_INSERT_FAILED, netns);
	struct finding *finding;

	find_nat(detection, netns, C_RULE_NAT_PORTS, &nat);
	find_nat(detection, netns, C_LEGACY_RULE_NAT, &nat);
	if (failed < PORTS_FAILED || nat.rule == OBJECT_HOST_ID || !count || table_was_full(detection, netns) ||
	    count->high * 100 < nat.ports * PORTS_USED_PERCENT)
		return false;
	finding = detect_add(detection, CAUSE_NAT_PORTS_EXHAUSTED, netns, UNIT_SKBS, DIRECTION_EGRESS);
	detect_claim(detection, finding, C_CONNTRACK_INSERT_FAILED, netns, UINT64_MAX);
	detect_passed(finding, handled(detection, netns, false) + handled(detection, netns, true));
	finding->confidence = CONFIDENCE_LIKELY; /* connections are counted together, not by destination */
	finding_evidence(finding, detection->series, C_CONNTRACK_COUNT, netns, "connections tracked");
	finding_evidence(finding, detection->series, nat.counter, nat.rule,
			 nat.counter == C_RULE_NAT_PORTS ? "ports the rule may use for each destination"
							 : "it may use ports 1024 to 65535 for each destination");
	return true;
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
		if (!nat_finding(detection, cell->object))
			conntrack_finding(detection, cell->object, C_CONNTRACK_INSERT_FAILED,
					  CAUSE_CONNTRACK_INSERT_FAILED);
		if (table_was_full(detection, cell->object))
			conntrack_finding(detection, cell->object, C_CONNTRACK_DROP, CAUSE_CONNTRACK_TABLE_FULL);
		else
			conntrack_finding(detection, cell->object, C_CONNTRACK_DROP, CAUSE_CONNTRACK_INSERT_FAILED);
	}
}
