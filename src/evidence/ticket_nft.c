/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `nft list ruleset` and parts of it. Lines are joined so that each is a rule or opens or closes a block, and are then
 * read into the same graph that the kernel's messages fill. Handles are there with -a only: without them a rule is
 * known by its text and named by its place ("nft inet filter input rule 3").
 */
#include "evidence/ticket_nft.h"

#include "base/alloc.h"

#include <string.h>

#define NESTING_MAX 16
#define HANDLE "# handle "

static const char *const families[] = { "inet", "ip", "ip6", "arp", "bridge", "netdev" };

/* ---- lines ---- */

/* Cuts " # handle 7" off the end; 0 where there is none. */
static uint64_t cut_handle(struct slice *line)
{
	size_t at = line->length, length = strlen(HANDLE);
	uint64_t handle;

	while (at && line->data[at - 1] >= '0' && line->data[at - 1] <= '9')
		at--;
	if (at < length || memcmp(line->data + at - length, HANDLE, length) != 0 ||
	    parse_u64((struct slice){ line->data + at, line->length - at }, &handle))
		return 0;
	*line = slice_trim((struct slice){ line->data, at - length });
	return handle;
}

/* Opening braces less closing ones, but for what is quoted. */
static int braces_of(struct slice line)
{
	bool quoted = false;
	int open = 0;

	for (size_t i = 0; i < line.length; i++) {
		if (line.data[i] == '"')
			quoted = !quoted;
		else if (!quoted && line.data[i] == '{')
			open++;
		else if (!quoted && line.data[i] == '}')
			open--;
	}
	return open;
}

static bool opens_block(struct slice line)
{
	return line.length && line.data[line.length - 1] == '{';
}

static bool is_table(struct slice line)
{
	struct slice words[4];
	size_t count;

	(void)cut_handle(&line);
	count = line_words(line, words, ARRAY_SIZE(words));
	return (count == 3 || count == 4) && slice_is(words[0], "table") && slice_is(words[count - 1], "{");
}

static bool nft_begins(struct slice line)
{
	return is_table(slice_trim(line));
}

static bool nft_made_by(const struct ticket_command *command)
{
	return command_runs(command, "nft") && command_has(command, "list");
}

/* ---- the graph ---- */

struct reader {
	struct firewall firewall;
	uint32_t table;
	uint32_t chains[NESTING_MAX]; /* one in the other, where rules open chains without a name */
	size_t depth;		      /* chains that are open */
	uint32_t node;		      /* set, map or counter that is open */
	bool in_table, in_node;
	size_t foreign; /* blocks that are open and hold nothing of ours */
	uint32_t nameless;
	bool handles, stateless;
};

static struct slice unquoted(struct slice word)
{
	if (word.length >= 2 && word.data[0] == '"' && word.data[word.length - 1] == '"')
		return (struct slice){ word.data + 1, word.length - 2 };
	return word;
}

/* "table inet filter {", of old "table filter {" */
static void open_table(struct reader *reader, struct slice line, uint64_t handle)
{
	struct slice words[4], family = slice_of("ip"), name;
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	CLEANUP_TEXT struct text full = { 0 };
	struct firewall_table *table;

	/* One that is still open was cut off. */
	reader->firewall.partial |= reader->in_table;
	reader->depth = reader->foreign = 0;
	reader->in_node = false;
	name = words[count - 2];
	for (size_t i = 0; count == 4 && i < ARRAY_SIZE(families); i++) {
		if (slice_is(words[1], families[i]))
			family = words[1];
	}
	text_addf(&full, "%.*s %.*s", (int)family.length, family.data, (int)name.length, name.data);
	table = firewall_add_table(&reader->firewall, firewall_keep(&reader->firewall, text_string(&full)));
	reader->in_table = table != NULL;
	reader->table = (uint32_t)reader->firewall.tables.count - 1;
	if (table)
		table->handle = handle;
}

static uint32_t open_node(struct reader *reader, enum firewall_node_kind kind, struct slice name, uint64_t handle)
{
	struct firewall_node *node = firewall_add_node(&reader->firewall, reader->table, kind, name);

	if (!node)
		return FIREWALL_NONE;
	node->handle = handle;
	return (uint32_t)(node - reader->firewall.nodes.data);
}

/* "chain input {", "set blk {", "map vm {", "counter badone {" and what else a table may hold. */
static void open_part(struct reader *reader, struct slice line, uint64_t handle)
{
	static const struct {
		const char *word;
		enum firewall_node_kind kind;
	} kinds[] = {
		{ "chain", NODE_CHAIN },
		{ "set", NODE_MAP },
		{ "map", NODE_MAP },
		{ "counter", NODE_COUNTER },
	};
	struct slice words[3];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	uint32_t node = FIREWALL_NONE;

	for (size_t i = 0; count == 3 && i < ARRAY_SIZE(kinds); i++) {
		if (!slice_is(words[0], kinds[i].word))
			continue;
		node = open_node(reader, kinds[i].kind, unquoted(words[1]), handle);
		if (node == FIREWALL_NONE)
			break;
		if (kinds[i].kind == NODE_CHAIN)
			reader->chains[reader->depth++] = node;
		else
			reader->in_node = true;
		reader->node = node;
		return;
	}
	reader->foreign++;
}

/* "jump {": a chain without a name, in which the rule that opens it stands. */
static void open_nameless(struct reader *reader, struct slice line)
{
	uint32_t outer = reader->chains[reader->depth - 1], chain;
	CLEANUP_TEXT struct text name = { 0 };
	struct slice kept;

	if (reader->depth == NESTING_MAX) {
		reader->foreign++;
		return;
	}
	text_addf(&name, "__chain%u", ++reader->nameless);
	kept = firewall_keep(&reader->firewall, text_string(&name));
	chain = open_node(reader, NODE_CHAIN, kept, 0);
	if (chain == FIREWALL_NONE) {
		reader->foreign++;
		return;
	}
	nft_add_rule(&reader->firewall, outer, line, 0, kept, &reader->stateless);
	reader->firewall.nodes.data[chain].outer = outer;
	/* Its handle follows its end; until then the place of its rule stands for it. */
	reader->firewall.nodes.data[chain].handle = reader->firewall.nodes.data[outer].rules;
	reader->chains[reader->depth++] = chain;
}

static void close_block(struct reader *reader, uint64_t handle)
{
	if (reader->foreign) {
		reader->foreign--;
	} else if (reader->depth) {
		struct firewall_node *node = &reader->firewall.nodes.data[reader->chains[--reader->depth]];

		if (handle && reader->depth)
			node->handle = handle;
	} else if (reader->in_node) {
		reader->in_node = false;
	} else {
		reader->in_table = false;
	}
}

/* "type filter hook input priority filter; policy drop;" */
static void read_hook(struct reader *reader, struct slice line)
{
	struct firewall_node *chain = &reader->firewall.nodes.data[reader->chains[0]];
	struct cursor cursor = cursor_of(line.data, line.length);
	struct slice word, before = SLICE("");

	for (; cursor_word(&cursor, &word); before = word) {
		if (slice_is(before, "hook")) {
			chain->base = true;
			chain->hooks = firewall_hook(word);
		}
		if (slice_is(before, "policy"))
			chain->policy_drop = slice_is(word, "drop;") || slice_is(word, "drop");
	}
}

/* What a set, a map or a counter is and holds. */
static void read_content(struct reader *reader, struct slice line)
{
	struct firewall_node *node = &reader->firewall.nodes.data[reader->node];
	uint64_t bytes;

	if (node->kind == NODE_COUNTER) {
		if (number_behind(line, "packets", &node->packets) && number_behind(line, "bytes", &bytes))
			node->bytes = bytes;
		return;
	}
	if (slice_starts(line, "type ") || slice_starts(line, "typeof "))
		node->verdicts = line_has(line, ": verdict");
	if (slice_starts(line, "size "))
		(void)number_behind(line, "size", &node->limit);
	if (slice_starts(line, "flags ") && (line_has(line, "interval") || line_has(line, "constant")))
		node->wanted = true; /* elements are not counted one by one */
	if (slice_starts(line, "elements"))
		nft_read_elements(&reader->firewall, reader->node, line);
}

static void read_rule(struct reader *reader, struct slice line, uint64_t handle)
{
	uint32_t chain = reader->chains[reader->depth - 1];

	if (slice_starts(line, "type ") && line_has(line, " hook "))
		read_hook(reader, line);
	else if (!slice_starts(line, "comment "))
		nft_add_rule(&reader->firewall, chain, line, handle, SLICE(""), &reader->stateless);
}

static void read_line(struct reader *reader, struct slice line)
{
	uint64_t handle = cut_handle(&line);

	reader->handles |= handle != 0;
	if (!line.length || line.data[0] == '#')
		return;
	if (line.data[0] == '}')
		close_block(reader, handle);
	else if (is_table(line))
		open_table(reader, line, handle);
	else if (reader->foreign)
		reader->foreign += opens_block(line);
	else if (!reader->in_table)
		reader->firewall.partial = true;
	else if (reader->depth && opens_block(line))
		open_nameless(reader, line);
	else if (reader->depth)
		read_rule(reader, line, handle);
	else if (reader->in_node)
		read_content(reader, line);
	else if (opens_block(line))
		open_part(reader, line, handle);
	else if (slice_starts(line, "flags "))
		reader->firewall.tables.data[reader->table].dormant = line_has(line, "dormant");
}

/* Sets whose elements were not listed, or are not counted as the kernel does, have no size worth a word. */
static void forget_sizes(struct firewall *firewall)
{
	struct firewall_node *node;

	vec_each(&firewall->nodes, node) {
		if (node->kind == NODE_MAP && (!node->elements || node->wanted))
			node->limit = 0;
	}
}

static void cover(struct block *block, bool partial)
{
	bool all = !block->command->count || command_has(block->command, "ruleset");

	if (all && !partial)
		snapshot_covered(&block->snapshot, SOURCE_NFTABLES, block->netns);
	else
		snapshot_covered_partly(&block->snapshot, SOURCE_NFTABLES, block->netns,
					partial ? "some rules were not understood, or there are too many"
						: "a part of the rules only: `nft -a list ruleset` tells all");
}

static void nft_flush(struct block *block)
{
	struct cursor cursor = cursor_of(text_string(&block->text), block->text.length);
	struct reader reader = { 0 };
	struct firewall_rows rows = nftables_rows;
	struct slice line;

	if (block->nothing)
		cover(block, false);
	if (!block->text.length)
		return;
	while (cursor_line(&cursor, &line))
		read_line(&reader, slice_trim(line));
	if (!reader.handles)
		rows.rule_word = "rule";
	if (reader.stateless)
		rows.uncounted = COUNTER_NONE; /* counters without their values: nft -s */
	forget_sizes(&reader.firewall);
	if (!reader.handles)
		firewall_separate_twins(&reader.firewall, 0);
	nftables_resolve(&reader.firewall);
	firewall_emit(&reader.firewall, &rows, block->netns, &block->snapshot);
	cover(block, reader.firewall.partial || reader.in_table || reader.stateless);
	firewall_free(&reader.firewall);
	text_clear(&block->text);
}

/* ---- the block: columns is how deep, state how many braces of a rule are open ---- */

/* The same table as the first is the output once more. */
static void begin_table(struct block *block, struct slice line)
{
	CLEANUP_FREE char *copy = NULL;
	uint64_t hash;

	(void)cut_handle(&line);
	copy = mem_strndup(line.data, line.length);
	hash = object_hash(copy);
	if (hash == block->number) {
		nft_flush(block);
		block_again(block);
	}
	if (!block->number || !block->text.length)
		block->number = hash;
	block->columns = block->state = 0;
}

static bool nft_take(struct block *block, struct slice line)
{
	struct slice bare;
	int braces;

	line = slice_trim(line);
	if (!line.length)
		return true;
	if (is_table(line))
		begin_table(block, line);
	else if (!block->columns)
		return line.data[0] == '#';
	if (line.data[0] == '#')
		return true;
	bare = line;
	(void)cut_handle(&bare);
	braces = braces_of(bare);
	text_add_bytes(&block->text, line.data, line.length);
	if (!block->state && (opens_block(bare) || bare.data[0] == '}'))
		block->columns += opens_block(bare) ? 1 : (size_t)-1;
	else if (braces < 0 && (unsigned int)-braces > block->state)
		block->state = 0;
	else
		block->state += (unsigned int)braces;
	text_add(&block->text, block->state ? " " : "\n");
	return true;
}

const struct ticket_format ticket_formats_nft[] = {
	{ "nft list", .made_by = nft_made_by, .begins = nft_begins, .take = nft_take, .end = nft_flush,
	  .every_line = true },
	{ 0 },
};
