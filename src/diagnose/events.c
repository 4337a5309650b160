/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's own drop events beside the findings. Two independent views of the same packets: the counters say how
 * many, and whose; the events why, and where. Where both agree, a finding is proven. What only the events tell becomes
 * a finding of its own; what only counters tell (hardware, drivers, requests that are refused without a drop) stays as
 * it is.
 */
#include "diagnose/detection.h"

#include "model/place.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <string.h>

#define SHOWN_MAX 3	   /* kinds of events in the evidence of one finding */
#define TOLERATED_SHARE 20 /* one in so many may differ, because the two views are not read in the same instant */
#define GONE_NS (500 * NS_PER_MS)
#define NEW_FINDINGS_MAX 1000 /* from events alone */

/* Drops of one kind, as the kernel told of them. */
struct told {
	const struct cell *cell;
	const struct object *object;
	const char *reason;
	struct drop_meaning meaning;
	uint64_t left; /* that no finding accounts for */
};

struct events {
	struct detection *detection;
	VEC(struct told) told;
};

static const struct {
	enum cause cause;
	const char *reason;
} others[] = {
#define TOLD(cause, reason) { CAUSE_##cause, reason },
#define ALSO_TOLD(cause, other)
#include "diagnose/told.def"
#undef TOLD
#undef ALSO_TOLD
};

static const struct {
	enum cause cause, told;
} same[] = {
#define TOLD(cause, reason)
#define ALSO_TOLD(cause, other) { CAUSE_##cause, CAUSE_##other },
#include "diagnose/told.def"
#undef TOLD
#undef ALSO_TOLD
};

static void told_fill(struct told *told, const struct cell *cell, const struct object *object)
{
	const char *reason = object_text(object, LABEL_REASON);

	*told = (struct told){ cell, object, reason, drop_meaning_of(object_text(object, LABEL_PLACE), reason),
			       cell->increase };
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
			told_fill(told, cell, object);
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

/* A rule drops in its own hooks only, a queue on its own device only. */
static bool is_at_same_place(const struct told *told, const struct object *object)
{
	const char *hook = object_text(told->object, LABEL_HOOK), *hooks = object_text(object, LABEL_HOOK);
	uint32_t link = object->key.kind == OBJECT_LINK ? object->id : object->link;

	if (object->netns && told->object->netns && object->netns != told->object->netns)
		return false;
	if ((object->key.kind == OBJECT_RULE || object->key.kind == OBJECT_CHAIN) && *hook && *hooks &&
	    !has_word(hooks, hook))
		return false;
	return object->key.kind != OBJECT_QDISC || !link || !told->object->link || link == told->object->link;
}

static bool accounts_for(const struct events *events, const struct finding *finding, const struct told *told)
{
	const struct object *object = object_get(events->detection->objects, finding->object);

	if (object->key.kind == OBJECT_NETNS && object->id != told->object->netns && told->object->netns)
		return false;
	return is_of_cause(told, finding->cause) && is_at_same_place(told, object);
}

static void show(const struct events *events, struct finding *finding, const struct told *told, size_t shown)
{
	if (shown < SHOWN_MAX)
		finding_evidence(finding, events->detection->series, C_DROP_SKBS, told->object->id,
				 "as the kernel told of each");
}

/* Gives the finding the events that are its packets; returns how many. */
static uint64_t match(struct events *events, struct finding *finding)
{
	uint64_t matched = 0;
	struct told *told;
	size_t shown = 0;

	vec_each(&events->told, told) {
		uint64_t taken = finding->packets > matched ? finding->packets - matched : 0;

		if (!told->left || !taken || !accounts_for(events, finding, told))
			continue;
		taken = taken < told->left ? taken : told->left;
		told->left -= taken;
		matched += taken;
		show(events, finding, told, shown++);
	}
	return matched;
}

static uint64_t tolerated(uint64_t packets)
{
	return packets / TOLERATED_SHARE;
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

static uint64_t take_rest(struct events *events, const struct finding *finding, uint64_t most)
{
	uint64_t taken = 0;
	struct told *told;

	vec_each(&events->told, told) {
		if (!told->left || told->left > most || !accounts_for(events, finding, told))
			continue;
		taken += told->left;
		told->left = 0;
	}
	return taken;
}

/* Events are not set back, and miss nothing: where they tell of more packets than the counters, that many it were. */
static void complete(struct events *events, struct finding *finding, uint64_t matched)
{
	const struct object *object = object_get(events->detection->objects, finding->object);
	bool cut = finding->at_least || ended_early(events->detection, object->netns);
	uint64_t more;

	if (matched < finding->packets || !owns_the_rest(events, finding)) {
		(void)take_rest(events, finding, tolerated(finding->packets));
		return;
	}
	more = take_rest(events, finding, UINT64_MAX);
	finding->at_least = false;
	if (!cut && more <= tolerated(finding->packets))
		return;
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
	if (finding->confidence == CONFIDENCE_LIKELY && matched + tolerated(finding->packets) >= finding->packets)
		finding->confidence = CONFIDENCE_PROVEN;
}

static void match_losses(struct events *events)
{
	struct finding **slot;

	vec_each(&events->detection->found->list, slot) {
		struct finding *finding = *slot;
		uint64_t matched;

		if (cause_get(finding->cause)->class != CAUSE_LOSS || !finding->packets)
			continue;
		matched = match(events, finding);
		if (!matched)
			continue;
		confirm(finding, matched);
		complete(events, finding, matched);
	}
}

/* What is left belongs to them whatever their number: much that hurts nobody is not counted, or in other units. */
static void match_innocent(struct events *events)
{
	struct finding **slot;

	vec_each(&events->detection->found->list, slot) {
		if (cause_get((*slot)->cause)->class == CAUSE_INNOCENT)
			(void)take_rest(events, *slot, UINT64_MAX);
	}
}

static enum direction direction_of(const struct object *object)
{
	return strcmp(object_text(object, LABEL_WAY), "leaving") == 0 ? DIRECTION_EGRESS : DIRECTION_INGRESS;
}

/* The finding that events of this cause there made already, or a new one. */
static struct finding *own_finding(struct events *events, const struct told *told, size_t from)
{
	struct detection *detection = events->detection;
	uint32_t netns = told->object->netns;

	for (size_t i = from; i < detection->found->list.count; i++) {
		struct finding *finding = detection->found->list.data[i];

		if (finding->cause == told->meaning.cause && finding->object == netns)
			return finding;
	}
	return detect_add(detection, told->meaning.cause, netns, UNIT_SKBS, direction_of(told->object));
}

/* A loss, or what some rule or program decided, which is one where it goes beyond what that domain takes for harmless. */
static bool is_told_loss(const struct told *told)
{
	return told->left && told->meaning.cause != CAUSE_NONE && cause_get(told->meaning.cause)->class == CAUSE_LOSS &&
	       (told->meaning.harm == REASON_LOSS ||
		(told->meaning.harm == REASON_EITHER && told->meaning.domain == DOMAIN_FILTER));
}

/* What only the kernel told of: no counter knows these packets, or none that was read. */
static void add_untold(struct events *events)
{
	size_t from = events->detection->found->list.count;
	struct told *told;

	vec_each(&events->told, told) {
		struct finding *finding;

		if (!is_told_loss(told) || events->detection->found->list.count - from >= NEW_FINDINGS_MAX)
			continue;
		finding = own_finding(events, told, from);
		finding->packets += told->left;
		told->left = 0;
		if (told->meaning.harm == REASON_EITHER) /* which rule or program it was is not known */
			finding->confidence = CONFIDENCE_LIKELY;
		show(events, finding, told, finding->evidence.count);
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
		told_fill(&told, cell, object_get(detection->objects, cell->object));
		if (is_at_same_place(&told, place) &&
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

/*
 * Drops that hurt nobody by their reason and place; and those of a place where unwanted multicasts end like impossible
 * addresses, when none of the latter were counted.
 */
static bool is_harmless(const struct events *events, const struct told *told)
{
	if (told->meaning.harm != REASON_EITHER)
		return told->meaning.harm == REASON_HARMLESS;
	return told->meaning.cause == CAUSE_MULTICAST_NOT_JOINED &&
	       !series_increase(events->detection->series, C_ROUTE_CACHE_IN_MARTIAN_SRC, OBJECT_HOST_ID);
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
		sum->matched += told->cell->increase - told->left;
		*(harmless ? &sum->harmless : &sum->unmatched) += told->left;
		if (!harmless && told->meaning.domain < DOMAIN_COUNT)
			sum->domains[told->meaning.domain] += told->cell->increase;
	}
}

void detect_events(struct detection *detection)
{
	struct events events = { .detection = detection };

	collect(&events);
	match_losses(&events);
	match_innocent(&events);
	add_untold(&events);
	explain_silent(&events);
	sum_up(&events);
	vec_free(&events.told);
}
