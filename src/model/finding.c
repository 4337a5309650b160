/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings with their evidence and chains of reasons. */
#include "model/finding.h"

#include "base/alloc.h"

#include <stdlib.h>

const char *confidence_name(enum confidence confidence)
{
	switch (confidence) {
	case CONFIDENCE_POSSIBLE:
		return "possible";
	case CONFIDENCE_LIKELY:
		return "likely";
	case CONFIDENCE_PROVEN:
		return "proven";
	}
	return "";
}

const char *direction_name(enum direction direction)
{
	switch (direction) {
	case DIRECTION_INGRESS:
		return "ingress";
	case DIRECTION_EGRESS:
		return "egress";
	case DIRECTION_LOCAL:
		return "local";
	}
	return "";
}

const char *pattern_name(enum pattern pattern)
{
	switch (pattern) {
	case PATTERN_UNKNOWN:
		return "";
	case PATTERN_STEADY:
		return "steady";
	case PATTERN_BURSTY:
		return "bursty";
	case PATTERN_CONDITIONAL:
		return "conditional";
	}
	return "";
}

static void finding_clear(struct finding *finding)
{
	struct because *because;

	vec_each(&finding->because, because)
		vec_free(&because->evidence);
	vec_free(&finding->because);
	vec_free(&finding->evidence);
	vec_free(&finding->effects);
	vec_free(&finding->next);
	free(finding->detail);
}

void finding_free(struct finding *finding)
{
	if (!finding)
		return;
	finding_clear(finding);
	free(finding);
}

static void finding_set(struct finding *finding, enum cause cause, uint32_t object)
{
	*finding = (struct finding){
		.cause = cause,
		.object = object,
		.passed = PASSED_UNKNOWN,
		.passed_counter = COUNTER_NONE,
	};
}

struct finding *finding_add(struct findings *findings, enum cause cause, uint32_t object)
{
	struct finding **slot = vec_add(&findings->list, FINDINGS_MAX);

	if (!slot)
		return NULL;
	*slot = NEW(struct finding);
	finding_set(*slot, cause, object);
	return *slot;
}

struct finding *finding_spare(struct findings *findings, enum cause cause, uint32_t object)
{
	if (findings->spare)
		finding_clear(findings->spare);
	else
		findings->spare = NEW(struct finding);
	finding_set(findings->spare, cause, object);
	return findings->spare;
}

void findings_free(struct findings *findings)
{
	struct finding **finding;

	vec_each(&findings->list, finding)
		finding_free(*finding);
	vec_free(&findings->list);
	finding_free(findings->spare);
	findings->spare = NULL;
}

static bool evidence_of(const struct series *series, counter_id counter, uint32_t object, const char *note,
			struct evidence *ret)
{
	const struct cell *cell = series_cell(series, counter, object);

	if (!cell)
		return false;
	*ret = (struct evidence){
		.counter = counter,
		.object = object,
		.before = cell->first,
		.after = cell->last,
		.delta = counter_get(counter)->form == FORM_GAUGE ? cell->last : cell->increase,
		.state = cell->state,
		.note = note,
	};
	return true;
}

bool finding_is_since_boot(const struct finding *finding)
{
	const struct evidence *evidence;

	vec_each(&finding->evidence, evidence) {
		if (evidence->delta && evidence->state & CELL_SINCE_BOOT)
			return true;
	}
	return false;
}

void finding_evidence(struct finding *finding, const struct series *series, counter_id counter, uint32_t object,
		      const char *note)
{
	struct evidence evidence, *slot;

	if (!evidence_of(series, counter, object, note, &evidence))
		return;
	vec_each(&finding->evidence, slot) {
		if (slot->counter == counter && slot->object == object)
			return;
	}
	slot = vec_add(&finding->evidence, EVIDENCE_MAX);
	if (slot)
		*slot = evidence;
}

struct because *finding_because(struct finding *finding, enum cause cause, uint32_t object)
{
	struct because *because = vec_add(&finding->because, BECAUSE_MAX);

	if (because) {
		because->cause = cause;
		because->object = object;
	}
	return because;
}

void because_evidence(struct because *because, const struct series *series, counter_id counter, uint32_t object,
		      const char *note)
{
	struct evidence evidence, *slot;

	if (!because || !evidence_of(series, counter, object, note, &evidence))
		return;
	slot = vec_add(&because->evidence, EVIDENCE_MAX);
	if (slot)
		*slot = evidence;
}

void finding_next(struct finding *finding, const char *next)
{
	const char **slot = next && *next ? vec_add(&finding->next, NEXT_MAX) : NULL;

	if (slot)
		*slot = next;
}
