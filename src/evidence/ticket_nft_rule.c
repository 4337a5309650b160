/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rule as nft writes it, word by word: what it does to a packet, and whether its counter counts exactly that. The
 * kernel's expressions say the same (source/nftables_rule.c): what is no counter, no log and no verdict may end the
 * rule, so behind a counter it makes the count inexact.
 */
#include "evidence/ticket_nft.h"

#include "base/alloc.h"

#include <string.h>

#define NAT_PORTS 64512 /* 1024 to 65535: net/netfilter/nf_nat_core.c */

struct rule_reading {
	struct firewall *firewall;
	struct firewall_rule *rule;
	struct cursor cursor;
	struct slice before; /* the word before */
	struct slice nameless;
	bool *stateless;
	bool some; /* means only some of the packets to that port */
	bool over; /* nothing comes behind a verdict */
};

/* ---- words ---- */

/* Up to the closing quote, or to the brace that closes the first one; all of it when there is none. */
static size_t group_length(struct slice text)
{
	bool quoted = false;
	int open = 0;

	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] == '"')
			quoted = !quoted;
		else if (!quoted && text.data[i] == '{')
			open++;
		else if (!quoted && text.data[i] == '}')
			open--;
		if (!quoted && !open)
			return i + 1;
	}
	return text.length;
}

/* What is quoted, and what stands between braces, is one word. */
static bool next_word(struct cursor *cursor, struct slice *ret)
{
	struct slice rest = slice_trim(cursor->rest);
	size_t length;

	cursor->rest = rest;
	if (!rest.length || (rest.data[0] != '"' && rest.data[0] != '{'))
		return cursor_word(cursor, ret);
	length = group_length(rest);
	*ret = (struct slice){ rest.data, length };
	cursor->rest = (struct slice){ rest.data + length, rest.length - length };
	return true;
}

static struct slice unquoted(struct slice word)
{
	if (word.length >= 2 && word.data[0] == '"' && word.data[word.length - 1] == '"')
		return (struct slice){ word.data + 1, word.length - 2 };
	return word;
}

/* Takes the next word when it is that one. */
static bool take_word(struct rule_reading *reading, const char *wanted)
{
	struct cursor ahead = reading->cursor;
	struct slice word;

	if (!next_word(&ahead, &word) || !slice_is(word, wanted))
		return false;
	reading->cursor = ahead;
	return true;
}

/* It tests the packet, or does something else that may end the rule. */
static void tests(struct rule_reading *reading)
{
	reading->rule->facts |= FACT_MATCHES;
	reading->rule->facts &= ~(unsigned int)FACT_EXACT;
}

/* ---- elements ---- */

/* "invalid : drop", "22 : accept", "1.2.3.4 : jump sub", or only what is looked up. */
static void read_element(struct firewall *firewall, uint32_t set, struct slice element)
{
	struct firewall_node *node = &firewall->nodes.data[set];
	struct cursor cursor = cursor_of(element.data, element.length);
	bool behind = false, drop = false, invalid = false;
	struct slice word, chain;

	node->elements++;
	while (next_word(&cursor, &word)) {
		if (slice_is(word, ":"))
			behind = true;
		else if (!behind)
			invalid |= slice_is(word, "invalid");
		else if (slice_is(word, "drop"))
			drop = true;
		else if ((slice_is(word, "jump") || slice_is(word, "goto")) && cursor_word(&cursor, &chain))
			firewall_add_edge(firewall, set, NODE_CHAIN, chain);
	}
	node->drops |= drop;
	node->invalid |= invalid && (drop || !node->verdicts);
}

void nft_read_elements(struct firewall *firewall, uint32_t node, struct slice line)
{
	const char *from = line.length ? memchr(line.data, '{', line.length) : NULL;
	const char *end = line.data + line.length, *start;
	bool quoted = false;

	if (!from)
		return;
	for (start = ++from; from < end; from++) {
		if (*from == '"')
			quoted = !quoted;
		if (quoted || (*from != ',' && *from != '}'))
			continue;
		if (slice_trim((struct slice){ start, (size_t)(from - start) }).length)
			read_element(firewall, node, (struct slice){ start, (size_t)(from - start) });
		start = from + 1;
	}
}

/* The set or map of a look-up: "@blk", or one that stands in the rule. Its edge. */
static uint32_t look_up(struct rule_reading *reading, struct slice word, bool verdicts)
{
	CLEANUP_TEXT struct text name = { 0 };
	struct firewall_node *node;
	uint32_t table = reading->firewall->nodes.data[reading->rule->chain].table;
	struct slice kept;

	if (word.length > 1 && word.data[0] == '@')
		return firewall_add_edge(reading->firewall, reading->rule->chain, NODE_MAP,
					 (struct slice){ word.data + 1, word.length - 1 });
	text_addf(&name, "__map%zu", reading->firewall->nodes.count);
	kept = firewall_keep(reading->firewall, text_string(&name));
	node = firewall_add_node(reading->firewall, table, NODE_MAP, kept);
	if (!node)
		return FIREWALL_NONE;
	node->verdicts = verdicts;
	nft_read_elements(reading->firewall, (uint32_t)reading->firewall->nodes.count - 1, word);
	return firewall_add_edge(reading->firewall, reading->rule->chain, NODE_MAP, kept);
}

/* ---- what changes nothing ---- */

static void read_counter(struct rule_reading *reading)
{
	struct slice word;

	if (take_word(reading, "name")) {
		if (next_word(&reading->cursor, &word))
			reading->rule->counter = firewall_add_edge(reading->firewall, reading->rule->chain,
								   NODE_COUNTER, unquoted(word));
		reading->rule->facts |= FACT_EXACT;
		return;
	}
	if (!take_word(reading, "packets")) {
		*reading->stateless = true;
		return;
	}
	reading->rule->packets = cursor_u64(&reading->cursor);
	if (take_word(reading, "bytes"))
		reading->rule->bytes = cursor_u64(&reading->cursor);
	if (reading->cursor.error)
		reading->firewall->partial = true;
	else
		reading->rule->facts |= FACT_COUNTED | FACT_EXACT;
}

static void read_log(struct rule_reading *reading)
{
	static const char *const options[] = { "prefix", "level", "group", "snaplen", "queue-threshold", "flags" };
	struct slice word;

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (!take_word(reading, options[i]))
			continue;
		/* "flags tcp sequence,options", "flags all" */
		if (next_word(&reading->cursor, &word) && i + 1 == ARRAY_SIZE(options) &&
		    (slice_is(word, "tcp") || slice_is(word, "ip")))
			(void)next_word(&reading->cursor, &word);
		i = (size_t)-1; /* they come in any order */
	}
}

static void read_comment(struct rule_reading *reading)
{
	struct slice word;

	(void)next_word(&reading->cursor, &word);
}

/* ---- what tests ---- */

static void read_limit(struct rule_reading *reading)
{
	tests(reading);
	reading->some = true;
	reading->rule->facts |= FACT_LIMIT;
}

/* "ct state invalid", "ct state { invalid, new }", "ct state @set", "ct state vmap { invalid : drop }" */
static void read_state(struct rule_reading *reading)
{
	struct slice word;

	tests(reading);
	if (!slice_is(reading->before, "ct") || take_word(reading, "!="))
		return;
	if (take_word(reading, "vmap")) {
		if (next_word(&reading->cursor, &word))
			reading->rule->map = reading->rule->state = look_up(reading, word, true);
		return;
	}
	if (!next_word(&reading->cursor, &word))
		return;
	if (word.data[0] == '{' || word.data[0] == '@')
		reading->rule->state = look_up(reading, word, false);
	else if (firewall_list_holds(word, "invalid"))
		reading->rule->facts |= FACT_CT_INVALID;
}

static void read_vmap(struct rule_reading *reading)
{
	struct slice word;

	tests(reading);
	if (next_word(&reading->cursor, &word))
		reading->rule->map = look_up(reading, word, true);
}

/* "fib saddr . iif oif missing": the device on the way back to the sender. */
static void read_fib(struct rule_reading *reading)
{
	static const char *const keys[] = { "saddr", "daddr", "mark", "iif", "oif", "." };
	bool source = false, key = true;
	struct slice word;

	tests(reading);
	while (key && next_word(&reading->cursor, &word)) {
		bool result = slice_is(word, "oif") || slice_is(word, "oifname") || slice_is(word, "check");

		source |= slice_is(word, "saddr");
		if (result && source)
			reading->rule->facts |= FACT_RPFILTER;
		key = false;
		for (size_t i = 0; !result && i < ARRAY_SIZE(keys); i++)
			key |= slice_is(word, keys[i]);
	}
}

static void read_protocol(struct rule_reading *reading, const char *protocol)
{
	tests(reading);
	if (!slice_is(reading->before, "protocol") && !slice_is(reading->before, "nexthdr"))
		reading->rule->protocol = protocol;
}

static void read_tcp(struct rule_reading *reading)
{
	read_protocol(reading, "tcp");
}

static void read_udp(struct rule_reading *reading)
{
	read_protocol(reading, "udp");
}

static void read_dport(struct rule_reading *reading)
{
	struct cursor ahead = reading->cursor;
	struct slice word;
	uint32_t port;

	tests(reading);
	if (next_word(&ahead, &word) && !parse_u32(word, &port) && port && port <= UINT16_MAX) {
		reading->rule->port = (uint16_t)port;
		reading->cursor = ahead;
	}
}

/* ---- verdicts ---- */

static void decides(struct rule_reading *reading, const char *verdict, unsigned int facts)
{
	reading->rule->verdict = verdict;
	reading->rule->facts |= facts;
	reading->over = true;
}

/* "jump sub", "goto sub", "jump {" */
static void read_jump(struct rule_reading *reading)
{
	bool always = !(reading->rule->facts & FACT_MATCHES);
	struct slice word;
	uint32_t edge;

	tests(reading);
	reading->over = true;
	if (!next_word(&reading->cursor, &word))
		return;
	edge = firewall_add_edge(reading->firewall, reading->rule->chain, NODE_CHAIN,
				 reading->nameless.length ? reading->nameless : word);
	if (edge != FIREWALL_NONE)
		reading->firewall->edges.data[edge].always = always;
}

/* "1.2.3.4:1000-1010", ":1024-2048", "[fd00::1]:80"; an address alone leaves the choice. */
static uint32_t port_range(struct slice word)
{
	const char *bracket = word.length ? memchr(word.data, ']', word.length) : NULL;
	struct cursor cursor = cursor_of(bracket ? bracket : word.data,
					 bracket ? (size_t)(word.data + word.length - bracket) : word.length);
	struct slice address, first;
	uint32_t low, high;

	if (!cursor_until(&cursor, ':', &address) || memchr(cursor.rest.data, ':', cursor.rest.length))
		return NAT_PORTS;
	if (!cursor_until(&cursor, '-', &first))
		return parse_u32(cursor.rest, &low) ? NAT_PORTS : 1;
	if (parse_u32(first, &low) || parse_u32(cursor.rest, &high) || !low || high < low || high > UINT16_MAX)
		return NAT_PORTS;
	return high - low + 1;
}

static void read_source_nat(struct rule_reading *reading, const char *verdict)
{
	struct slice word = SLICE("");

	decides(reading, verdict, FACT_NAT);
	reading->rule->nat_ports = NAT_PORTS;
	while (!slice_is(word, "to")) {
		if (!next_word(&reading->cursor, &word))
			return;
	}
	if (next_word(&reading->cursor, &word))
		reading->rule->nat_ports = port_range(word);
}

static void read_snat(struct rule_reading *reading)
{
	tests(reading);
	read_source_nat(reading, "snat");
}

static void read_masquerade(struct rule_reading *reading)
{
	read_source_nat(reading, "masquerade");
}

/* Matches and targets of x_tables: `xt match "limit"`, `xt target "REJECT"`. */
static void read_xt(struct rule_reading *reading)
{
	static const struct {
		const char *name, *verdict;
		unsigned int facts;
	} kinds[] = {
		{ "limit", NULL, FACT_LIMIT },	     { "hashlimit", NULL, FACT_LIMIT },
		{ "rpfilter", NULL, FACT_RPFILTER }, { "REJECT", "reject", FACT_DROP },
		{ "NFQUEUE", "queue", FACT_QUEUE },  { "SNAT", "nat", FACT_NAT },
		{ "DNAT", "nat", FACT_NAT },	     { "MASQUERADE", "nat", FACT_NAT },
		{ "REDIRECT", "nat", FACT_NAT },     { "NETMAP", "nat", FACT_NAT },
	};
	bool target = take_word(reading, "target");
	struct slice word;

	if (!target)
		tests(reading);
	reading->rule->facts |= FACT_MATCHES;
	reading->some = true;
	(void)take_word(reading, "match");
	if (!next_word(&reading->cursor, &word))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!slice_is(unquoted(word), kinds[i].name))
			continue;
		reading->rule->facts |= kinds[i].facts;
		if (kinds[i].verdict)
			decides(reading, kinds[i].verdict, kinds[i].facts);
	}
}

/* ---- rules ---- */

static const struct {
	const char *word;
	void (*read)(struct rule_reading *reading);
} kinds[] = {
	{ "counter", read_counter }, { "log", read_log },
	{ "comment", read_comment }, { "limit", read_limit },
	{ "state", read_state },     { "vmap", read_vmap },
	{ "fib", read_fib },	     { "tcp", read_tcp },
	{ "udp", read_udp },	     { "dport", read_dport },
	{ "jump", read_jump },	     { "goto", read_jump },
	{ "snat", read_snat },	     { "masquerade", read_masquerade },
	{ "xt", read_xt },
};

static const struct {
	const char *word;
	unsigned int facts;
	bool tests;
} verdicts[] = {
	{ "drop", FACT_DROP, false }, { "reject", FACT_DROP, false }, { "accept", 0, false },
	{ "return", 0, false },	      { "continue", 0, false },	      { "queue", FACT_QUEUE, false },
	{ "dnat", FACT_NAT, true },   { "redirect", FACT_NAT, true }, { "notrack", 0, false },
	{ "synproxy", 0, false },
};

/* Words behind which any word is a value: "icmp type redirect", "ct status dnat". */
static bool is_value(const struct rule_reading *reading)
{
	static const char *const words[] = { "type", "status", "!=", "==", "code", "direction", "set" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (slice_is(reading->before, words[i]))
			return true;
	}
	return false;
}

/* Words that tell packets to one port apart. */
static bool is_part(struct slice word)
{
	static const char *const words[] = { "saddr", "daddr",	 "sport", "ip",	    "ip6",    "ether",
					     "vlan",  "arp",	 "icmp",  "icmpv6", "flags",  "numgen",
					     "jhash", "symhash", "quota", "socket", "exthdr", "option",
					     "osf",   "rt",	 "frag",  "hash" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (slice_is(word, words[i]))
			return true;
	}
	return false;
}

static void read_word(struct rule_reading *reading, struct slice word)
{
	for (size_t i = 0; !is_value(reading) && i < ARRAY_SIZE(kinds); i++) {
		if (slice_is(word, kinds[i].word)) {
			kinds[i].read(reading);
			return;
		}
	}
	for (size_t i = 0; !is_value(reading) && i < ARRAY_SIZE(verdicts); i++) {
		if (!slice_is(word, verdicts[i].word))
			continue;
		if (verdicts[i].tests)
			tests(reading);
		decides(reading, verdicts[i].word, verdicts[i].facts);
		return;
	}
	tests(reading);
	reading->some |= is_part(word);
	/* add @blk { ip saddr limit rate over 5/minute } */
	if (word.data[0] == '{' && line_has(word, " limit "))
		reading->rule->facts |= FACT_LIMIT;
}

/* The rule and where it stands without what its counter says. */
static uint64_t text_hash(const struct firewall *firewall, uint32_t chain, struct slice line)
{
	const struct firewall_node *node = &firewall->nodes.data[chain];
	struct slice table = firewall->tables.data[node->table].name, word, before = SLICE("");
	struct cursor cursor = cursor_of(line.data, line.length);
	CLEANUP_TEXT struct text text = { 0 };

	text_addf(&text, "%.*s %.*s", (int)table.length, table.data, (int)node->name.length, node->name.data);
	for (; cursor_word(&cursor, &word); before = word) {
		uint64_t value;

		if ((slice_is(before, "packets") || slice_is(before, "bytes")) && !parse_u64(word, &value))
			continue;
		text_addf(&text, " %.*s", (int)word.length, word.data);
	}
	return object_hash(text_string(&text));
}

void nft_add_rule(struct firewall *firewall, uint32_t chain, struct slice line, uint64_t handle, struct slice nameless,
		  bool *stateless)
{
	struct firewall_rule *rule = firewall_add_rule(firewall, chain, line);
	struct rule_reading reading = { .firewall = firewall,
					.rule = rule,
					.cursor = cursor_of(line.data, line.length),
					.before = SLICE(""),
					.nameless = nameless,
					.stateless = stateless };
	struct slice word;

	if (!rule)
		return;
	if (handle)
		rule->number = (uint32_t)handle;
	rule->id = handle ? (uint32_t)handle : text_hash(firewall, chain, line);
	while (!reading.over && next_word(&reading.cursor, &word)) {
		read_word(&reading, word);
		reading.before = word;
	}
	if (reading.some)
		rule->port = 0;
}
