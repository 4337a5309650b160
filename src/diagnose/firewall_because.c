/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The firewall as a reason. A CPU that had no time left while every packet passed
 * hundreds of rules one by one: at so many nanoseconds a rule that is a stated part
 * of its time. And a rule that drops by destination port, where a program of the same
 * namespace listens on that port: scans hit ports on which nothing listens.
 *
 * net/netfilter/nf_tables_core.c: nft_do_chain(); net/ipv4/netfilter/ip_tables.c: ipt_do_table().
 */
#include "diagnose/detection.h"

#include "base/alloc.h"
#include "base/parse.h"

#include <string.h>

#define RULE_NS 10	  /* what a rule costs at least: load, compare, go on */
#define COSTLY_SHARE 0.25 /* of the CPU's time in softirqs */

/* ---- costly rulesets ---- */

static bool is_on_the_way_in(const struct object *chain)
{
	const char *hook = object_text(chain, LABEL_HOOK);

	return strstr(hook, "prerouting") || strstr(hook, "input") || strstr(hook, "forward") ||
	       strstr(hook, "ingress");
}

/* The base chain that took most time, in the namespace (OBJECT_HOST_ID: any): its time is a lower bound. */
static uint32_t costliest_chain(const struct detection *detection, counter_id walk, uint32_t netns, double *ret_ns)
{
	const struct cell *cell;
	uint32_t found = OBJECT_HOST_ID;
	size_t i;

	series_each(detection->series, walk, i, cell) {
		const struct object *chain = object_get(detection->objects, cell->object);
		uint64_t packets = series_increase(detection->series, C_IP_IN_RECEIVES, chain->netns) +
				   series_increase(detection->series, C_IP6_IN_RECEIVES, chain->netns);
		double spent_ns = (double)packets * (double)cell->low * RULE_NS;

		if ((netns != OBJECT_HOST_ID && chain->netns != netns) || !is_on_the_way_in(chain) ||
		    spent_ns <= *ret_ns)
			continue;
		*ret_ns = spent_ns;
		found = cell->object;
	}
	return found;
}

static void blame_ruleset(struct detection *detection, struct finding *finding, uint32_t cpu)
{
	static const counter_id walks[] = { C_CHAIN_WALK, C_LEGACY_CHAIN_WALK };
	const struct object *object = object_get(detection->objects, finding->object);
	double softirq_ns = (double)series_increase(detection->series, C_CPU_SOFTIRQ, cpu), spent_ns = 0;
	uint32_t chain = OBJECT_HOST_ID;
	struct because *because;
	size_t by = 0;

	for (size_t w = 0; w < ARRAY_SIZE(walks); w++) {
		uint32_t costlier = costliest_chain(detection, walks[w], object->netns, &spent_ns);

		if (costlier == OBJECT_HOST_ID)
			continue;
		chain = costlier;
		by = w;
	}
	if (chain == OBJECT_HOST_ID || spent_ns < softirq_ns * COSTLY_SHARE)
		return;
	because = finding_because(finding, CAUSE_COSTLY_RULESET, chain);
	because_evidence(because, detection->series, walks[by], chain,
			 "rules that every packet passes which none takes");
	because_evidence(because, detection->series, C_IP_IN_RECEIVES, object_get(detection->objects, chain)->netns,
			 NULL);
	because_evidence(because, detection->series, C_IP6_IN_RECEIVES, object_get(detection->objects, chain)->netns,
			 NULL);
}

/* The CPU that the finding's chain calls saturated, or OBJECT_HOST_ID. */
static uint32_t saturated_cpu(const struct finding *finding)
{
	const struct because *because;

	vec_each(&finding->because, because) {
		if (because->cause == CAUSE_SOFTIRQ_CPU_SATURATED)
			return because->object;
	}
	return OBJECT_HOST_ID;
}

/* ---- services behind a closed port ---- */

/* Whether "10.0.0.2:53" or "[::]:53" ends in that port and can be reached from elsewhere. */
static bool listens_on(const char *local, uint64_t port)
{
	const char *colon = strrchr(local, ':');
	uint64_t own;

	if (!colon || parse_u64(slice_of(colon + 1), &own))
		return false;
	return own == port && strncmp(local, "127.", 4) != 0 && strncmp(local, "[::1]", 5) != 0;
}

static bool takes_new_traffic(const struct object *socket, const char *protocol)
{
	const char *own = object_text(socket, LABEL_PROTOCOL);

	return !*object_text(socket, LABEL_REMOTE) && (!*protocol || !*own || strcmp(protocol, own) == 0);
}

static void blame_port(struct detection *detection, struct finding *finding)
{
	const struct object *rule = object_get(detection->objects, finding->object), *socket;
	uint64_t port = series_last(detection->series, C_RULE_PORT, finding->object);
	struct because *because;
	uint32_t id;

	if (!port || !is_on_the_way_in(rule))
		return;
	each_object(detection->objects, id, socket) {
		if (socket->key.kind != OBJECT_SOCKET || socket->netns != rule->netns ||
		    !listens_on(object_text(socket, LABEL_LOCAL), port) ||
		    !takes_new_traffic(socket, object_text(rule, LABEL_PROTOCOL)))
			continue;
		because = finding_because(finding, CAUSE_SERVICE_PORT_NOT_ALLOWED, id);
		because_evidence(because, detection->series, C_RULE_PORT, finding->object, "the port the rule names");
		return;
	}
}

/* ---- full sets ---- */

static void full_sets(struct detection *detection, counter_id elements, counter_id limit)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, elements, i, cell) {
		uint64_t most = series_last(detection->series, limit, cell->object);
		struct finding *finding;

		if (!most || cell->high < most)
			continue;
		finding = detect_add(detection, CAUSE_FIREWALL_SET_FULL, cell->object, UNIT_COUNT, DIRECTION_LOCAL);
		finding_evidence(finding, detection->series, elements, cell->object, "elements");
		finding_evidence(finding, detection->series, limit, cell->object, "the limit");
		finding->why_innocent = "nothing was lost by it; what should be added now is not";
	}
}

void detect_firewall_because(struct detection *detection)
{
	struct finding **finding;

	full_sets(detection, C_SET_ELEMENTS, C_SET_SIZE);
	full_sets(detection, C_IPSET_ELEMENTS, C_IPSET_SIZE);
	vec_each(&detection->found->list, finding) {
		uint32_t cpu = saturated_cpu(*finding);

		if (cpu != OBJECT_HOST_ID)
			blame_ruleset(detection, *finding, cpu);
		if ((*finding)->cause == CAUSE_FIREWALL_RULE_DROP)
			blame_port(detection, *finding);
	}
}
