/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is found by the kernel's drop events where no counter tells, or none by itself (events.c). */
#include "diagnose/events_parts.h"

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

void events_add_untold(struct events *events)
{
	size_t from = events->detection->found->list.count;
	struct told *told;

	vec_each(&events->told, told) {
		struct finding *finding;

		if (!is_told_loss(told) || events->detection->found->list.count - from >= NEW_FINDINGS_MAX)
			continue;
		finding = own_finding(events, told, from);
		finding->packets += told_left(told);
		events->detection->events->uncounted += told_left(told);
		told->sure = told->edge = 0;
		if (told->meaning.harm == REASON_EITHER) /* which rule or program it was is not known */
			finding->confidence = CONFIDENCE_LIKELY;
		told_show(events, finding, told, finding->evidence.count);
	}
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
