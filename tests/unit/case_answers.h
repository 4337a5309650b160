/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of a diagnosis as a case's expectations have them. */
#pragma once

#include "model/verdict.h"
#include "unit/unit.h"

#include "base/alloc.h"
#include "base/text.h"

#include <string.h>

static const struct finding *finding_of(const struct findings *findings, const char *id)
{
	struct finding **finding;

	vec_each(&findings->list, finding) {
		if (strcmp(cause_id((*finding)->cause), id) == 0)
			return *finding;
	}
	return NULL;
}

/* As the cause of a finding, or as a reason of one. */
static bool is_named(const struct findings *findings, const char *id)
{
	struct finding **finding;

	vec_each(&findings->list, finding) {
		const struct because *because;

		vec_each(&(*finding)->because, because) {
			if (strcmp(cause_id(because->cause), id) == 0)
				return true;
		}
	}
	return finding_of(findings, id);
}

/* "because-1,because-2" or "none". */
static char *because_list(const struct finding *finding)
{
	struct text text = { 0 };
	const struct because *because;

	vec_each(&finding->because, because)
		text_addf(&text, "%s%s", text.length ? "," : "", cause_id(because->cause));
	return text.length ? text_take(&text) : mem_strdup("none");
}

/* "COUNTER FOLLOWED, COUNTER FOLLOWED" or "none". */
static void effect_list(const struct finding *finding, struct text *ret)
{
	const struct effect *effect;

	vec_each(&finding->effects, effect)
		text_addf(ret, "%s%s %llu", ret->length ? ", " : "", counter_name(effect->counter),
			  (unsigned long long)effect->followed);
	if (!ret->length)
		text_add(ret, "none");
}

static void counted_only(const struct event_sum *events, struct text *ret)
{
	for (size_t domain = 0; domain < DOMAIN_COUNT; domain++) {
		if (events->counted_only[domain])
			text_addf(ret, "%s%s %llu", ret->length ? ", " : "", domain_id((enum domain)domain),
				  (unsigned long long)events->counted_only[domain]);
	}
	if (!ret->length)
		text_add(ret, "none");
}

/*
 * `rest LEAST MOST`: how many drop events belong to nothing that was found; `untold PACKETS`, `counted_only DOMAIN PACKETS,
 * …` or `none`: what counters alone tell of. False for any other word.
 */
static bool ledger_says(const struct event_sum *events, const char *word, struct text *ret)
{
	if (strcmp(word, "rest") == 0)
		text_addf(ret, "%llu %llu", (unsigned long long)events->unmatched_least,
			  (unsigned long long)events->unmatched);
	else if (strcmp(word, "untold") == 0)
		text_addf(ret, "%llu", (unsigned long long)events->untold);
	else if (strcmp(word, "counted_only") == 0)
		counted_only(events, ret);
	return ret->length > 0;
}
