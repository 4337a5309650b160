/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connection tracking as conntrack(8) tells it: its statistics, a line for each CPU, which are added up, or, in an old
 * layout, a line for each name; how many connections there are, alone or below a list of them.
 */
#include "evidence/ticket_parts.h"

#include "base/alloc.h"

#include <string.h>

static const struct named_counter statistics[] = {
	{ "entries", C_CONNTRACK_COUNT },
	{ "found", C_CONNTRACK_FOUND },
	{ "invalid", C_CONNTRACK_INVALID },
	{ "insert", C_CONNTRACK_INSERT },
	{ "insert_failed", C_CONNTRACK_INSERT_FAILED },
	{ "drop", C_CONNTRACK_DROP },
	{ "early_drop", C_CONNTRACK_EARLY_DROP },
	{ "error", C_CONNTRACK_ERROR },
	{ "icmp_error", C_CONNTRACK_ERROR },
	{ "search_restart", C_CONNTRACK_SEARCH_RESTART },
	{ "clash_resolve", C_CONNTRACK_CLASH_RESOLVE },
	{ "chaintoolong", C_CONNTRACK_CHAINTOOLONG },
	{ "expect_new", C_CONNTRACK_EXPECT_NEW },
	{ "expect_create", C_CONNTRACK_EXPECT_CREATE },
	{ "expect_delete", C_CONNTRACK_EXPECT_DELETE },
	{ 0 },
};

static bool runs_conntrack(const struct ticket_command *command, const char *option, const char *word)
{
	return command_runs(command, "conntrack") && (command_has(command, option) || command_has(command, word));
}

/* "conntrack v1.4.4 (conntrack-tools): ...": how it ended. */
static bool is_last_word(struct slice line)
{
	return slice_starts(line, "conntrack v");
}

/* ---- conntrack -S ---- */

static bool statistics_made_by(const struct ticket_command *command)
{
	return runs_conntrack(command, "-S", "--stats");
}

/* "cpu=0", of any CPU. */
static bool cpu_of(struct slice word, uint64_t *ret)
{
	return slice_starts(word, "cpu=") && !parse_u64((struct slice){ word.data + 4, word.length - 4 }, ret);
}

static bool statistics_begins(struct slice line)
{
	struct slice words[3];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	uint64_t value;

	if (count == 2 && slice_is(words[0], "entries"))
		return !parse_u64(words[1], &value);
	return count == 3 && cpu_of(words[0], &value) &&
	       (slice_starts(words[1], "found=") || slice_starts(words[1], "searched="));
}

/* "entries    90" */
static bool take_name(struct block *block, const struct slice *words)
{
	uint64_t value;

	if (parse_u64(words[1], &value))
		return false;
	block_add(block, counter_named(statistics, words[0]), block->netns, value);
	return true;
}

/* The CPUs come in their order: one that is not behind the one before begins the output once more. */
static bool take_cpu(struct block *block, uint64_t cpu, const struct slice *words, size_t count)
{
	if (block->state && cpu <= block->number)
		block_again(block);
	block->state = 1;
	block->number = cpu;
	for (size_t i = 0; i < count; i++) {
		struct cursor cursor = { .rest = words[i] };
		struct slice name;
		uint64_t value;

		if (!cursor_until(&cursor, '=', &name) || parse_u64(cursor.rest, &value))
			return false;
		block_sum(block, counter_named(statistics, name), block->netns, value);
	}
	return true;
}

static bool statistics_take(struct block *block, struct slice line)
{
	struct slice words[32];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	bool understood = false;
	uint64_t cpu;

	if (!count || is_last_word(line))
		return true;
	if (cpu_of(words[0], &cpu))
		understood = count > 1 && take_cpu(block, cpu, words + 1, count - 1);
	else if (count == 2)
		understood = take_name(block, words);
	if (understood)
		block_covers(block, SOURCE_CONNTRACK, block->netns);
	return understood;
}

/* ---- conntrack -C, conntrack -L ---- */

static bool count_made_by(const struct ticket_command *command)
{
	return runs_conntrack(command, "-C", "--count");
}

static bool count_take(struct block *block, struct slice line)
{
	uint64_t value;

	line = slice_trim(line);
	if (!line.length)
		return true;
	if (parse_u64(line, &value))
		return is_last_word(line);
	block_add(block, C_CONNTRACK_COUNT, block->netns, value);
	return true;
}

static bool list_made_by(const struct ticket_command *command)
{
	return runs_conntrack(command, "-L", "--dump");
}

/* "conntrack v1.4.7 (conntrack-tools): 123 flow entries have been shown.": all there are, when none were asked for. */
static bool list_take(struct block *block, struct slice line)
{
	const char *colon = line.length ? memchr(line.data, ':', line.length) : NULL;
	struct slice words[3], rest;
	uint64_t value;

	line = slice_trim(line);
	if (!is_last_word(line) || !colon)
		return !line.length || line_has(line, "src=");
	rest = (struct slice){ colon + 1, (size_t)(line.data + line.length - colon) - 1 };
	if (line_words(rest, words, ARRAY_SIZE(words)) == 3 && slice_is(words[1], "flow") &&
	    !parse_u64(words[0], &value) && block->command->count == 2)
		block_add(block, C_CONNTRACK_COUNT, block->netns, value);
	return true;
}

const struct ticket_format ticket_formats_conntrack[] = {
	{ "conntrack -S", .made_by = statistics_made_by, .begins = statistics_begins, .take = statistics_take,
	  .every_line = true },
	{ "conntrack -C", .made_by = count_made_by, .take = count_take },
	{ "conntrack -L", .made_by = list_made_by, .take = list_take },
	{ 0 },
};
