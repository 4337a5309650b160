/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the formats share. */
#include "render/part.h"

#include "render/printable.h"

#include "base/alloc.h"
#include "base/parse.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct objects *answer_objects(const struct answer *answer)
{
	return series_objects(answer->diagnosis->series);
}

const struct object *answer_object(const struct answer *answer, uint32_t object)
{
	return object_get(answer_objects(answer), object);
}

enum owner finding_owner(const struct finding *finding)
{
	size_t links = finding->because.count;

	return cause_get(links ? finding->because.data[links - 1].cause : finding->cause)->owner;
}

void evidence_check(const struct answer *answer, const struct evidence *evidence, struct text *ret)
{
	CLEANUP_TEXT struct text raw = { 0 };

	counter_check(answer_objects(answer), evidence->counter, answer_object(answer, evidence->object), &raw);
	text_add_printable(ret, text_string(&raw), true);
}

void sentence_fill(const struct answer *answer, uint32_t object, const char *template, struct text *ret)
{
	template_fill(answer_objects(answer), COUNTER_NONE, answer_object(answer, object), template, ret);
}

static bool is_rule(const struct object *object)
{
	return object->key.kind == OBJECT_RULE || object->key.kind == OBJECT_CHAIN;
}

/* An accept rule of nft does not stop a drop of legacy iptables, and the other way round: each has its own rows. */
static bool remedy_fits(const struct remedy *remedy, const struct object *object)
{
	bool legacy = is_rule(object) && *object_text(object, LABEL_DRIVER);

	if (slice_starts(slice_of(remedy->commands), "{driver} "))
		return legacy;
	return !legacy || !strstr(remedy->commands, "{table}");
}

/* A reason's remedy can lie in the rule of the finding, as that of a service whose port is closed. */
static uint32_t remedy_object(const struct answer *answer, const struct finding *finding, const struct because *because,
			      const struct remedy *remedy)
{
	if (strstr(remedy->commands, "{table}") && !is_rule(answer_object(answer, because->object)))
		return finding->object;
	return because->object;
}

/* Those of the reasons, root first, then the cause's own: a reason and its loss may have the same one. */
static const struct remedy *remedy_in_order(const struct answer *answer, const struct finding *finding, size_t index,
					    uint32_t *ret_object)
{
	const struct remedy *remedy;

	for (size_t link = finding->because.count; link-- > 0;) {
		const struct because *because = &finding->because.data[link];

		for (size_t i = 0; (remedy = remedy_of(because->cause, i)); i++) {
			*ret_object = remedy_object(answer, finding, because, remedy);
			if (remedy_fits(remedy, answer_object(answer, *ret_object)) && index-- == 0)
				return remedy;
		}
	}
	*ret_object = finding->object;
	for (size_t i = 0; (remedy = remedy_of(finding->cause, i)); i++) {
		if (remedy_fits(remedy, answer_object(answer, *ret_object)) && index-- == 0)
			return remedy;
	}
	return NULL;
}

static bool said_before(const struct answer *answer, const struct finding *finding, size_t index, const char *action)
{
	uint32_t object;

	for (size_t i = 0; i < index; i++) {
		if (strcmp(remedy_in_order(answer, finding, i, &object)->action, action) == 0)
			return true;
	}
	return false;
}

const struct remedy *finding_remedy(const struct answer *answer, const struct finding *finding, size_t index,
				    uint32_t *ret_object)
{
	const struct remedy *remedy;

	for (size_t i = 0; (remedy = remedy_in_order(answer, finding, i, ret_object)); i++) {
		if (!said_before(answer, finding, i, remedy->action) && index-- == 0)
			return remedy;
	}
	return NULL;
}

bool evidence_is_level(const struct evidence *evidence)
{
	return counter_get(evidence->counter)->form == FORM_GAUGE;
}

const char *evidence_state(const struct evidence *evidence)
{
	if (evidence->state & CELL_SINCE_BOOT)
		return "read once: all there was since boot";
	if (evidence->state & CELL_RESET)
		return "the counter was reset: at least so many";
	if (evidence->state & CELL_WRAPPED)
		return "the counter passed 2^32: the difference is exact";
	if (counter_get(evidence->counter)->kind != KIND_DROP)
		return NULL; /* levels and figures of a process are first read when it comes under suspicion */
	if (evidence->state & CELL_APPEARED)
		return "appeared while it was watched";
	if (evidence->state & CELL_VANISHED)
		return "gone before the end";
	return NULL;
}

void text_add_count(struct text *text, uint64_t count)
{
	char digits[24];
	size_t length = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, count);

	for (size_t i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			text_add(text, ",");
		text_add_bytes(text, &digits[i], 1);
	}
}
