/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `nft -a list ruleset` line by line: tables hold blocks, a chain's block holds its
 * type line and one rule a line with its handle in a comment at the end. A jump to
 * a nameless chain is the exception: its rules follow in braces and only the
 * closing line carries a handle. Format: src/rule.c of nftables (table_print,
 * chain_print); elements of a map may go over several lines.
 */
#include "source/nftables.h"

#include "base/alloc.h"

#include <string.h>

enum block { BLOCK_TOP, BLOCK_TABLE, BLOCK_CHAIN, BLOCK_MAP, BLOCK_COUNTER, BLOCK_OTHER };

struct lines {
	struct firewall *firewall;
	enum block block;
	uint32_t node;	     /* of a chain, map or counter block */
	unsigned int nested; /* braces open inside a chain or another block */
	size_t first_nested; /* rule that opened the first of them */
};

static const char handle_mark[] = "# handle ";

/* Cuts " # handle N" off the end; false, and nothing cut, when the line does not end so. */
static bool cut_handle(struct slice *line, uint64_t *ret)
{
	size_t length = sizeof(handle_mark) - 1, at = line->length;
	struct slice digits;

	while (at && line->data[at - 1] >= '0' && line->data[at - 1] <= '9')
		at--;
	if (at < length || memcmp(line->data + at - length, handle_mark, length) != 0)
		return false;
	digits = (struct slice){ line->data + at, line->length - at };
	if (parse_u64(digits, ret))
		return false;
	*line = slice_trim((struct slice){ line->data, at - length });
	return true;
}

static bool opens_block(struct slice line)
{
	return line.length && line.data[line.length - 1] == '{';
}

/* "table inet filter {" → "inet filter" */
static void read_top(struct lines *lines, struct slice line)
{
	struct cursor cursor = cursor_of(line.data, line.length);
	struct slice word, family, name;

	if (!cursor_word(&cursor, &word) || !slice_is(word, "table") || !opens_block(line) ||
	    !cursor_word(&cursor, &family) || !cursor_word(&cursor, &name)) {
		lines->firewall->partial = true;
		return;
	}
	name = (struct slice){ family.data, (size_t)(name.data + name.length - family.data) };
	if (firewall_add_table(lines->firewall, name))
		lines->block = BLOCK_TABLE;
}

static bool open_node(struct lines *lines, enum firewall_node_kind kind, struct slice name, uint64_t handle)
{
	struct firewall_node *node = firewall_add_node(lines->firewall, kind, name);

	if (!node)
		return false;
	node->handle = handle;
	lines->node = (uint32_t)lines->firewall->nodes.count - 1;
	return true;
}

static void read_table(struct lines *lines, struct slice line, uint64_t handle)
{
	static const struct {
		const char *word;
		enum block block;
		enum firewall_node_kind kind;
	} kinds[] = {
		{ "chain", BLOCK_CHAIN, NODE_CHAIN },
		{ "map", BLOCK_MAP, NODE_MAP },
		{ "counter", BLOCK_COUNTER, NODE_COUNTER },
	};
	struct firewall_table *table = &lines->firewall->tables.data[lines->firewall->tables.count - 1];
	struct cursor cursor = cursor_of(line.data, line.length);
	struct slice word, name;
	bool quoted;

	if (slice_is(line, "}")) {
		lines->block = BLOCK_TOP;
		return;
	}
	if (!cursor_word(&cursor, &word))
		return;
	if (slice_is(word, "flags") && cursor_word(&cursor, &name))
		table->dormant = table->dormant || slice_starts(name, "dormant");
	if (!opens_block(line))
		return;
	lines->block = BLOCK_OTHER;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (slice_is(word, kinds[i].word) && nftables_word(&cursor, &name, &quoted) &&
		    open_node(lines, kinds[i].kind, name, handle))
			lines->block = kinds[i].block;
}

/* "type filter hook input priority filter; policy drop;" */
static void read_type(struct firewall_node *chain, struct slice line)
{
	struct cursor cursor = cursor_of(line.data, line.length);
	struct slice word, value;
	bool quoted;

	while (nftables_word(&cursor, &word, &quoted)) {
		if (quoted)
			continue;
		if (slice_is(word, "hook") && cursor_word(&cursor, &value)) {
			chain->hooks = firewall_hook(value);
			chain->base = true;
		} else if (slice_is(word, "policy") && cursor_word(&cursor, &value)) {
			chain->policy_drop = slice_starts(value, "drop");
		}
	}
}

/* The handle that closes a nameless chain names the rule that opened it and all inside. */
static void close_nested(struct lines *lines, bool has_handle, uint64_t handle)
{
	if (--lines->nested)
		return;
	if (!has_handle)
		lines->firewall->partial = true;
	for (size_t i = lines->first_nested; i < lines->firewall->rules.count; i++) {
		struct firewall_rule *rule = &lines->firewall->rules.data[i];

		rule->number = (uint32_t)handle;
		rule->id = (uint64_t)(i - lines->first_nested) << 32 | (uint32_t)handle;
	}
}

static void read_chain(struct lines *lines, struct slice line, bool has_handle, uint64_t handle)
{
	struct firewall_rule *rule;

	if (slice_is(line, "}")) {
		if (lines->nested)
			close_nested(lines, has_handle, handle);
		else
			lines->block = BLOCK_TABLE;
		return;
	}
	if (!lines->nested && slice_starts(line, "type ")) {
		read_type(&lines->firewall->nodes.data[lines->node], line);
		return;
	}
	if (slice_starts(line, "comment "))
		return;
	rule = nftables_rule_add(lines->firewall, lines->node, line);
	if (opens_block(line) && lines->nested++ == 0)
		lines->first_nested = lines->firewall->rules.count - (rule != NULL);
	if (!rule || lines->nested)
		return;
	lines->firewall->partial = lines->firewall->partial || !has_handle;
	rule->number = (uint32_t)handle;
	rule->id = (uint32_t)handle;
}

static void read_map(struct lines *lines, struct slice line)
{
	struct cursor cursor = cursor_of(line.data, line.length);
	struct firewall_node *map = &lines->firewall->nodes.data[lines->node];
	struct slice word;
	bool quoted;

	if (slice_is(line, "}")) {
		lines->block = BLOCK_TABLE;
		return;
	}
	while (nftables_word(&cursor, &word, &quoted)) {
		if (quoted)
			continue;
		if (slice_is(word, "verdict"))
			map->verdicts = true;
		else if (slice_is(word, "elements"))
			map->complete = true;
		else if (map->complete && (slice_is(word, "drop") || slice_is(word, "drop,")))
			map->drops = true;
		else if (map->complete && (slice_is(word, "jump") || slice_is(word, "goto")))
			nftables_jump_add(lines->firewall, lines->node, &cursor);
	}
}

/* "packets 0 bytes 0" */
static void read_counter(struct lines *lines, struct slice line)
{
	struct firewall_node *counter = &lines->firewall->nodes.data[lines->node];
	struct cursor cursor = cursor_of(line.data, line.length);
	struct slice word;
	uint64_t packets, bytes;

	if (slice_is(line, "}"))
		lines->block = BLOCK_TABLE;
	if (!cursor_word(&cursor, &word) || !slice_is(word, "packets"))
		return;
	packets = cursor_u64(&cursor);
	if (!cursor_word(&cursor, &word) || !slice_is(word, "bytes"))
		return;
	bytes = cursor_u64(&cursor);
	if (cursor.error)
		return;
	counter->packets = packets;
	counter->bytes = bytes;
}

/* Sets, limits, quotas, flow tables, helpers: nothing in them loses packets by itself. */
static void read_other(struct lines *lines, struct slice line)
{
	if (opens_block(line))
		lines->nested++;
	else if (slice_is(line, "}") && lines->nested)
		lines->nested--;
	else if (slice_is(line, "}"))
		lines->block = BLOCK_TABLE;
}

static void read_line(struct lines *lines, struct slice line)
{
	uint64_t handle = 0;
	bool has_handle = cut_handle(&line, &handle);

	switch (lines->block) {
	case BLOCK_TOP:
		read_top(lines, line);
		break;
	case BLOCK_TABLE:
		read_table(lines, line, handle);
		break;
	case BLOCK_CHAIN:
		read_chain(lines, line, has_handle, handle);
		break;
	case BLOCK_MAP:
		read_map(lines, line);
		break;
	case BLOCK_COUNTER:
		read_counter(lines, line);
		break;
	case BLOCK_OTHER:
		read_other(lines, line);
		break;
	}
}

void nftables_text_add(struct firewall *firewall, struct slice text)
{
	struct lines lines = { .firewall = firewall };
	struct cursor cursor = cursor_of(text.data, text.length);
	struct slice line;

	while (cursor_line(&cursor, &line)) {
		line = slice_trim(line);
		if (line.length && line.data[0] != '#')
			read_line(&lines, line);
	}
	if (lines.block != BLOCK_TOP)
		firewall->partial = true; /* cut off */
}

void nftables_map_add(struct firewall *firewall, uint32_t map, struct slice text)
{
	struct lines lines = { .firewall = firewall, .block = BLOCK_MAP, .node = map };
	struct cursor cursor = cursor_of(text.data, text.length);
	struct slice line;
	uint64_t handle;

	while (cursor_line(&cursor, &line)) {
		line = slice_trim(line);
		(void)cut_handle(&line, &handle);
		if (!opens_block(line)) /* the table and the map around the elements */
			read_map(&lines, line);
	}
}
