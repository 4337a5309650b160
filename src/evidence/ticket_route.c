/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes as `ip route` prints them: those that refuse what they match, and how many default routes there are. */
#include "evidence/ticket_parts.h"

#include "base/alloc.h"

#include <string.h>

/* Of routes that the kernel keeps for itself, where older ones listed them. */
#define METRIC_OF_NONE "4294967295"

static bool is_of_routes(struct slice word)
{
	return slice_is(word, "route") || slice_is(word, "ro") || slice_is(word, "r");
}

static bool made_by(const struct ticket_command *command)
{
	bool routes = false;

	for (size_t i = 1; i < command->count && command_runs(command, "ip"); i++) {
		if (slice_is(command->words[i], "get"))
			return false;
		routes |= is_of_routes(command->words[i]);
	}
	return routes;
}

static bool begins(struct slice line)
{
	return slice_starts(line, "default via ");
}

static const char *refusal(struct slice word)
{
	static const char *const types[] = { "blackhole", "unreachable", "prohibit", "throw" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (slice_is(word, types[i]))
			return types[i];
	}
	return NULL;
}

/* What stands behind a word of the line; empty where it is not there. */
static struct slice behind(const struct slice *words, size_t count, const char *word)
{
	for (size_t i = 0; i + 1 < count; i++) {
		if (slice_is(words[i], word))
			return words[i + 1];
	}
	return (struct slice){ "", 0 };
}

static bool is_v6(const struct block *block, struct slice line)
{
	return command_has(block->command, "-6") || (!command_has(block->command, "-4") && line_has(line, ":"));
}

static void add_object(struct block *block, const char *type, const char *text, counter_id counter)
{
	struct object_key key = { OBJECT_ROUTE, block->netns->key.netns, object_hash(text), 0 };
	struct object *object = object_intern(block->objects, key, NULL);

	if (!object)
		return;
	object_label(object, LABEL_NAME, text);
	object_label(object, LABEL_KIND, type);
	object_label(object, LABEL_TEXT, text);
	block_sum(block, counter, object, 1);
}

static void add_refusal(struct block *block, const char *type, const struct slice *words, size_t count, bool v6)
{
	struct slice to = words[1], table = behind(words, count, "table");
	CLEANUP_TEXT struct text text = { 0 };

	if (v6 && slice_is(to, "default"))
		to = SLICE("::/0");
	text_addf(&text, "%s %.*s", type, (int)to.length, to.data);
	if (table.length && !slice_is(table, "main"))
		text_addf(&text, " table %.*s", (int)table.length, table.data);
	add_object(block, type, text_string(&text), C_ROUTE_PRESENT);
}

static bool take(struct block *block, struct slice line)
{
	struct slice words[COMMAND_WORDS_MAX];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	const char *type = count > 1 ? refusal(words[0]) : NULL;

	if (count && slice_is(words[0], "nexthop"))
		return true;
	if (count < 2)
		return !count;
	if (type && !slice_is(behind(words, count, "metric"), METRIC_OF_NONE))
		add_refusal(block, type, words, count, is_v6(block, line));
	return type || count > 2;
}

/* Without "table all" and without a family it is IPv4's main table only. */
static void end(struct block *block)
{
	const struct ticket_command *command = block->command;

	if (command_has(command, "all") && !command_has(command, "-4") && !command_has(command, "-6") &&
	    !command->filtered)
		block_covers(block, SOURCE_ROUTE, block->netns);
}

/* ---- ip rule ---- */

static bool rule_made_by(const struct ticket_command *command)
{
	static const char *const names[] = { "rule", "ru", "rul" };

	for (size_t i = 0; command_runs(command, "ip") && i < ARRAY_SIZE(names); i++) {
		if (command_has(command, names[i]))
			return true;
	}
	return false;
}

/* "32766:	from all lookup main", "100:	not from all fwmark 0x1 unreachable": its number. */
static bool is_rule(const struct slice *words, size_t count)
{
	uint64_t preference;

	return count > 3 && words[0].data[words[0].length - 1] == ':' && leading_number(words[0], &preference) &&
	       (slice_is(words[1], "from") || (slice_is(words[1], "not") && slice_is(words[2], "from")));
}

static bool rule_begins(struct slice line)
{
	struct slice words[4];
	size_t count = line_words(line, words, ARRAY_SIZE(words));

	return count > 3 && is_rule(words, count);
}

/* Up to the word that refuses, as the kernel's own list is told. */
static void add_rule(struct block *block, const struct slice *words, size_t count, bool v6)
{
	CLEANUP_TEXT struct text text = { 0 };

	for (size_t i = 0; i < count; i++) {
		const char *type = i > 2 ? refusal(words[i]) : NULL;

		text_addf(&text, "%s%.*s", i ? " " : "", (int)words[i].length, words[i].data);
		if (!type)
			continue;
		text_add(&text, v6 ? " (IPv6)" : "");
		add_object(block, type, text_string(&text), C_ROUTE_RULE_PRESENT);
		return;
	}
}

static bool rule_take(struct block *block, struct slice line)
{
	struct slice words[COMMAND_WORDS_MAX];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	bool v6 = command_has(block->command, "-6");

	if (!count || !is_rule(words, count))
		return !count;
	for (size_t i = 2; i < count; i++)
		v6 |= words[i].length > 2 && memchr(words[i].data, ':', words[i].length);
	add_rule(block, words, count, v6);
	block->number++;
	return true;
}

/* How many there are is known of all of a family. */
static void rule_end(struct block *block)
{
	if (block->number && rule_made_by(block->command) && !block->command->filtered)
		block_add(block, command_has(block->command, "-6") ? C_ROUTE_RULES_V6 : C_ROUTE_RULES_V4, block->netns,
			  block->number);
}

const struct ticket_format ticket_formats_route[] = {
	{ "ip rule", .made_by = rule_made_by, .begins = rule_begins, .take = rule_take, .end = rule_end,
	  .every_line = true },
	{ "ip route", .made_by = made_by, .begins = begins, .take = take, .end = end, .every_line = true },
	{ 0 },
};
