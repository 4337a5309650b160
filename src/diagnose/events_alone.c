/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is found by the kernel's drop events where no counter tells, or none by itself (events.c). */
#include "diagnose/events_parts.h"

#include "base/alloc.h"

#include <string.h>

#define SHOWN_MAX 3	      /* kinds of events in the evidence of one finding */
#define NEW_FINDINGS_MAX 1000 /* from events alone */

uint64_t told_left(const struct told *told)
{
	return told->sure + told->edge;
}

uint64_t told_take(uint64_t *from, uint64_t most)
{
	uint64_t taken = *from < most ? *from : most;

	*from -= taken;
	return taken;
}

void told_show(const struct events *events, struct finding *finding, const struct told *told, size_t shown)
{
	if (shown < SHOWN_MAX)
		finding_evidence(finding, events->detection->series, C_DROP_SKBS, told->object->id,
				 "as the kernel told of each");
}

/* TCP answers each segment that it had already, saying so (tcp_send_dupack()), and newer kernels name its reason. */
static uint64_t duplicates_unnamed(const struct events *events)
{
	uint64_t answered = 0, named = 0;
	const struct told *told;
	const struct cell *cell;
	size_t i;

	series_each(events->detection->series, C_TCP_EXT_TCP_DSACK_OLD_SENT, i, cell)
		answered += cell->increase;
	vec_each(&events->told, told) {
		if (told->meaning.cause == CAUSE_DUPLICATE_SEGMENTS)
			named += told->cell->increase;
	}
	return answered > named ? answered - named : 0;
}

/*
 * Who asks whether the other end still lives (keepalive), or has room again (a closed window), does it by a segment without
 * data from before the window. It is answered.
 */
static bool is_probe(const struct told *told)
{
	return strcmp(object_text(told->object, LABEL_KIND), "acknowledgement") == 0;
}

void events_excuse_duplicates(struct events *events)
{
	uint64_t unnamed = duplicates_unnamed(events);
	struct told *told;

	vec_each(&events->told, told) {
		uint64_t packets = told->cell->increase;

		if (strcmp(told->reason, "TCP_INVALID_SEQUENCE") != 0)
			continue;
		if (!is_probe(told)) {
			if (packets > unnamed)
				continue;
			unnamed -= packets;
		}
		told->meaning.harm = REASON_HARMLESS;
		told->meaning.cause = CAUSE_DUPLICATE_SEGMENTS;
	}
}

static enum direction direction_of(const struct object *object)
{
	const char *hook = object_text(object, LABEL_HOOK);
	bool leaving = strcmp(object_text(object, LABEL_WAY), "leaving") == 0 || strcmp(hook, "output") == 0 ||
		       strcmp(hook, "postrouting") == 0;

	return leaving ? DIRECTION_EGRESS : DIRECTION_INGRESS;
}

/*
 * Without a carrier the queue of a device gives way to one that drops all, and that the kernel counts since 6.2 only
 * (net/sched/sch_generic.c: noop_enqueue).
 */
static void tell_stopped(const struct events *events, struct told *told)
{
	const struct object *link = object_get(events->detection->objects, told->object->link);
	const struct cell *carrier = series_cell(events->detection->series, C_LINK_CARRIER, told->object->link);

	if (told->meaning.cause == CAUSE_QDISC_QUEUE_FULL && told->object->link && carrier && !carrier->high)
		told->meaning.cause = strcmp(object_text(link, LABEL_KIND), "veth") == 0 ? CAUSE_VETH_PEER_DOWN
											 : CAUSE_DEVICE_QUEUE_STOPPED;
}

/*
 * The device whose XDP program dropped them: there is one on it. The device that has no carrier. Else the namespace is all
 * that is known.
 */
static uint32_t where_told(const struct events *events, const struct told *told)
{
	uint32_t link = told->object->link;

	switch ((int)told->meaning.cause) {
	case CAUSE_XDP_DROP:
		return series_last(events->detection->series, C_LINK_XDP, link) ? link : told->object->netns;
	case CAUSE_VLAN_MISMATCH:
	case CAUSE_DEVICE_QUEUE_STOPPED:
	case CAUSE_VETH_PEER_DOWN:
		return link ? link : told->object->netns;
	default:
		return told->object->netns;
	}
}

/* What TCP gave up for want of memory is in no counter by segments: it belongs to what the counters tell of that. */
static struct finding *short_of_memory(const struct detection *detection, const struct told *told)
{
	struct finding **slot;

	if (told->meaning.cause != CAUSE_TCP_RECEIVE_QUEUE_PRUNED)
		return NULL;
	vec_each(&detection->found->list, slot) {
		if ((*slot)->cause == CAUSE_TCP_MEMORY_PRESSURE && (*slot)->object == told->object->netns)
			return *slot;
	}
	return NULL;
}

/* The finding that events of this cause there made already, or a new one. */
static struct finding *own_finding(struct events *events, const struct told *told, size_t from)
{
	struct detection *detection = events->detection;
	uint32_t where = where_told(events, told);
	struct finding *pressed = short_of_memory(detection, told);

	if (pressed)
		return pressed;
	for (size_t i = from; i < detection->found->list.count; i++) {
		struct finding *finding = detection->found->list.data[i];

		if (finding->cause == told->meaning.cause && finding->object == where)
			return finding;
	}
	return detect_add(detection, told->meaning.cause, where, UNIT_SKBS, direction_of(told->object));
}

/*
 * A loss, or what some rule or program decided, which is one where it goes beyond what that domain takes for harmless. What
 * fell at the window's edges alone, beside a counter of the same, that counter may have.
 */
static bool is_told_loss(const struct told *told)
{
	if (!told->sure && (told->counted || !told->edge))
		return false;
	return told->meaning.cause != CAUSE_NONE && cause_get(told->meaning.cause)->class == CAUSE_LOSS &&
	       (told->meaning.harm == REASON_LOSS ||
		(told->meaning.harm == REASON_EITHER && told->meaning.domain == DOMAIN_FILTER));
}

/* Whether it happened between two counters of IP. */
static bool is_within_ip(const struct told *told)
{
	static const enum cause outside[] = { CAUSE_XDP_DROP, CAUSE_TC_DROP, CAUSE_BRIDGE_FILTER_DROP,
					      CAUSE_SECURITY_HOOK };

	for (size_t i = 0; i < ARRAY_SIZE(outside); i++) {
		if (outside[i] == told->meaning.cause)
			return false;
	}
	return told->meaning.domain == DOMAIN_FILTER || told->meaning.domain == DOMAIN_ROUTING ||
	       told->meaning.domain == DOMAIN_IP;
}

/* What IP lacks of the packets that went that way, most of which its counters of errors may know. */
static uint64_t missing(const struct series *series, uint32_t netns, bool leaving)
{
	static const counter_id in[] = { C_IP_IN_RECEIVES, C_IP6_IN_RECEIVES },
				out[] = { C_IP_OUT_REQUESTS, C_IP6_OUT_REQUESTS };
	static const counter_id went_on[] = { C_IP_IN_DELIVERS, C_IP_FORW_DATAGRAMS, C_IP6_IN_DELIVERS,
					      C_IP6_OUT_FORW_DATAGRAMS };
	static const counter_id went_out[] = { C_IP_OUT_TRANSMITS, C_IP6_OUT_TRANSMITS };
	uint64_t all = 0, passed = 0;

	for (size_t i = 0; i < ARRAY_SIZE(in); i++)
		all += series_increase(series, leaving ? out[i] : in[i], netns);
	for (size_t i = 0; i < (leaving ? ARRAY_SIZE(went_out) : ARRAY_SIZE(went_on)); i++)
		passed += series_increase(series, leaving ? went_out[i] : went_on[i], netns);
	return all > passed ? all - passed : 0;
}

/*
 * The same packets elsewhere: what a program of this host sent and was refused, IP may count as discarded on the way out;
 * what IP does not count is missing from its balance.
 */
static void take_elsewhere(const struct detection *detection, const struct told *told)
{
	static const counter_id discards[] = { C_IP_OUT_DISCARDS, C_IP6_OUT_DISCARDS };
	bool leaving = direction_of(told->object) == DIRECTION_EGRESS;
	uint64_t packets = told_left(told), most = missing(detection->series, told->object->netns, leaving);

	if (!is_within_ip(told))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(discards) && leaving; i++)
		packets -= ledger_move_elsewhere(detection->ledger, discards[i], told->object->netns, packets);
	(void)ledger_move_elsewhere(detection->ledger, C_IP_SILENT, told->object->netns,
				    packets < most ? packets : most);
}

#define LEFT_BEHIND_MOST 100 /* what TCP sends again for those is little */

/*
 * A namespace that no process lives in any more and that has no name goes on for as long as connections that were left behind in
 * it send their last segments again.
 */
static bool is_deserted(const struct detection *detection, const struct object *object)
{
	const struct cell *orphans = series_cell(detection->series, C_SOCKSTAT_TCP_ORPHAN, OBJECT_HOST_ID);

	return object->key.kind == OBJECT_NETNS && objects_all_known(detection->objects) &&
	       !*object_text(object, LABEL_PATH) && object->key.netns != objects_home(detection->objects) && orphans &&
	       orphans->high;
}

static void excuse_deserted(struct detection *detection, size_t from)
{
	for (size_t i = from; i < detection->found->list.count; i++) {
		struct finding *finding = detection->found->list.data[i];

		if (finding->packets > LEFT_BEHIND_MOST ||
		    !is_deserted(detection, object_get(detection->objects, finding->object)))
			continue;
		finding->why_innocent =
			"of connections that were left behind: no process lives in that namespace any more";
		finding_evidence(finding, detection->series, C_SOCKSTAT_TCP_ORPHAN, OBJECT_HOST_ID,
				 "connections without a process");
	}
}

void events_add_untold(struct events *events)
{
	size_t from = events->detection->found->list.count;
	struct told *told;

	vec_each(&events->told, told) {
		struct finding *finding;

		tell_stopped(events, told);
		if (!is_told_loss(told) || events->detection->found->list.count - from >= NEW_FINDINGS_MAX)
			continue;
		finding = own_finding(events, told, from);
		finding->packets += told_left(told);
		events->detection->events->uncounted += told_left(told);
		take_elsewhere(events->detection, told);
		told->sure = told->edge = 0;
		if (told->meaning.harm == REASON_EITHER &&
		    where_told(events, told) == told->object->netns) /* which rule or program it was is not known */
			finding->confidence = CONFIDENCE_LIKELY;
		told_show(events, finding, told, finding->evidence.count);
	}
	excuse_deserted(events->detection, from);
}

void events_add_harmless(struct events *events)
{
	size_t from = events->detection->found->list.count;
	const struct told *told;

	vec_each(&events->told, told) {
		enum cause cause = told->meaning.cause;
		struct finding *finding;

		if (cause == CAUSE_NONE || told->meaning.harm != REASON_HARMLESS || !told_left(told) ||
		    cause_get(cause)->class != CAUSE_INNOCENT || cause_get(cause)->proof != PROOF_EVENTS)
			continue;
		finding = own_finding(events, told, from);
		finding->packets += told_left(told);
		finding->why_innocent = told->meaning.meaning;
		told_show(events, finding, told, finding->evidence.count);
	}
}

void events_add_silent(struct events *events)
{
	struct detection *detection = events->detection;
	size_t from = detection->found->list.count;
	struct told *told;

	vec_each(&events->told, told) {
		uint64_t missing = ledger_left(detection->ledger, C_IP_SILENT, told->object->netns), claimed;
		struct finding *finding;

		if (told->meaning.cause != CAUSE_SILENT_IP_DROP || !told->object->netns || !missing || !told_left(told))
			continue;
		finding = own_finding(events, told, from);
		if (!finding->packets) {
			detect_pass(detection, finding, C_IP_IN_RECEIVES, told->object->netns);
			detect_pass(detection, finding, C_IP6_IN_RECEIVES, told->object->netns);
		}
		finding->confidence = CONFIDENCE_LIKELY;
		claimed = detect_claim(detection, finding, C_IP_SILENT, told->object->netns, told_left(told));
		claimed -= told_take(&told->sure, claimed);
		(void)told_take(&told->edge, claimed);
		told_show(events, finding, told, finding->evidence.count);
	}
}
