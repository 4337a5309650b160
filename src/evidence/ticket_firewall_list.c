/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `iptables -nvL`: chains with a table of rules each. It becomes the text that iptables-save would print, as far as the
 * two can be told to say the same. Which table it is tells the command; without one its chains do, for each table has
 * its own. Without -x large counts are rounded ("12K"): they are taken as they stand, and the coverage says so.
 */
#include "evidence/ticket_firewall.h"

#include "base/alloc.h"

#include <string.h>

#define RULE_WORDS 64

enum list_state {
	LIST_NUMBERED = 1 << 0, /* columns: "num" */
	LIST_COUNTED = 1 << 1,	/* "pkts", "bytes", "in", "out" */
	LIST_V6 = 1 << 2,
	LIST_LATER = 1 << 3, /* not the table that the command names, but one behind it */
	LIST_ROUNDED = 1 << 4,
	LIST_UNCOUNTED = 1 << 5,
};

enum chain { CHAIN_PREROUTING, CHAIN_INPUT, CHAIN_FORWARD, CHAIN_OUTPUT, CHAIN_POSTROUTING, CHAIN_COUNT };

/* What a block remembers, in its numbers. */
enum { BUILTINS, LAST_CHAIN, CHAIN_LINE, TABLES_SEEN, TABLES_SEEN_V6 };

static const char *const builtins[CHAIN_COUNT] = { "PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING" };

bool firewall_list_made_by(const struct ticket_command *command)
{
	return firewall_command(command, "") && (command_has(command, "-L") || command_has(command, "--list"));
}

/* "Chain INPUT (policy DROP 123 packets, 456 bytes)", "Chain KUBE (2 references)" */
bool firewall_list_begins(struct slice line)
{
	struct slice words[5];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	uint64_t references;

	if (count < 4 || !slice_is(words[0], "Chain"))
		return false;
	if (slice_is(words[2], "(policy"))
		return true;
	return words[2].data[0] == '(' && slice_is(words[3], "references)") &&
	       leading_number((struct slice){ words[2].data + 1, words[2].length - 1 }, &references);
}

/* ---- tables ---- */

/* The chains that are there tell the table: INPUT or a chain of one's own alone is taken for filter's. */
static const char *table_of_chains(uint64_t chains)
{
	bool prerouting = chains & 1u << CHAIN_PREROUTING, forward = chains & 1u << CHAIN_FORWARD;

	if (forward)
		return prerouting ? "mangle" : "filter";
	if (chains & 1u << CHAIN_POSTROUTING)
		return "nat";
	if (prerouting)
		return chains & 1u << CHAIN_INPUT ? "nat" : "raw";
	return "filter";
}

static struct slice table_name(const struct block *block)
{
	if (firewall_list_made_by(block->command) && !(block->state & LIST_LATER))
		return firewall_command_table(block->command);
	return slice_of(table_of_chains(block->numbers[BUILTINS]));
}

static uint64_t table_bit(struct slice name)
{
	static const char *const tables[] = { "filter", "nat", "mangle", "raw" };

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		if (slice_is(name, tables[i]))
			return UINT64_C(1) << i;
	}
	return UINT64_C(1) << ARRAY_SIZE(tables);
}

/* The table is over. The same one of the same family again is another reading. */
static void flush(struct block *block)
{
	bool v6 = (block->state & LIST_V6) || firewall_command_is_v6(block->command);
	uint64_t bit = table_bit(table_name(block)), *seen = &block->numbers[v6 ? TABLES_SEEN_V6 : TABLES_SEEN];
	const struct firewall_doubt doubt = { .uncounted = block->state & LIST_UNCOUNTED,
					      .rounded = block->state & LIST_ROUNDED,
					      .one_table = true };
	CLEANUP_TEXT struct text kept = { 0 };

	if (!block->text.length)
		return;
	if (*seen & bit) {
		block_again(block);
		block->numbers[TABLES_SEEN] = block->numbers[TABLES_SEEN_V6] = 0;
	}
	*seen |= bit;
	text_addf(&kept, "*%.*s\n", (int)table_name(block).length, table_name(block).data);
	text_add_bytes(&kept, text_string(&block->text), block->text.length);
	text_add(&kept, "COMMIT\n");
	firewall_take_save(block, (struct slice){ text_string(&kept), kept.length }, v6, &doubt);
	text_clear(&block->text);
	block->numbers[BUILTINS] = 0;
	block->state = LIST_LATER;
}

void firewall_list_end(struct block *block)
{
	flush(block);
}

/* ---- chains ---- */

/* "12", "12K": thousands, millions and so on when it is rounded. */
static bool count_of(struct block *block, struct slice word, uint64_t *ret)
{
	static const char units[] = "KMGTP";
	const char *unit = word.length > 1 ? strchr(units, word.data[word.length - 1]) : NULL;
	uint64_t value;

	if (unit)
		word.length--;
	if (parse_u64(word, &value))
		return false;
	if (unit)
		block->state |= LIST_ROUNDED;
	for (const char *u = units; unit && u <= unit; u++) {
		if (__builtin_mul_overflow(value, 1000, &value))
			return false;
	}
	*ret = value;
	return true;
}

static enum chain chain_of(struct slice name)
{
	enum chain chain = CHAIN_PREROUTING;

	while (chain < CHAIN_COUNT && !slice_is(name, builtins[chain]))
		chain++;
	return chain;
}

/* Tables begin with the first chain that a packet comes to, and end with the chains that somebody made. */
static bool begins_table(const struct block *block, enum chain chain)
{
	uint64_t last = block->numbers[LAST_CHAIN];

	if (!block->text.length || chain == CHAIN_COUNT)
		return false;
	return last == CHAIN_COUNT || chain <= last;
}

static bool take_chain(struct block *block, struct slice line)
{
	struct slice words[8];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	enum chain chain = chain_of(words[1]);
	CLEANUP_TEXT struct text text = { 0 };
	uint64_t packets = 0, bytes = 0;
	bool policy = slice_is(words[2], "(policy"), counted = policy && count == 8;
	struct slice taken;

	if (begins_table(block, chain))
		flush(block);
	if (counted && (!count_of(block, words[4], &packets) || !count_of(block, words[6], &bytes)))
		return false;
	if (chain < CHAIN_COUNT)
		block->numbers[BUILTINS] |= UINT64_C(1) << chain;
	block->numbers[LAST_CHAIN] = chain;
	block->numbers[CHAIN_LINE] = block->text.length;
	/* A policy without its count says nothing of losses. */
	taken = counted ? words[3] : slice_of(policy ? "ACCEPT" : "-");
	text_addf(&text, ":%.*s %.*s [%llu:%llu]", (int)words[1].length, words[1].data, (int)taken.length, taken.data,
		  (unsigned long long)packets, (unsigned long long)bytes);
	return block_keep(block, (struct slice){ text_string(&text), text.length });
}

/* Which columns there are. */
static bool take_header(struct block *block, const struct slice *words, size_t count)
{
	bool rules = false;

	block->state &= ~(unsigned int)(LIST_NUMBERED | LIST_COUNTED);
	for (size_t i = 0; i < count; i++) {
		rules |= slice_is(words[i], "target");
		if (slice_is(words[i], "num"))
			block->state |= LIST_NUMBERED;
		if (slice_is(words[i], "pkts"))
			block->state |= LIST_COUNTED;
	}
	if (!(block->state & LIST_COUNTED))
		block->state |= LIST_UNCOUNTED;
	return rules;
}

/* ---- rules ---- */

/* A rule as it stands in the table. */
struct row {
	struct slice target, protocol, in, out, source, destination;
	uint64_t packets, bytes;
};

static bool is_option(struct slice word)
{
	return slice_is(word, "--") || slice_is(word, "-f") || slice_is(word, "!f");
}

/* The columns in front of the matches; how many words they are, 0: not understood. ip6tables of old has no options. */
static size_t read_row(struct block *block, const struct slice *words, size_t count, struct row *ret)
{
	bool counted = block->state & LIST_COUNTED, options;
	size_t at = block->state & LIST_NUMBERED ? 1 : 0, behind = counted ? 4 : 2;

	if (count < at + (counted ? 2 : 0) + 2 + behind)
		return 0;
	if (counted && (!count_of(block, words[at], &ret->packets) || !count_of(block, words[at + 1], &ret->bytes)))
		return 0;
	at += counted ? 2 : 0;
	if (!is_option(words[at + 1]))
		ret->target = words[at++];
	ret->protocol = words[at++];
	options = is_option(words[at]);
	at += options;
	if (count < at + behind ||
	    (!options && !memchr(words[at + behind - 1].data, ':', words[at + behind - 1].length)))
		return 0;
	if (counted) {
		ret->in = words[at++];
		ret->out = words[at++];
	}
	ret->source = words[at++];
	ret->destination = words[at++];
	return at;
}

static bool is_any(struct slice word)
{
	static const char *const any[] = { "", "*", "any", "all", "0", "0.0.0.0/0", "::/0", "anywhere" };

	for (size_t i = 0; i < ARRAY_SIZE(any); i++) {
		if (slice_is(word, any[i]))
			return true;
	}
	return false;
}

static void add_option(struct text *rule, const char *option, struct slice value, const char *suffix)
{
	bool negated = value.length > 1 && value.data[0] == '!';

	if (negated) {
		value.data++;
		value.length--;
	}
	if (negated || !is_any(value))
		text_addf(rule, " %s%s %.*s%s", negated ? "! " : "", option, (int)value.length, value.data, suffix);
}

/* A single address is a net of one. */
static void add_address(struct text *rule, const char *option, struct slice address)
{
	bool net = address.length && memchr(address.data, '/', address.length);
	bool v6 = address.length && memchr(address.data, ':', address.length);

	add_option(rule, option, address, net ? "" : v6 ? "/128" : "/32");
}

static struct slice protocol_name(struct slice protocol)
{
	static const char *const names[][2] = {
		{ "1", "icmp" },	   { "2", "igmp" }, { "6", "tcp" }, { "17", "udp" },   { "41", "ipv6" },
		{ "47", "gre" },	   { "50", "esp" }, { "51", "ah" }, { "132", "sctp" }, { "58", "ipv6-icmp" },
		{ "icmpv6", "ipv6-icmp" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (slice_is(protocol, names[i][0]))
			return slice_of(names[i][1]);
	}
	return protocol;
}

/* How words behind the columns are written as options. */
static const struct {
	const char *word, *option;
	unsigned int skip, values; /* words that follow: those that say nothing, then its values */
	bool head;		   /* its value follows at once */
	bool target;		   /* it belongs to the target */
} options[] = {
	{ "tcp", "-m tcp", 0, 0, false, false },
	{ "udp", "-m udp", 0, 0, false, false },
	{ "sctp", "-m sctp", 0, 0, false, false },
	{ "dpt:", "--dport", 0, 0, true, false },
	{ "dpts:", "--dport", 0, 0, true, false },
	{ "spt:", "--sport", 0, 0, true, false },
	{ "spts:", "--sport", 0, 0, true, false },
	{ "flags:", "--tcp-flags", 0, 0, true, false },
	{ "icmptype", "-m icmp --icmp-type", 0, 1, false, false },
	{ "ipv6-icmptype", "-m icmp6 --icmpv6-type", 0, 1, false, false },
	{ "ctstate", "-m conntrack --ctstate", 0, 1, false, false },
	{ "state", "-m state --state", 0, 1, false, false },
	{ "rpfilter", "-m rpfilter", 0, 0, false, false },
	{ "validmark", "--validmark", 0, 0, false, false },
	{ "loose", "--loose", 0, 0, false, false },
	{ "accept-local", "--accept-local", 0, 0, false, false },
	{ "invert", "--invert", 0, 0, false, false },
	{ "multiport", "-m multiport", 0, 0, false, false },
	{ "dports", "--dports", 0, 1, false, false },
	{ "sports", "--sports", 0, 1, false, false },
	{ "ports", "--ports", 0, 1, false, false },
	{ "match-set", "-m set --match-set", 0, 2, false, false },
	{ "mark", "-m mark --mark", 1, 1, false, false },
	{ "ADDRTYPE", "-m addrtype", 1, 0, false, false },
	{ "dst-type", "--dst-type", 0, 1, false, false },
	{ "src-type", "--src-type", 0, 1, false, false },
	{ "reject-with", "--reject-with", 0, 1, false, true },
	{ "num", "--queue-num", 0, 1, false, true },
};

/* What follows the columns, while it becomes options. */
struct rest {
	struct cursor cursor;
	struct text matches, target;
	bool go; /* [goto] */
};

/* Between the comment's marks, in quotes when there are blanks in it. */
static void take_rule_comment(struct rest *rest)
{
	struct slice comment = rest->cursor.rest;
	const char *end = comment.length ? memmem(comment.data, comment.length, "*/", 2) : NULL;
	size_t length = end ? (size_t)(end - comment.data) : comment.length;

	rest->cursor = cursor_of(comment.data + length + (end ? 2 : 0), comment.length - length - (end ? 2 : 0));
	comment.length = length;
	comment = slice_trim(comment);
	text_add(&rest->matches, " -m comment --comment ");
	if (comment.length && !memchr(comment.data, ' ', comment.length)) {
		text_add_bytes(&rest->matches, comment.data, comment.length);
		return;
	}
	text_add(&rest->matches, "\"");
	for (size_t i = 0; i < comment.length; i++) {
		if (strchr("\"\\", comment.data[i]))
			text_add(&rest->matches, "\\");
		text_add_bytes(&rest->matches, comment.data + i, 1);
	}
	text_add(&rest->matches, "\"");
}

/* "limit: avg 5/min burst 5"; a limit for each of several addresses says "up to" or "above". */
static void take_limit(struct rest *rest)
{
	struct cursor cursor = rest->cursor;
	struct slice words[4];

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!cursor_word(&cursor, &words[i]))
			words[i] = SLICE("");
	}
	if (!slice_is(words[0], "avg")) {
		text_add(&rest->matches, " -m hashlimit");
		return;
	}
	text_addf(&rest->matches, " -m limit --limit %.*s", (int)words[1].length, words[1].data);
	if (slice_is(words[2], "burst") && !slice_is(words[3], "5"))
		text_addf(&rest->matches, " --limit-burst %.*s", (int)words[3].length, words[3].data);
	rest->cursor = cursor;
}

/* The name of an option, and the mark of a denial before its last word. */
static void add_name(struct text *to, const char *option, bool denied)
{
	const char *last = strstr(option, "--");

	if (!denied || !last)
		text_addf(to, " %s", option);
	else
		text_addf(to, " %.*s! %s", (int)(last - option), option, last);
}

/* False when nothing is known of the word. */
static bool take_option(struct rest *rest, struct slice word, bool denied)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		struct text *to = options[i].target ? &rest->target : &rest->matches;
		size_t length = strlen(options[i].word);

		if (!slice_starts(word, options[i].word) || (!options[i].head && word.length != length))
			continue;
		add_name(to, options[i].option, denied);
		if (options[i].head)
			text_addf(to, " %.*s", (int)(word.length - length), word.data + length);
		for (unsigned int n = 0; n < options[i].skip + options[i].values; n++) {
			if (cursor_word(&rest->cursor, &word) && n >= options[i].skip)
				text_addf(to, " %.*s", (int)word.length, word.data);
		}
		return true;
	}
	return false;
}

/* Words of which nothing is known follow the target, where nobody looks for matches. */
static void take_rest(struct rest *rest, struct slice target)
{
	bool denied = false;
	struct slice word;

	while (cursor_word(&rest->cursor, &word)) {
		bool denies = slice_is(word, "!");

		if (slice_is(word, "[goto]"))
			rest->go = true;
		else if (slice_is(word, "/*"))
			take_rule_comment(rest);
		else if (slice_is(word, "limit:"))
			take_limit(rest);
		else if (!denies && !take_option(rest, word, denied) && !slice_same(word, target))
			text_addf(&rest->target, " %.*s", (int)word.length, word.data);
		denied = denies;
	}
}

/* The chain whose line was kept last. */
static struct slice current_chain(const struct block *block)
{
	size_t at = (size_t)block->numbers[CHAIN_LINE] + 1;
	struct cursor cursor = cursor_of(block->text.data + at, block->text.length - at);
	struct slice name = SLICE("");

	(void)cursor_word(&cursor, &name);
	return name;
}

static bool take_rule(struct block *block, struct slice line, const struct slice *words, size_t count)
{
	struct slice chain = current_chain(block);
	CLEANUP_TEXT struct text rule = { 0 };
	struct rest rest = { 0 };
	struct row row = { 0 };
	size_t columns = read_row(block, words, count, &row);
	const char *behind;

	if (!columns)
		return false;
	if (slice_is(row.source, "::/0") || slice_is(row.destination, "::/0"))
		block->state |= LIST_V6;
	behind = words[columns - 1].data + words[columns - 1].length;
	rest.cursor = cursor_of(behind, (size_t)(line.data + line.length - behind));
	take_rest(&rest, row.target);
	text_addf(&rule, "[%llu:%llu] -A %.*s", (unsigned long long)row.packets, (unsigned long long)row.bytes,
		  (int)chain.length, chain.data);
	add_address(&rule, "-s", row.source);
	add_address(&rule, "-d", row.destination);
	add_option(&rule, "-i", row.in, "");
	add_option(&rule, "-o", row.out, "");
	add_option(&rule, "-p", protocol_name(row.protocol), "");
	text_add(&rule, text_string(&rest.matches));
	if (row.target.length)
		text_addf(&rule, " %s %.*s", rest.go ? "-g" : "-j", (int)row.target.length, row.target.data);
	text_add(&rule, text_string(&rest.target));
	text_free(&rest.matches);
	text_free(&rest.target);
	return block_keep(block, (struct slice){ text_string(&rule), rule.length });
}

bool firewall_list_take(struct block *block, struct slice line)
{
	struct slice words[RULE_WORDS];
	size_t count = line_words(line, words, ARRAY_SIZE(words));

	if (!count || slice_starts(line, "# Warning:"))
		return true;
	if (firewall_list_begins(line))
		return take_chain(block, line);
	if (!block->text.length)
		return false;
	if (slice_is(words[0], "num") || slice_is(words[0], "pkts") || slice_is(words[0], "target"))
		return take_header(block, words, count);
	return take_rule(block, line, words, count);
}
