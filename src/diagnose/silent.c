/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets that vanish between two IP counters: received and neither delivered,
 * forwarded nor counted, or requested and not sent. The suspects are the things
 * that drop without counting: firewall rules without a counter, policies of
 * nftables, blackhole routes, impossible source addresses, multicast that
 * nobody joined. With one suspect it is likely; with several they are all named.
 */
#include "diagnose/detection.h"

#include "base/alloc.h"

#include <string.h>

struct silent {
	struct detection *detection;
	uint32_t netns;
	bool egress;
	uint64_t packets; /* lower bound of what is still unexplained */
};

struct silences {
	VEC(struct silent) list;
};

static void silences_add(struct silences *silences, const struct silent *silent)
{
	struct silent *added = silent->packets ? vec_add(&silences->list, OBJECTS_MAX) : NULL;

	if (added)
		*added = *silent;
}

enum hooks { HOOKS_IN, HOOKS_OUT, HOOKS_FORWARD };

static bool hook_is(const struct object *object, enum hooks hooks)
{
	const char *hook = object_text(object, LABEL_HOOK);

	if (detect_is_bridge_rule(object))
		return false; /* frames that IP never saw */
	switch (hooks) {
	case HOOKS_IN:
		return strstr(hook, "prerouting") || strstr(hook, "input");
	case HOOKS_OUT:
		return strstr(hook, "output") || strstr(hook, "postrouting");
	case HOOKS_FORWARD:
		return strstr(hook, "forward");
	}
	return false;
}

/* A rule at the forward hook loses on the way in or on the way out, depending on where the kernel counts forwarding. */
static bool hook_matches(const struct object *object, bool egress)
{
	return hook_is(object, egress ? HOOKS_OUT : HOOKS_IN) || hook_is(object, HOOKS_FORWARD);
}

/* A count of what is missing from the balance, and what it may lag behind it. */
static uint64_t with_skew(const struct detection *detection, const struct cell *cell, uint32_t netns)
{
	const struct cell *all = series_cell(detection->series, C_IP_IN_RECEIVES, netns);

	return cell->increase + (all ? ledger_skew(detection->series, cell, all) : 0);
}

static bool queues_at(const struct detection *detection, uint32_t netns, enum hooks hooks)
{
	static const counter_id queues[] = { C_RULE_QUEUE, C_LEGACY_RULE_QUEUE };

	for (size_t q = 0; q < ARRAY_SIZE(queues); q++) {
		const struct cell *cell;
		size_t i;

		series_each(detection->series, queues[q], i, cell) {
			const struct object *rule = object_get(detection->objects, cell->object);

			if (cell->last && rule->netns == netns && hook_is(rule, hooks))
				return true;
		}
	}
	return false;
}

/* What IPsec policies and netfilter queues dropped there: IP counts none of it. */
static uint64_t counted_elsewhere(const struct detection *detection, uint32_t netns, enum hooks hooks)
{
	static const counter_id arriving[] = { C_XFRM_IN_NO_POLS, C_XFRM_IN_POL_BLOCK, C_XFRM_IN_TMPL_MISMATCH,
					       C_XFRM_IN_POL_ERROR, C_XFRM_FWD_HDR_ERROR };
	uint64_t sum = 0;

	for (size_t i = 0; hooks == HOOKS_IN && i < ARRAY_SIZE(arriving); i++)
		sum += series_increase(detection->series, arriving[i], netns);
	if (queues_at(detection, netns, hooks))
		sum += series_increase_in(detection->series, C_NFQUEUE_DROPPED, netns) +
		       series_increase_in(detection->series, C_NFQUEUE_USER_DROPPED, netns);
	return sum;
}

/* What counting rules of the namespace at those hooks already explain of a silent loss. */
static uint64_t counted_drops(const struct detection *detection, uint32_t netns, enum hooks hooks)
{
	static const counter_id counted[] = { C_RULE_PACKETS, C_LEGACY_RULE_PACKETS, C_NAMED_COUNTER_DROPS,
					      C_CHAIN_POLICY_COUNTED, C_CHAIN_POLICY_PACKETS };
	uint64_t sum = counted_elsewhere(detection, netns, hooks);

	for (size_t c = 0; c < ARRAY_SIZE(counted); c++) {
		const struct cell *cell;
		size_t i;

		series_each(detection->series, counted[c], i, cell) {
			const struct object *object = object_get(detection->objects, cell->object);

			if (object->netns == netns && hook_is(object, hooks))
				sum += with_skew(detection, cell, netns);
		}
	}
	return sum;
}

/* Without IP's notice, on the way in or on the way out. */
static uint64_t refused_by_conntrack(const struct detection *detection, uint32_t netns)
{
	const struct cell *cell = series_cell(detection->series, C_CONNTRACK_DROP, netns);

	return cell && cell->increase ? with_skew(detection, cell, netns) : 0;
}

#define SUSPECTS_MAX 64

struct suspect {
	enum cause cause;
	counter_id fact;
};

struct suspects {
	uint32_t objects[SUSPECTS_MAX]; /* the first is of the best kind */
	struct suspect list[SUSPECTS_MAX];
	uint32_t count; /* may be more than there is room for */
};

/* A policy that counts, and did so all the time, says how many it dropped: they are taken off already. */
static bool counts_itself(const struct detection *detection, const struct cell *fact)
{
	const struct cell *counted = series_cell(detection->series, C_CHAIN_POLICY_COUNTED, fact->object);

	return fact->counter == C_CHAIN_POLICY_DROP && counted && counted->first_ns <= fact->first_ns &&
	       !(counted->state & CELL_RESET);
}

static void suspect_each(const struct silent *silent, counter_id fact, enum cause cause, struct suspects *ret)
{
	const struct detection *detection = silent->detection;
	const struct cell *cell;
	size_t i;

	series_each(detection->series, fact, i, cell) {
		const struct object *object = object_get(detection->objects, cell->object);
		bool route = object->key.kind == OBJECT_ROUTE;

		if (object->netns != silent->netns || !cell->last || (!route && !hook_matches(object, silent->egress)))
			continue;
		if (route ? !detect_told_of_cause(detection, silent->netns, cause)
			  : !detect_told_of_rule(detection, object))
			continue;
		if ((route && strcmp(object_text(object, LABEL_KIND), "throw") == 0) || counts_itself(detection, cell))
			continue;
		if (ret->count < SUSPECTS_MAX) {
			ret->objects[ret->count] = object->id;
			ret->list[ret->count] = (struct suspect){ cause, fact };
		}
		ret->count++;
	}
}

/* Drops by a rule without a counter, by a policy, or by a route. */
static void suspects_find(const struct silent *silent, struct suspects *ret)
{
	suspect_each(silent, C_RULE_UNCOUNTED, CAUSE_FIREWALL_RULE_DROP, ret);
	suspect_each(silent, C_CHAIN_POLICY_DROP, CAUSE_FIREWALL_POLICY_DROP, ret);
	if (silent->egress)
		return;
	suspect_each(silent, C_ROUTE_PRESENT, CAUSE_UNREACHABLE_ROUTE, ret);
	suspect_each(silent, C_ROUTE_RULE_PRESENT, CAUSE_UNREACHABLE_ROUTE, ret);
}

static void silent_evidence(struct silent *silent, struct finding *finding)
{
	static const counter_id in[] = { C_IP_IN_RECEIVES,  C_IP_IN_DELIVERS,  C_IP_FORW_DATAGRAMS,
					 C_IP6_IN_RECEIVES, C_IP6_IN_DELIVERS, C_IP6_OUT_FORW_DATAGRAMS };
	static const counter_id out[] = { C_IP_OUT_REQUESTS,  C_IP_OUT_TRANSMITS,  C_IP_OUT_DISCARDS,
					  C_IP6_OUT_REQUESTS, C_IP6_OUT_TRANSMITS, C_IP6_OUT_DISCARDS };
	const counter_id *counters = silent->egress ? out : in;

	for (size_t i = 0; i < ARRAY_SIZE(in); i++) {
		if (series_increase(silent->detection->series, counters[i], silent->netns))
			finding_evidence(finding, silent->detection->series, counters[i], silent->netns, NULL);
	}
}

static struct finding *silent_finding(struct silent *silent, enum cause cause, uint32_t object, uint64_t packets)
{
	struct detection *detection = silent->detection;
	counter_id all4 = silent->egress ? C_IP_OUT_REQUESTS : C_IP_IN_RECEIVES;
	counter_id all6 = silent->egress ? C_IP6_OUT_REQUESTS : C_IP6_IN_RECEIVES;
	uint64_t all = series_increase(detection->series, all4, silent->netns) +
		       series_increase(detection->series, all6, silent->netns);
	struct finding *finding =
		detect_add(detection, cause, object, UNIT_SKBS, silent->egress ? DIRECTION_EGRESS : DIRECTION_INGRESS);

	ledger_add(detection->ledger, C_IP_SILENT, silent->netns, packets);
	ledger_claim(detection->ledger, C_IP_SILENT, silent->netns, packets);
	finding->packets = packets;
	finding->passed = all > packets ? all - packets : 0;
	finding->confidence = CONFIDENCE_LIKELY;
	silent_evidence(silent, finding);
	silent->packets -= packets;
	return finding;
}

static uint64_t least(uint64_t one, uint64_t other)
{
	return one < other ? one : other;
}

/*
 * Impossible source addresses: counted for the whole host only, by both families' silence here, and by what the kernel told
 * of drops here.
 */
static void martians(struct silent *silent)
{
	struct ledger *ledger = silent->detection->ledger;
	uint64_t seen = ledger_left(ledger, C_ROUTE_CACHE_IN_MARTIAN_SRC, OBJECT_HOST_ID);
	uint64_t packets = least(seen, silent->packets);
	const struct cell *cell;
	struct finding *finding;

	if (packets)
		packets = least(packets, detect_told_packets(silent->detection, silent->netns, CAUSE_MARTIAN_SOURCE));
	if (!packets)
		return;
	finding = silent_finding(silent, CAUSE_MARTIAN_SOURCE, silent->netns, packets);
	finding_evidence(finding, silent->detection->series, C_ROUTE_CACHE_IN_MARTIAN_SRC, OBJECT_HOST_ID, NULL);
	ledger_move_elsewhere(ledger, C_ROUTE_CACHE_IN_MARTIAN_SRC, OBJECT_HOST_ID, packets);
	cell = series_cell(silent->detection->series, C_ROUTE_CACHE_IN_MARTIAN_SRC, OBJECT_HOST_ID);
	if (cell && cell->increase + silent->packets <= with_skew(silent->detection, cell, silent->netns))
		silent->packets = 0;
}

/* Whether as many multicasts and broadcasts came to the namespace as are missing there. */
static bool may_be_multicast(const struct silent *silent)
{
	const struct series *series = silent->detection->series;

	return silent->packets <= series_increase(series, C_IP_EXT_IN_MCAST_PKTS, silent->netns) +
					  series_increase(series, C_IP_EXT_IN_BCAST_PKTS, silent->netns) +
					  series_increase(series, C_IP6_IN_MCAST_PKTS, silent->netns) +
					  series_increase_in(series, C_LINK_MULTICAST, silent->netns);
}

static void multicast(struct silent *silent)
{
	const struct series *series = silent->detection->series;
	struct finding *finding;

	if (!may_be_multicast(silent))
		return;
	finding = silent_finding(silent, CAUSE_MULTICAST_NOT_JOINED, silent->netns, silent->packets);
	finding_evidence(finding, series, C_IP_EXT_IN_MCAST_PKTS, silent->netns, NULL);
	finding_evidence(finding, series, C_IP6_IN_MCAST_PKTS, silent->netns, NULL);
	finding->why_innocent = "no program here joined the group";
}

/* The host-wide count of refused lookups tells of the same packets once more. */
static void refused_routes(struct silent *silent, struct finding *finding)
{
	const struct cell *cell = series_cell(silent->detection->series, C_ROUTE_CACHE_IN_NO_ROUTE, OBJECT_HOST_ID);

	if (!cell || !cell->increase)
		return;
	finding_evidence(finding, silent->detection->series, C_ROUTE_CACHE_IN_NO_ROUTE, OBJECT_HOST_ID,
			 "of the whole host");
	ledger_move_elsewhere(silent->detection->ledger, C_ROUTE_CACHE_IN_NO_ROUTE, OBJECT_HOST_ID,
			      finding->packets + with_skew(silent->detection, cell, silent->netns) - cell->increase);
}

#define COUNTED_SHARE 50 /* one in so many of what a rule counted */

/*
 * Nothing drops without counting, and much more is missing than was counted: a rule's counter may have been set back
 * between two readings, or the rule been made anew (nft reset, iptables -Z, a ruleset loaded again). What it shows is the
 * least that it dropped.
 */
static void doubt_counts(const struct silent *silent)
{
	struct finding **slot;

	vec_each(&silent->detection->found->list, slot) {
		struct finding *finding = *slot;
		const struct object *object = object_get(silent->detection->objects, finding->object);

		if (cause_get(finding->cause)->domain == DOMAIN_FILTER && object->netns == silent->netns &&
		    hook_matches(object, silent->egress) && silent->packets * COUNTED_SHARE > finding->packets)
			finding->at_least = true;
	}
}

static struct finding *accuse(struct silent *silent, const struct suspects *suspects, size_t index, uint64_t packets)
{
	const struct suspect *suspect = &suspects->list[index];
	struct finding *finding = silent_finding(silent, suspect->cause, suspects->objects[index], packets);

	finding_evidence(finding, silent->detection->series, suspect->fact, suspects->objects[index], NULL);
	return finding;
}

/* Each rule gets the packets of the flows that it alone can have dropped. */
static bool accuse_by_flows(struct silent *silent, const struct suspects *suspects)
{
	uint64_t packets[SUSPECTS_MAX];

	if (suspects->count < 2 || suspects->count > SUSPECTS_MAX ||
	    !detect_rules_of_flows(silent->detection, silent->netns, suspects->objects, suspects->count, packets))
		return false;
	for (size_t i = 0; i < suspects->count; i++) {
		uint64_t share = packets[i] < silent->packets ? packets[i] : silent->packets;

		if (share)
			(void)accuse(silent, suspects, i, share);
	}
	return true;
}

static void judge(struct silent *silent)
{
	struct suspects suspects = { 0 };
	struct finding *finding;

	if (!silent->egress)
		martians(silent);
	if (!silent->packets)
		return;
	suspects_find(silent, &suspects);
	if (!suspects.count && !silent->egress)
		multicast(silent);
	if (!suspects.count) {
		/* No suspect: it stays unexplained, which is said, and keeps the answer from being "no loss". */
		ledger_add(silent->detection->ledger, C_IP_SILENT, silent->netns, silent->packets);
		doubt_counts(silent);
		return;
	}
	if (accuse_by_flows(silent, &suspects))
		return;
	finding = accuse(silent, &suspects, 0, silent->packets);
	if (finding->cause == CAUSE_UNREACHABLE_ROUTE)
		refused_routes(silent, finding);
	if (suspects.count > 1) {
		finding->confidence = CONFIDENCE_POSSIBLE;
		finding->detail =
			text_format("one of %u rules, policies or routes that drop without counting", suspects.count);
	}
}

static uint64_t family_silent(const struct detection *detection, uint32_t netns, int family, bool egress)
{
	uint64_t low = 0, high;

	if (egress ? ledger_silent_egress(detection->series, netns, family, &low, &high)
		   : ledger_silent(detection->series, netns, family, &low, &high))
		return low;
	return 0;
}

/*
 * What a local UDP sender was refused (OutDiscards) is part of the same loss: it is the only count of it on kernels
 * without OutTransmits.
 */
static uint64_t take_refused(struct detection *detection, uint32_t netns)
{
	return ledger_move_elsewhere(detection->ledger, C_IP_OUT_DISCARDS, netns, UINT64_MAX) +
	       ledger_move_elsewhere(detection->ledger, C_IP6_OUT_DISCARDS, netns, UINT64_MAX);
}

static uint64_t less(uint64_t value, uint64_t taken)
{
	return value > taken ? value - taken : 0;
}

/*
 * IPVS takes packets at the input hook and sends them on itself. Where IP counts what it sends that is in the balance; on
 * kernels without OutTransmits its own count of them is all there is. Those for services on this host it counts too.
 */
static uint64_t balanced_on(const struct detection *detection, uint32_t netns)
{
	const struct cell *cell = series_cell(detection->series, C_IPVS_IN_PACKETS, netns);

	if (!cell || !cell->increase || series_cell(detection->series, C_IP_OUT_TRANSMITS, netns))
		return 0;
	return with_skew(detection, cell, netns);
}

static void measure(struct detection *detection, uint32_t netns, struct silences *ret)
{
	struct silent in = { .detection = detection, .netns = netns };
	struct silent out = { .detection = detection, .netns = netns, .egress = true };
	/* Conntrack confirms, or drops, a new connection at its last hook: of input, or of postrouting. */
	uint64_t forwarded = counted_drops(detection, netns, HOOKS_FORWARD) + refused_by_conntrack(detection, netns);
	uint64_t refused = take_refused(detection, netns);

	in.packets = family_silent(detection, netns, 4, false) + family_silent(detection, netns, 6, false);
	out.packets = family_silent(detection, netns, 4, true) + family_silent(detection, netns, 6, true);
	in.packets = less(in.packets, counted_drops(detection, netns, HOOKS_IN) + balanced_on(detection, netns));
	out.packets = less(out.packets, counted_drops(detection, netns, HOOKS_OUT));
	out.packets = less(out.packets, less(forwarded, in.packets));
	in.packets = less(in.packets, forwarded);
	if (out.packets < refused)
		out.packets = refused;
	silences_add(ret, &in);
	silences_add(ret, &out);
}

/* What is counted for the whole host goes first to the namespaces where it cannot have been multicast. */
static void judge_all(const struct silences *silences, bool multicast)
{
	struct silent *silent;

	vec_each(&silences->list, silent) {
		if ((!silent->egress && may_be_multicast(silent)) == multicast)
			judge(silent);
	}
}

void detect_silent(struct detection *detection)
{
	uint32_t namespaces = (uint32_t)objects_count(detection->objects);
	struct silences silences = { 0 };

	for (uint32_t id = 0; id < namespaces; id++) {
		if (object_get(detection->objects, id)->key.kind == OBJECT_NETNS)
			measure(detection, id, &silences);
	}
	judge_all(&silences, false);
	judge_all(&silences, true);
	vec_free(&silences.list);
}
