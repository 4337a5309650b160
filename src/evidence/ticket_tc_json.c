/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tc -s -j: the same numbers as without -j, and under the same names, in one list. */
#include "evidence/ticket_tc.h"

#include "source/qdisc.h"

#include "base/alloc.h"

#include <jansson.h>
#include <string.h>

#define JSON_HEADING_MAX 256

/* The first line as tc prints it without -j, without the options. */
static bool json_heading(struct block *block, const json_t *json)
{
	CLEANUP_TEXT struct text heading = { .max = JSON_HEADING_MAX };
	const char *class = json_string_value(json_object_get(json, "class"));
	const char *kind = class ? class : json_string_value(json_object_get(json, "kind"));
	const char *handle = json_string_value(json_object_get(json, "handle"));
	const char *device = json_string_value(json_object_get(json, "dev"));
	const char *parent = json_string_value(json_object_get(json, "parent"));
	struct slice words[16];
	size_t count;

	text_addf(&heading, "%s %s %s ", class ? "class" : "qdisc", kind ? kind : "", handle ? handle : "");
	text_addf(&heading, "%s%s%s%s", device ? "dev " : "", device ? device : "", parent ? " parent " : " root",
		  parent ? parent : "");
	count = line_words((struct slice){ text_string(&heading), heading.length }, words, ARRAY_SIZE(words));
	return tc_is_heading(words, count, class ? "class" : "qdisc") && tc_take_heading(block, words, count);
}

static void json_number(struct block *block, counter_id counter, const json_t *json)
{
	if (json_is_integer(json) && json_integer_value(json) >= 0)
		block_add(block, counter, block->object, (uint64_t)json_integer_value(json));
}

/* Rates are bytes per second here. What netem loses is told in another way. */
static void json_options(struct block *block, json_t *json)
{
	const char *word;
	json_t *value;

	json_object_foreach(json, word, value)
	{
		json_number(block, tc_option_counter(block->object, word), value);
	}
}

static void json_statistics(struct block *block, json_t *json)
{
	const struct qdisc_counters *counters = tc_counters_of(block->object);
	const char *word;
	json_t *value;

	json_number(block, counters->bytes, json_object_get(json, "bytes"));
	json_number(block, counters->packets, json_object_get(json, "packets"));
	json_number(block, counters->drops, json_object_get(json, "drops"));
	json_number(block, counters->overlimits, json_object_get(json, "overlimits"));
	json_number(block, counters->requeues, json_object_get(json, "requeues"));
	json_number(block, counters->backlog_bytes, json_object_get(json, "backlog"));
	json_number(block, counters->backlog_packets, json_object_get(json, "qlen"));
	json_object_foreach(json, word, value)
	{
		json_number(block, tc_extended_counter(block->object, word), value);
	}
}

bool tc_json_begins(struct slice line)
{
	struct slice trimmed = slice_trim(line);

	return (slice_starts(trimmed, "[{\"kind\":\"") || slice_starts(trimmed, "[{\"class\":\"")) &&
	       line_has(line, "\"handle\":\"");
}

/* One list; what is no list at all is left in the text. */
static void json_take_all(struct block *block)
{
	json_t *list = json_loadb(block->text.data, block->text.length, 0, NULL), *json;
	size_t i;

	if (!list)
		return;
	json_array_foreach(list, i, json)
	{
		json_t *class_options = json_object_get(json, "class") ? json : NULL;
		json_t *statistics = json_object_get(json, "stats");

		block->object = NULL;
		if (!json_heading(block, json) || !block->object)
			continue;
		json_options(block, class_options ? class_options : json_object_get(json, "options"));
		json_statistics(block, statistics ? statistics : json);
	}
	json_decref(list);
	text_clear(&block->text);
}

bool tc_json_take(struct block *block, struct slice line)
{
	struct slice trimmed = slice_trim(line);

	if (!trimmed.length)
		return true;
	/* Not without -j: kinds of qdiscs and classes that have no JSON are printed as ever. */
	if (!block->text.length && trimmed.data[0] != '[')
		return tc_take(block, line);
	return block_keep(block, trimmed);
}

void tc_json_end(struct block *block)
{
	if (!block->text.length)
		return;
	json_take_all(block);
	if (block->text.length)
		block->fault = "the JSON is not whole";
}
