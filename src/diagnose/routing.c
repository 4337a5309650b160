/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routing: the reverse path filter, martian sources, missing routes, hosts that
 * do not forward, and neighbours that do not answer.
 *
 * The same counter means different things by configuration: InAddrErrors on a
 * host that does not forward is traffic for somebody else; net/ipv4/route.c: ip_error().
 */
#include "diagnose/detection.h"

#include "base/alloc.h"

#include <string.h>
#include <sys/socket.h>

static uint64_t received(const struct detection *detection, uint32_t netns)
{
	return series_increase(detection->series, C_IP_IN_RECEIVES, netns) +
	       series_increase(detection->series, C_IP6_IN_RECEIVES, netns);
}

/* Strict reverse path filtering, on a device that takes part in routing and received something. */
static bool filters_strictly(const struct detection *detection, const struct cell *setting)
{
	const struct object *device = object_get(detection->objects, setting->object);
	uint64_t all = series_last(detection->series, C_SYSCTL_RP_FILTER_ALL, device->netns);

	/* Ports and members hand over what they receive; what comes over loopback has been routed already. */
	return (setting->last > all ? setting->last : all) == 1 && !device->parent &&
	       strcmp(object_text(device, LABEL_KIND), "loopback") != 0 &&
	       series_increase(detection->series, C_LINK_RX_PACKETS, device->id);
}

/*
 * The device whose strict filter refused so many: the namespace counts them for all its devices, so it has to be the only
 * strict one (*ret_alone), or the only one that received that many. OBJECT_HOST_ID when nothing tells which it was.
 */
static uint32_t strict_device(const struct detection *detection, uint32_t netns, uint64_t refused, bool *ret_alone)
{
	uint32_t strict = OBJECT_HOST_ID, enough = OBJECT_HOST_ID;
	size_t i, strict_ones = 0, with_enough = 0;
	const struct cell *cell;

	series_each(detection->series, C_SYSCTL_RP_FILTER, i, cell) {
		if (object_get(detection->objects, cell->object)->netns != netns || !filters_strictly(detection, cell))
			continue;
		strict = cell->object;
		strict_ones++;
		/* the twentieth: they were not read in the same instant */
		if (series_increase(detection->series, C_LINK_RX_PACKETS, cell->object) < refused - refused / 20)
			continue;
		enough = cell->object;
		with_enough++;
	}
	*ret_alone = strict_ones <= 1;
	if (*ret_alone)
		return strict;
	return with_enough == 1 ? enough : OBJECT_HOST_ID;
}

/* The devices that may have refused them. */
static void strict_devices(const struct detection *detection, struct finding *finding, uint32_t netns)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_SYSCTL_RP_FILTER, i, cell) {
		if (object_get(detection->objects, cell->object)->netns == netns && filters_strictly(detection, cell))
			finding_evidence(finding, detection->series, C_LINK_RX_PACKETS, cell->object,
					 "a strict one, one of those that may have refused them");
	}
}

/*
 * A strict filter drops a packet exactly when its own look-up of the way back ends at another device. That is an
 * asymmetric route where there is another device that it can lead to.
 */
static void asymmetric(struct detection *detection, struct finding *finding, uint32_t device)
{
	const struct cell *cell;
	struct because *because;
	size_t i;

	series_each(detection->series, C_LINK_FLAGS_UP, i, cell) {
		const struct object *other = object_get(detection->objects, cell->object);

		/* Ports of a bridge and members of a bond have no routes of their own. */
		if (!device || other->id == device || !cell->last || other->parent ||
		    other->netns != object_get(detection->objects, device)->netns ||
		    strcmp(object_text(other, LABEL_KIND), "loopback") == 0)
			continue;
		because = finding_because(finding, CAUSE_ASYMMETRIC_ROUTE, device);
		because_evidence(because, detection->series, C_TCP_EXT_IP_REVERSE_PATH_FILTER, other->netns,
				 "each one: the way back to the sender leads elsewhere");
		because_evidence(because, detection->series, C_SYSCTL_RP_FILTER, device, "1: strict");
		because_evidence(because, detection->series, C_LINK_FLAGS_UP, other->id, "another way out");
		because_evidence(because, detection->series, C_ROUTE_DEFAULT_IFINDEX_V4, other->netns,
				 "where the default route leads");
		return;
	}
}

static void reverse_path(struct detection *detection, uint32_t netns)
{
	uint64_t refused = ledger_left(detection->ledger, C_TCP_EXT_IP_REVERSE_PATH_FILTER, netns);
	bool alone;
	uint32_t device = strict_device(detection, netns, refused, &alone);
	struct finding *finding;

	if (!refused)
		return;
	finding =
		detect_add(detection, CAUSE_REVERSE_PATH_FILTER, device ? device : netns, UNIT_SKBS, DIRECTION_INGRESS);
	detect_claim(detection, finding, C_TCP_EXT_IP_REVERSE_PATH_FILTER, netns, UINT64_MAX);
	detect_passed(finding, received(detection, netns));
	if (device && !alone)
		finding->confidence = CONFIDENCE_LIKELY; /* the others may have refused some of them */
	finding_evidence(finding, detection->series, C_SYSCTL_RP_FILTER, device, "of the device");
	finding_evidence(finding, detection->series, C_SYSCTL_RP_FILTER_ALL, netns, "the larger of the two counts");
	if (!device)
		strict_devices(detection, finding, netns);
	asymmetric(detection, finding, device);
}

static bool forwards(const struct detection *detection, uint32_t netns, bool v6)
{
	return series_last(detection->series, v6 ? C_SYSCTL_IP6_FORWARDING_ALL : C_SYSCTL_IP_FORWARD, netns);
}

/* Addresses that are not this host's: harmless strays, or traffic that it was meant to forward. */
static void wrong_address(struct detection *detection, uint32_t netns, bool v6)
{
	counter_id counter = v6 ? C_IP6_IN_ADDR_ERRORS : C_IP_IN_ADDR_ERRORS;
	bool off = !forwards(detection, netns, v6);
	struct finding *finding;

	if (!ledger_left(detection->ledger, counter, netns))
		return;
	finding = detect_add(detection, off ? CAUSE_FORWARDING_DISABLED : CAUSE_INVALID_ADDRESS, netns, UNIT_SKBS,
			     DIRECTION_INGRESS);
	detect_claim(detection, finding, counter, netns, UINT64_MAX);
	detect_passed(finding, received(detection, netns));
	finding_evidence(finding, detection->series, v6 ? C_SYSCTL_IP6_FORWARDING_ALL : C_SYSCTL_IP_FORWARD, netns,
			 off ? "0: this host does not forward" : NULL);
}

/*
 * A refusing IPv6 route (unreachable, prohibit, blackhole) of the namespace, or OBJECT_HOST_ID. Such routes count as "no
 * route" in IPv6 (ip6_pkt_drop()); in IPv4 they do not.
 */
static uint32_t refusing_route(const struct detection *detection, uint32_t netns)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_ROUTE_PRESENT, i, cell) {
		const struct object *route = object_get(detection->objects, cell->object);

		if (route->netns == netns && strchr(object_text(route, LABEL_TEXT), ':') &&
		    strcmp(object_text(route, LABEL_KIND), "throw") != 0)
			return cell->object;
	}
	return OBJECT_HOST_ID;
}

/* Whether that counter may be of a route that refuses: in IPv6, where nobody said which routes there are. */
static bool may_be_refused(const struct detection *detection, uint32_t netns, bool v6)
{
	return v6 && !detect_observed(detection, SOURCE_ROUTE, netns);
}

static void missing_route(struct detection *detection, uint32_t netns)
{
	static const struct {
		counter_id counter;
		enum direction direction;
	} rows[] = {
		{ C_IP_EXT_IN_NO_ROUTES, DIRECTION_INGRESS },
		{ C_IP6_IN_NO_ROUTES, DIRECTION_INGRESS },
		{ C_IP_OUT_NO_ROUTES, DIRECTION_EGRESS },
		{ C_IP6_OUT_NO_ROUTES, DIRECTION_EGRESS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct finding *finding;
		uint32_t route;

		if (!ledger_left(detection->ledger, rows[i].counter, netns))
			continue;
		route = i % 2 ? refusing_route(detection, netns) : OBJECT_HOST_ID;
		finding = detect_add(detection, route ? CAUSE_UNREACHABLE_ROUTE : CAUSE_NO_ROUTE, route ? route : netns,
				     UNIT_SKBS, rows[i].direction);
		finding->confidence =
			route || may_be_refused(detection, netns, i % 2) ? CONFIDENCE_LIKELY : CONFIDENCE_PROVEN;
		detect_claim(detection, finding, rows[i].counter, netns, UINT64_MAX);
		detect_passed(finding, received(detection, netns));
		finding_evidence(finding, detection->series, i % 2 ? C_ROUTE_DEFAULT_V6 : C_ROUTE_DEFAULT_V4, netns,
				 "default routes");
		finding_evidence(finding, detection->series, C_ROUTE_PRESENT, route, "it refuses");
	}
}

void detect_routing(struct detection *detection)
{
	uint32_t id;
	const struct object *object;

	each_object(detection->objects, id, object) {
		if (object->key.kind != OBJECT_NETNS)
			continue;
		reverse_path(detection, id);
		missing_route(detection, id);
		wrong_address(detection, id, false);
		wrong_address(detection, id, true);
	}
}

/* The unresolved neighbours of a table: those that were asked in the window, or, when none was, those given up before. */
struct unresolved {
	uint32_t ids[8]; /* the first of them */
	size_t count;
	bool asked;
};

#define STATE_INCOMPLETE 1 /* it is being asked, and packets wait for it */

static bool is_of_table(const struct detection *detection, uint32_t neighbour_id, const struct object *table)
{
	const struct object *neighbour = object_get(detection->objects, neighbour_id);
	bool v6 = strchr(object_text(neighbour, LABEL_ADDRESS), ':');

	return v6 == (table->key.a == AF_INET6) && (!table->netns || neighbour->netns == table->netns);
}

static void unresolved_neighbours(const struct detection *detection, const struct object *table, struct unresolved *ret)
{
	const struct cell *cell;
	size_t i;

	*ret = (struct unresolved){ 0 };
	series_each(detection->series, C_NEIGH_STATE, i, cell) {
		bool asked = cell->low == STATE_INCOMPLETE;

		if (!is_of_table(detection, cell->object, table) || (ret->asked && !asked))
			continue;
		if (asked && !ret->asked)
			*ret = (struct unresolved){ .asked = true };
		if (ret->count < ARRAY_SIZE(ret->ids))
			ret->ids[ret->count] = cell->object;
		ret->count++;
	}
}

/* Names them: one alone is the one, of several the first is as good as any. */
static void name_neighbours(const struct detection *detection, struct finding *finding,
			    const struct unresolved *unresolved)
{
	if (!unresolved->count)
		return;
	finding->object = unresolved->ids[0];
	if (unresolved->count > 1)
		finding->confidence = CONFIDENCE_LIKELY;
	for (size_t i = 0; i < unresolved->count && i < ARRAY_SIZE(unresolved->ids); i++)
		finding_evidence(finding, detection->series, C_NEIGH_STATE, unresolved->ids[i],
				 "1: asking, 32: gave up");
}

static void neighbour_finding(struct detection *detection, counter_id counter, enum cause cause, uint32_t table)
{
	struct finding *finding = detect_add(detection, cause, table, UNIT_SKBS, DIRECTION_EGRESS);
	struct unresolved unresolved;

	detect_claim(detection, finding, counter, table, UINT64_MAX);
	if (cause == CAUSE_NEIGHBOUR_TABLE_FULL) {
		finding_evidence(finding, detection->series, C_NEIGH_ENTRIES, table, "entries");
		finding_evidence(finding, detection->series, C_NEIGH_GC_THRESH3, table, "the limit");
		finding_evidence(finding, detection->series, C_NEIGH_FORCED_GC_RUNS, table, NULL);
		return;
	}
	unresolved_neighbours(detection, object_get(detection->objects, table), &unresolved);
	finding_evidence(finding, detection->series, C_NEIGH_RES_FAILED, table, "nobody answered");
	name_neighbours(detection, finding, &unresolved);
}

#define UNRESOLVED_FEW 100 /* per namespace: so many are all named (source/neighbour.h), and can be counted */
#define ASKED_AGAIN 2	   /* resolutions given up for each: somebody goes on sending there */

/* A scan of unused addresses leaves many unresolved neighbours, each of which is asked for once. */
static bool is_scanned(const struct detection *detection)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_NEIGH_INCOMPLETE, i, cell) {
		const struct cell *failed = series_cell(detection->series, C_NEIGH_FAILED, cell->object);

		if (cell->high + (failed ? failed->high : 0) > UNRESOLVED_FEW)
			return true;
	}
	return false;
}

/*
 * Packets that wait when a resolution is given up are thrown away uncounted (neigh_invalidate()); only what is pushed out
 * of a full queue is counted. At least one packet waited each time.
 */
static void given_up(struct detection *detection, const struct cell *failed)
{
	struct unresolved unresolved;
	struct finding *finding;

	if (!failed->increase || series_increase(detection->series, C_NEIGH_UNRESOLVED_DISCARDS, failed->object) ||
	    is_scanned(detection))
		return;
	unresolved_neighbours(detection, object_get(detection->objects, failed->object), &unresolved);
	if (!unresolved.asked || failed->increase < ASKED_AGAIN * unresolved.count)
		return;
	ledger_add(detection->ledger, C_NEIGH_RES_FAILED, failed->object, failed->increase);
	finding = detect_add(detection, CAUSE_NEIGHBOUR_UNRESOLVED, failed->object, UNIT_SKBS, DIRECTION_EGRESS);
	detect_claim(detection, finding, C_NEIGH_RES_FAILED, failed->object, UINT64_MAX);
	finding->at_least = true;
	finding->confidence = CONFIDENCE_LIKELY;
	name_neighbours(detection, finding, &unresolved);
}

void detect_neighbours(struct detection *detection)
{
	static const struct {
		counter_id counter;
		enum cause cause;
	} rows[] = {
		{ C_NEIGH_TABLE_FULLS, CAUSE_NEIGHBOUR_TABLE_FULL },
		{ C_NEIGH_UNRESOLVED_DISCARDS, CAUSE_NEIGHBOUR_UNRESOLVED },
	};
	const struct cell *cell;
	size_t i;

	for (size_t r = 0; r < ARRAY_SIZE(rows); r++) {
		series_each(detection->series, rows[r].counter, i, cell) {
			if (ledger_left(detection->ledger, rows[r].counter, cell->object))
				neighbour_finding(detection, rows[r].counter, rows[r].cause, cell->object);
		}
	}
	series_each(detection->series, C_NEIGH_RES_FAILED, i, cell)
		given_up(detection, cell);
}
