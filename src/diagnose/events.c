/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's own drop events beside the findings. Two independent views of the same packets: the counters say how
 * many, and whose; the events why, and where. Where both agree, a finding is proven. What only the events tell becomes
 * a finding of its own; what only counters tell (hardware, drivers, requests that are refused without a drop) stays as
 * it is.
 *
 * The events are read before and after everything else at both ends of the window. So of each kind the counters have
 * seen no more than the events between the outermost readings, and no less than those between the innermost ones: the
 * rest, which belongs to nothing that is counted, lies between two numbers.
 */
#include "diagnose/events_parts.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <string.h>

#define PROVEN_SHARE 20 /* a finding is proven when at most one in so many of its packets has no event */
#define GONE_NS (500 * NS_PER_MS)

static const struct {
	enum cause cause;
	const char *reason;
} others[] = {
#define TOLD(cause, reason) { CAUSE_##cause, reason },
#define ALSO_TOLD(cause, other)
#define SELDOM_TOLD(cause, way)
#define PIECES_TOLD(cause)
#include "diagnose/told.def"
#undef TOLD
#undef ALSO_TOLD
#undef SELDOM_TOLD
#undef PIECES_TOLD
};

static const struct {
	enum cause cause, told;
} same[] = {
#define TOLD(cause, reason)
#define ALSO_TOLD(cause, other) { CAUSE_##cause, CAUSE_##other },
#define SELDOM_TOLD(cause, way)
#define PIECES_TOLD(cause)
#include "diagnose/told.def"
#undef TOLD
#undef ALSO_TOLD
#undef SELDOM_TOLD
#undef PIECES_TOLD
};

static const struct {
	enum cause cause;
	enum direction way;
} seldom[] = {
#define TOLD(cause, reason)
#define ALSO_TOLD(cause, other)
#define SELDOM_TOLD(cause, way) { CAUSE_##cause, DIRECTION_##way },
#define PIECES_TOLD(cause)
#include "diagnose/told.def"
#undef TOLD
#undef ALSO_TOLD
#undef SELDOM_TOLD
#undef PIECES_TOLD
};

static const enum cause pieces[] = {
#define TOLD(cause, reason)
#define ALSO_TOLD(cause, other)
#define SELDOM_TOLD(cause, way)
#define PIECES_TOLD(cause) CAUSE_##cause,
#include "diagnose/told.def"
#undef TOLD
#undef ALSO_TOLD
#undef SELDOM_TOLD
#undef PIECES_TOLD
};

static void told_fill(struct told *told, const struct series *series, const struct cell *cell,
		      const struct object *object)
{
	const char *reason = object_text(object, LABEL_REASON);
	uint64_t edge = series_increase(series, C_DROP_EDGE, cell->object);

	edge = edge < cell->increase ? edge : cell->increase;
	*told = (struct told){
		.cell = cell,
		.object = object,
		.reason = reason,
		.meaning = drop_meaning_of(object_text(object, LABEL_PLACE), reason),
		.sure = cell->increase - edge,
		.edge = edge,
	};
}

/* Events are of the whole host, also where one namespace or interface alone was asked about. */
static bool is_asked_for(const struct detection *detection, const struct object *object)
{
	const struct diagnose_options *options = detection->options;
	const struct object *link = object_link(detection->objects, object);

	if (!options)
		return true;
	if (options->netns && object->key.netns && object->key.netns != options->netns)
		return false;
	return !options->interface || !link || strcmp(object_text(link, LABEL_NAME), options->interface) == 0;
}

static void collect(struct events *events)
{
	const struct detection *detection = events->detection;
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_DROP_SKBS, i, cell) {
		const struct object *object = object_get(detection->objects, cell->object);
		struct told *told = NULL;

		if (cell->increase && is_asked_for(detection, object))
			told = vec_add(&events->told, OBJECTS_MAX);

		if (told)
			told_fill(told, detection->series, cell, object);
	}
}

static bool is_of_cause(const struct told *told, enum cause cause)
{
	if (told->meaning.cause == cause || told->meaning.also == cause)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (others[i].cause == cause && strcmp(others[i].reason, told->reason) == 0)
			return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		if (same[i].cause == cause && same[i].told == told->meaning.cause)
			return true;
	}
	return false;
}

static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at++) {
		bool begins = at == list || at[-1] == ',' || at[-1] == ' ';

		if (begins && (!at[length] || at[length] == ',' || at[length] == ' '))
			return true;
	}
	return false;
}

/* Some drops are those of a device's queue, whoever is found to be the reason. */
static bool is_of_a_queue(const struct told *told, const struct object *object)
{
	return object->key.kind == OBJECT_QDISC ||
	       (object->key.kind == OBJECT_LINK && told->meaning.domain == DOMAIN_QDISC);
}

/* What one macvlan hands to another is refused while it is still the first one's, in its namespace. */
static bool is_between_macvlans(const struct events *events, const struct told *told, const struct object *object)
{
	const struct object *from = object_link(events->detection->objects, told->object);

	return from && strcmp(object_text(from, LABEL_KIND), "macvlan") == 0 &&
	       strcmp(object_text(object, LABEL_KIND), "macvlan") == 0;
}

/* Drop events know a namespace by its number, which several may have had one after the other. */
static bool is_in(const struct detection *detection, const struct told *told, uint32_t netns)
{
	uint32_t other = told->object->netns;

	return !other || other == netns ||
	       object_netns_inode(object_get(detection->objects, other)->key.netns) ==
		       object_netns_inode(object_get(detection->objects, netns)->key.netns);
}

/* A rule drops in its own hooks only, a queue on its own device only. */
static bool is_at_same_place(const struct detection *detection, const struct told *told, const struct object *object)
{
	const char *hook = object_text(told->object, LABEL_HOOK), *hooks = object_text(object, LABEL_HOOK);
	uint32_t link = object->key.kind == OBJECT_LINK ? object->id : object->link;

	if (object->netns && !is_in(detection, told, object->netns))
		return false;
	if ((object->key.kind == OBJECT_RULE || object->key.kind == OBJECT_CHAIN) && *hook && *hooks &&
	    !has_word(hooks, hook))
		return false;
	return !is_of_a_queue(told, object) || !link || !told->object->link || link == told->object->link;
}

static bool accounts_for(const struct events *events, const struct finding *finding, const struct told *told)
{
	const struct object *object = object_get(events->detection->objects, finding->object);

	if (object->key.kind == OBJECT_NETNS && !is_in(events->detection, told, object->id))
		return false;
	return is_of_cause(told, finding->cause) &&
	       (is_at_same_place(events->detection, told, object) || is_between_macvlans(events, told, object));
}

/*
 * Gives the finding the events that are its packets; returns how many. What its counter saw for sure comes first, so that
 * no less of the rest is left than there must be.
 */
static uint64_t match(struct events *events, struct finding *finding)
{
	uint64_t wanted = finding->packets;
	struct told *told;
	size_t shown = 0;

	vec_each(&events->told, told) {
		if (!told_left(told) || !accounts_for(events, finding, told))
			continue;
		if (wanted)
			told_show(events, finding, told, shown++);
		told->counted = true;
		wanted -= told_take(&told->sure, wanted);
	}
	vec_each(&events->told, told) {
		if (wanted && told->edge && accounts_for(events, finding, told))
			wanted -= told_take(&told->edge, wanted);
	}
	return finding->packets - wanted;
}

/* Whether a namespace went away in the window: its counters lack what came after their last reading. */
static bool ended_early(const struct detection *detection, uint32_t netns)
{
	const struct observation *last = series_observation(detection->series, SOURCE_SNMP, netns);

	return netns && last && last->last_ns + GONE_NS < series_end_ns(detection->series);
}

/*
 * Whether what is left of the same kind of events in the same place is the finding's. Of a firewall's drops it may be those
 * of another rule, unless the rule's counter was set back or went.
 */
static bool owns_the_rest(const struct events *events, const struct finding *finding)
{
	const struct object *object = object_get(events->detection->objects, finding->object);

	return finding->at_least || cause_get(finding->cause)->domain != DOMAIN_FILTER ||
	       ended_early(events->detection, object->netns);
}

static uint64_t take_rest(struct events *events, const struct finding *finding)
{
	uint64_t taken = 0;
	struct told *told;

	vec_each(&events->told, told) {
		if (!told_left(told) || !accounts_for(events, finding, told))
			continue;
		taken += told_left(told);
		told->sure = told->edge = 0;
	}
	return taken;
}

/* Whether the kernel told of packets of that finding which its counter must have seen, and has not. */
static bool lacks_some(const struct events *events, const struct finding *finding)
{
	const struct told *told;

	vec_each(&events->told, told) {
		if (told->sure && accounts_for(events, finding, told))
			return true;
	}
	return false;
}

static bool is_told_in_pieces(enum cause cause)
{
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		if (pieces[i] == cause)
			return true;
	}
	return false;
}

/* Events are not set back, and miss nothing: where they tell of more packets than the counters, that many it were. */
static void complete(struct events *events, struct finding *finding)
{
	const struct object *object = object_get(events->detection->objects, finding->object);
	bool cut = finding->at_least || ended_early(events->detection, object->netns);
	uint64_t more;

	if (is_told_in_pieces(finding->cause)) {
		(void)take_rest(events, finding); /* how many were whole they do not tell */
		return;
	}
	if (!owns_the_rest(events, finding))
		return;
	finding->at_least = false;
	if (!cut && !lacks_some(events, finding))
		return;
	more = take_rest(events, finding);
	finding->packets += more;
	ledger_move_elsewhere(events->detection->ledger, C_IP_SILENT, object->netns, more);
	if (finding->passed != PASSED_UNKNOWN)
		finding->passed = finding->passed > more ? finding->passed - more : 0;
}

/*
 * A finding that was told from what vanished between counters, with one suspect: the kernel says of as many packets that
 * just that happened to them.
 */
static void confirm(struct finding *finding, uint64_t matched)
{
	if (finding->confidence == CONFIDENCE_LIKELY && matched + finding->packets / PROVEN_SHARE >= finding->packets)
		finding->confidence = CONFIDENCE_PROVEN;
}

/* Whether any drop of that cause comes with an event; what hardware, drivers and XDP drop does not. */
static bool is_ever_told(enum cause cause)
{
	const struct reason *reason;
	const struct place *place;

	for (size_t i = 0; (reason = reason_at(i)); i++) {
		if (reason->cause == cause || reason->also == cause)
			return true;
	}
	for (size_t i = 0; (place = place_at(i)); i++) {
		if (place->cause == cause || place->also == cause)
			return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (others[i].cause == cause)
			return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		if (same[i].cause == cause)
			return true;
	}
	return false;
}

static bool is_always_told(const struct finding *finding)
{
	for (size_t i = 0; i < ARRAY_SIZE(seldom); i++) {
		if (seldom[i].cause == finding->cause && seldom[i].way == finding->direction)
			return false;
	}
	return is_ever_told(finding->cause);
}

/* What counters have and no event told of. Losses beyond this host are told from symptoms: no packet was dropped here. */
static void add_counted_only(const struct events *events, const struct finding *finding, uint64_t packets)
{
	struct event_sum *sum = events->detection->events;
	enum domain domain = cause_get(finding->cause)->domain;

	if (domain == DOMAIN_PATH || domain >= DOMAIN_COUNT)
		return;
	*(is_always_told(finding) ? &sum->untold : &sum->counted_only[domain]) += packets;
}

/*
 * A CPU's counter does not say whose packets they were. Where all its events have one interface, that is told, also when the
 * interface is gone by now.
 */
static void place(const struct events *events, struct finding *finding)
{
	const struct object *object = object_get(events->detection->objects, finding->object);
	uint32_t link = OBJECT_HOST_ID;
	const struct told *told;

	if (object->key.kind != OBJECT_CPU)
		return;
	vec_each(&events->told, told) {
		if (!told->counted || !is_of_cause(told, finding->cause))
			continue;
		if (!told->object->link || (link && link != told->object->link))
			return;
		link = told->object->link;
	}
	finding->object = link ? link : finding->object;
}

/* What is left is handed out when each has its own: two namespaces may have had the same number, one after the other. */
static void match_losses(struct events *events)
{
	struct findings *found = events->detection->found;
	CLEANUP_FREE bool *whole = mem_new(found->list.count, sizeof(*whole));

	for (size_t i = 0; i < found->list.count; i++) {
		struct finding *finding = found->list.data[i];
		uint64_t matched;

		if (cause_get(finding->cause)->class != CAUSE_LOSS || !finding->packets)
			continue;
		matched = match(events, finding);
		add_counted_only(events, finding, finding->packets - matched);
		if (!matched)
			continue;
		confirm(finding, matched);
		whole[i] = matched == finding->packets;
		place(events, finding);
	}
	for (size_t i = 0; i < found->list.count; i++) {
		if (whole[i])
			complete(events, found->list.data[i]);
	}
}

/* What is left belongs to them whatever their number: much that hurts nobody is not counted, or in other units. */
static void match_innocent(struct events *events)
{
	struct finding **slot;

	vec_each(&events->detection->found->list, slot) {
		if (cause_get((*slot)->cause)->class == CAUSE_INNOCENT)
			(void)take_rest(events, *slot);
	}
}

static bool is_observed(const struct series *series)
{
	const struct observation *observation = series_observation(series, SOURCE_DROPS, OBJECT_HOST_ID);

	return observation && observation->readings > 1 && !observation->failures && !observation->partial;
}

static bool any_told(const struct detection *detection, const struct object *place, enum cause cause, bool by_rule)
{
	const struct cell *cell;
	size_t i;

	if (!is_observed(detection->series))
		return true;
	series_each(detection->series, C_DROP_SKBS, i, cell) {
		struct told told;

		if (!cell->increase)
			continue;
		told_fill(&told, detection->series, cell, object_get(detection->objects, cell->object));
		if (is_at_same_place(detection, &told, place) &&
		    (by_rule ? strcmp(told.reason, "NETFILTER_DROP") == 0 : is_of_cause(&told, cause)))
			return true;
	}
	return false;
}

bool detect_told_of_rule(const struct detection *detection, const struct object *rule)
{
	return any_told(detection, rule, CAUSE_NONE, true);
}

bool detect_told_of_cause(const struct detection *detection, uint32_t netns, enum cause cause)
{
	return any_told(detection, object_get(detection->objects, netns), cause, false);
}

/* Whether the kernel told of any drop that it was of that cause for sure. A kernel that can does so of all of them. */
static bool is_named(const struct detection *detection, enum cause cause)
{
	const struct cell *cell;
	struct told told;
	size_t i;

	series_each(detection->series, C_DROP_SKBS, i, cell) {
		told_fill(&told, detection->series, cell, object_get(detection->objects, cell->object));
		if (cell->increase && told.meaning.harm != REASON_EITHER && is_of_cause(&told, cause))
			return true;
	}
	return false;
}

uint64_t detect_told_packets(const struct detection *detection, uint32_t netns, enum cause cause)
{
	bool named = is_named(detection, cause);
	const struct cell *cell;
	struct told told;
	uint64_t packets = 0;
	size_t i;

	if (!is_observed(detection->series))
		return UINT64_MAX;
	series_each(detection->series, C_DROP_SKBS, i, cell) {
		told_fill(&told, detection->series, cell, object_get(detection->objects, cell->object));
		if (is_in(detection, &told, netns) && is_of_cause(&told, cause) &&
		    named == (told.meaning.harm != REASON_EITHER))
			packets += cell->increase;
	}
	return packets;
}

/* The host's count of impossible source addresses has those that a reverse path filter refused, too. */
static bool are_martians_counted(const struct series *series)
{
	const struct cell *all = series_cell(series, C_ROUTE_CACHE_IN_MARTIAN_SRC, OBJECT_HOST_ID), *filtered;
	uint64_t elsewhere = 0, skew = 0;
	size_t i;

	if (!all)
		return false;
	series_each(series, C_TCP_EXT_IP_REVERSE_PATH_FILTER, i, filtered) {
		uint64_t own = ledger_skew(series, all, filtered);

		elsewhere += filtered->increase;
		skew = own > skew ? own : skew;
	}
	return all->increase > elsewhere + skew;
}

/*
 * Drops that hurt nobody by their reason and place; and those of a place where unwanted multicasts end like impossible
 * addresses, when none of the latter were counted, or the kernel named them.
 */
static bool is_harmless(const struct events *events, const struct told *told)
{
	if (told->meaning.harm != REASON_EITHER)
		return told->meaning.harm == REASON_HARMLESS;
	return told->meaning.cause == CAUSE_MULTICAST_NOT_JOINED &&
	       (!are_martians_counted(events->detection->series) || is_named(events->detection, CAUSE_MARTIAN_SOURCE));
}

/*
 * Where TCP takes a packet in, it counts each handshake that it refuses (ListenOverflows, ListenDrops). What it drops there
 * and those do not have is the last segment of a connection in TIME-WAIT, or a request that it has answered.
 */
static bool is_taken_in(const struct events *events, const struct told *told)
{
	return told->meaning.cause == CAUSE_TCP_ACCEPT_QUEUE_FULL && told->meaning.harm == REASON_EITHER &&
	       series_observation(events->detection->series, SOURCE_NETSTAT, told->object->netns);
}

/* What nobody misses is no puzzle either where it vanished between two IP counters. */
static void explain_silent(struct events *events)
{
	const struct told *told;

	vec_each(&events->told, told) {
		if (told->object->netns && is_harmless(events, told) &&
		    (told->meaning.domain == DOMAIN_ROUTING || told->meaning.domain == DOMAIN_IP))
			(void)ledger_move_elsewhere(events->detection->ledger, C_IP_SILENT, told->object->netns,
						    told->cell->increase);
	}
}

/* The largest are kept by name. */
static void add_rest(struct event_sum *sum, const struct told *told)
{
	const struct event_rest rest = { told->object->id, told->sure, told_left(told) };
	size_t at = sum->rest_count < EVENT_REST_MAX ? sum->rest_count++ : EVENT_REST_MAX;

	sum->unmatched += rest.most;
	sum->unmatched_least += rest.least;
	for (; at > 0 && sum->rest[at - 1].most < rest.most; at--) {
		if (at < EVENT_REST_MAX)
			sum->rest[at] = sum->rest[at - 1];
	}
	if (at < EVENT_REST_MAX)
		sum->rest[at] = rest;
}

static void sum_up(const struct events *events)
{
	const struct series *series = events->detection->series;
	struct event_sum *sum = events->detection->events;
	const struct told *told;

	sum->observed = is_observed(series);
	sum->nameless = series_increase(series, C_DROP_MISSED, OBJECT_HOST_ID) +
			series_increase(series, C_DROP_KEYLESS, OBJECT_HOST_ID);
	sum->dropped = sum->nameless;
	vec_each(&events->told, told) {
		bool harmless = is_harmless(events, told);

		sum->dropped += told->cell->increase;
		sum->matched += told->cell->increase - told_left(told);
		if (harmless || is_taken_in(events, told))
			sum->harmless += told_left(told);
		else if (told_left(told))
			add_rest(sum, told);
		if (!harmless && told->meaning.domain < DOMAIN_COUNT)
			sum->domains[told->meaning.domain] += told->cell->increase;
	}
}

void detect_events(struct detection *detection)
{
	struct events events = { .detection = detection };

	collect(&events);
	events_excuse_duplicates(&events);
	match_losses(&events);
	match_innocent(&events);
	events_add_untold(&events);
	events_add_harmless(&events);
	explain_silent(&events);
	events_add_silent(&events);
	sum_up(&events);
	vec_free(&events.told);
}
