/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `iptables-legacy-save -c`: "*table", ":CHAIN POLICY [packets:bytes]" (a chain of the
 * user's has "-" for a policy), "[packets:bytes] -A CHAIN matches -j TARGET", "COMMIT".
 * A rule counts what all its matches let through, so a dropping rule counts its
 * drops exactly. A rule is known by its text: inserting another one above moves it,
 * but the kernel keeps its counter.
 */
#include "source/iptables.h"

#include "base/alloc.h"

#include <string.h>

struct save {
	struct firewall *firewall;
	bool in_table;
	uint32_t first; /* chain of this table */
	uint32_t chain; /* of the rule before: rules of a chain follow each other */
};

/* The next word; a quoted one may hold blanks and \" and comes with its quotes. */
static bool next_word(struct cursor *cursor, struct slice *ret)
{
	size_t end = 1;

	cursor->rest = slice_trim(cursor->rest);
	if (!cursor->rest.length || cursor->rest.data[0] != '"')
		return cursor_word(cursor, ret);
	while (end < cursor->rest.length && cursor->rest.data[end] != '"')
		end += cursor->rest.data[end] == '\\' ? 2 : 1;
	end = end < cursor->rest.length ? end + 1 : cursor->rest.length;
	*ret = (struct slice){ cursor->rest.data, end };
	cursor->rest = (struct slice){ cursor->rest.data + end, cursor->rest.length - end };
	return true;
}

/* "[12:720]" */
static bool parse_counts(struct slice word, uint64_t *ret_packets, uint64_t *ret_bytes)
{
	struct cursor cursor;
	struct slice packets, bytes;
	uint64_t value;

	if (word.length < 2 || word.data[0] != '[')
		return false;
	cursor = cursor_of(word.data + 1, word.length - 1);
	if (!cursor_until(&cursor, ':', &packets) || !cursor_until(&cursor, ']', &bytes) || cursor.rest.length)
		return false;
	if (parse_u64(packets, &value) || parse_u64(bytes, ret_bytes))
		return false;
	*ret_packets = value;
	return true;
}

/* ":INPUT DROP [12:720]" */
static bool read_chain(struct save *save, struct slice line)
{
	struct cursor cursor = cursor_of(line.data + 1, line.length - 1);
	struct slice name, policy, counts;
	struct firewall_node *node;

	if (!cursor_word(&cursor, &name) || !cursor_word(&cursor, &policy))
		return false;
	node = firewall_add_node(save->firewall, (uint32_t)save->firewall->tables.count - 1, NODE_CHAIN, name);
	if (!node)
		return true;
	node->base = !slice_is(policy, "-");
	node->policy_drop = slice_is(policy, "DROP");
	node->hooks = node->base ? firewall_hook(name) : 0;
	return cursor_word(&cursor, &counts) && parse_counts(counts, &node->packets, &node->bytes);
}

/*
 * The chain of that name in the present table. Rules come in the order in which the chains were announced, so
 * the search goes on from the last one and around.
 */
static bool find_chain(struct save *save, struct slice name)
{
	const struct firewall_node *nodes = save->firewall->nodes.data;
	uint32_t count = (uint32_t)save->firewall->nodes.count - save->first;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = save->first + (save->chain - save->first + i) % count;

		if (slice_same(nodes[at].name, name)) {
			save->chain = at;
			return true;
		}
	}
	return false;
}

static void read_target(struct firewall *firewall, struct firewall_rule *rule, struct slice target)
{
	static const struct {
		const char *target, *verdict;
		unsigned int facts;
	} targets[] = {
		{ "DROP", "drop", FACT_DROP },
		{ "REJECT", "reject", FACT_DROP },
		{ "NFQUEUE", "queue", FACT_QUEUE },
		{ "QUEUE", "queue", FACT_QUEUE },
		{ "SNAT", "snat", FACT_NAT },
		{ "DNAT", "dnat", FACT_NAT },
		{ "MASQUERADE", "masquerade", FACT_NAT },
		{ "REDIRECT", "redirect", FACT_NAT },
		{ "NETMAP", "netmap", FACT_NAT },
		{ "ACCEPT", "accept", 0 },
		{ "RETURN", "return", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(targets); i++)
		if (slice_is(target, targets[i].target)) {
			rule->verdict = targets[i].verdict;
			rule->facts |= targets[i].facts;
			return;
		}
	firewall_add_edge(firewall, rule->chain, NODE_CHAIN, target); /* of an extension: then no chain has its name */
}

static unsigned int match_facts(struct slice match)
{
	if (slice_is(match, "limit") || slice_is(match, "hashlimit"))
		return FACT_LIMIT;
	return slice_is(match, "rpfilter") ? FACT_RPFILTER : 0;
}

static void read_words(struct firewall *firewall, struct firewall_rule *rule, struct cursor cursor)
{
	struct slice word, previous = SLICE(""), value;

	for (; next_word(&cursor, &word); previous = word) {
		bool state = slice_is(word, "--ctstate") || slice_is(word, "--state");

		if (slice_is(word, "--comment")) {
			(void)next_word(&cursor, &word);
		} else if (slice_is(word, "-j") || slice_is(word, "-g")) {
			if (next_word(&cursor, &value))
				read_target(firewall, rule, value);
			return; /* what follows are the target's options */
		} else if (slice_is(word, "-m") && next_word(&cursor, &value)) {
			rule->facts |= match_facts(value);
		} else if (state && next_word(&cursor, &value) && !slice_is(previous, "!") &&
			   firewall_list_holds(value, "INVALID")) {
			rule->facts |= FACT_CT_INVALID;
		}
	}
}

static uint64_t text_hash(struct slice text)
{
	CLEANUP_FREE char *copy = mem_strndup(text.data, text.length);

	return object_hash(copy);
}

/* "[0:0] -A INPUT -p udp -j DROP" */
static bool read_rule(struct save *save, struct slice line)
{
	struct cursor cursor = cursor_of(line.data, line.length);
	struct slice counts, append, chain, text;
	uint64_t packets, bytes;
	struct firewall_rule *rule;

	if (!cursor_word(&cursor, &counts) || !parse_counts(counts, &packets, &bytes))
		return false;
	text = slice_trim(cursor.rest);
	if (!cursor_word(&cursor, &append) || !slice_is(append, "-A") || !cursor_word(&cursor, &chain) ||
	    !find_chain(save, chain))
		return false;
	rule = firewall_add_rule(save->firewall, save->chain, text);
	if (!rule)
		return true;
	rule->packets = packets;
	rule->bytes = bytes;
	rule->facts = FACT_COUNTED | FACT_EXACT | FACT_MATCHES;
	rule->id = text_hash(text);
	read_words(save->firewall, rule, cursor);
	return true;
}

static bool read_line(struct save *save, struct slice line)
{
	bool was_in_table = save->in_table;

	if (line.data[0] == '*') {
		save->in_table = firewall_add_table(save->firewall,
						    slice_trim((struct slice){ line.data + 1, line.length - 1 }));
		save->first = (uint32_t)save->firewall->nodes.count;
		save->chain = save->first;
		return !was_in_table;
	}
	if (!was_in_table)
		return false;
	if (slice_is(line, "COMMIT")) {
		save->in_table = false;
		return true;
	}
	return line.data[0] == ':' ? read_chain(save, line) : read_rule(save, line);
}

void iptables_save_add(struct firewall *firewall, struct slice text)
{
	struct save save = { .firewall = firewall };
	struct cursor cursor = cursor_of(text.data, text.length);
	size_t first = firewall->rules.count;
	struct slice line;

	while (cursor_line(&cursor, &line)) {
		line = slice_trim(line);
		if (line.length && line.data[0] != '#' && !read_line(&save, line))
			firewall->partial = true;
	}
	firewall->partial = firewall->partial || save.in_table;
	firewall_separate_twins(firewall, first);
}
