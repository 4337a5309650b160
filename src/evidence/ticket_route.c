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

static void add_refusal(struct block *block, const char *type, const struct slice *words, size_t count, bool v6)
{
	struct slice to = words[1], table = behind(words, count, "table");
	CLEANUP_TEXT struct text text = { 0 };
	struct object *route;

	if (v6 && slice_is(to, "default"))
		to = SLICE("::/0");
	text_addf(&text, "%s %.*s", type, (int)to.length, to.data);
	if (table.length && !slice_is(table, "main"))
		text_addf(&text, " table %.*s", (int)table.length, table.data);
	route = object_intern(
		block->objects,
		(struct object_key){ OBJECT_ROUTE, block->netns->key.netns, object_hash(text_string(&text)), 0 }, NULL);
	if (!route)
		return;
	object_label(route, LABEL_NAME, text_string(&text));
	object_label(route, LABEL_KIND, type);
	object_label(route, LABEL_TEXT, text_string(&text));
	block_sum(block, C_ROUTE_PRESENT, route, 1);
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

const struct ticket_format ticket_formats_route[] = {
	{ "ip route", .made_by = made_by, .begins = begins, .take = take, .end = end, .every_line = true },
	{ 0 },
};
