/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One nftables rule as libnftables prints it, word by word (nft(8), src/statement.c
 * and src/rule.c of nftables): what it does to a packet and whether its counter
 * counts exactly that. Keywords cannot be names there, and names of interfaces,
 * comments and prefixes are quoted, so an unquoted word means what it says but for
 * the few noted below.
 */
#include "source/nftables.h"

#include "base/alloc.h"

struct reading {
	struct firewall *firewall;
	struct firewall_rule *rule;
	struct cursor cursor;
	struct slice previous, word;
	bool quoted;
	unsigned int depth; /* of braces */
	bool in_map;	    /* inside `vmap { … }` */
	bool state_negated; /* `ct state != …` */
	bool key_invalid;   /* this map element's key names the state invalid */
};

bool nftables_word(struct cursor *cursor, struct slice *ret, bool *ret_quoted)
{
	struct cursor quote;

	cursor->rest = slice_trim(cursor->rest);
	*ret_quoted = cursor->rest.length && cursor->rest.data[0] == '"';
	if (*ret_quoted) {
		quote = cursor_of(cursor->rest.data + 1, cursor->rest.length - 1);
		if (cursor_until(&quote, '"', ret)) {
			*cursor = quote;
			return true;
		}
	}
	return cursor_word(cursor, ret);
}

/* Elements are separated by commas that stick to their last word. */
static struct slice without_comma(struct slice word)
{
	if (word.length && word.data[word.length - 1] == ',')
		word.length--;
	return word;
}

void nftables_jump_add(struct firewall *firewall, uint32_t from, struct cursor *cursor)
{
	struct slice name;
	bool quoted;

	if (!nftables_word(cursor, &name, &quoted))
		return;
	name = without_comma(name);
	if (!slice_is(name, "{")) /* a nameless chain: its rules follow in place */
		firewall_add_edge(firewall, from, NODE_CHAIN, name);
}

static bool next_word(struct reading *reading)
{
	reading->previous = reading->word;
	return nftables_word(&reading->cursor, &reading->word, &reading->quoted);
}

static bool next_number(struct reading *reading, uint64_t *ret)
{
	return next_word(reading) && parse_u64(reading->word, ret) == 0;
}

static struct slice peek_word(const struct reading *reading)
{
	struct cursor ahead = reading->cursor;
	struct slice word = SLICE("");
	bool quoted;

	return nftables_word(&ahead, &word, &quoted) && !quoted ? word : SLICE("");
}

/* "counter packets N bytes M", "counter name NAME", or "counter" alone where values are not shown. */
static void read_counter(struct reading *reading)
{
	struct firewall_rule *rule = reading->rule;
	struct slice next = peek_word(reading);
	uint64_t packets, bytes;

	if (slice_is(next, "packets") && next_word(reading)) {
		if (!next_number(reading, &packets) || !next_word(reading) || !next_number(reading, &bytes))
			return;
		rule->packets = packets;
		rule->bytes = bytes;
		rule->facts |= FACT_COUNTED | FACT_EXACT;
	} else if (slice_is(next, "name") && next_word(reading) && next_word(reading)) {
		rule->counter = firewall_add_edge(reading->firewall, rule->chain, NODE_COUNTER, reading->word);
		rule->facts |= FACT_EXACT;
	}
}

/* "log prefix "x" level warn flags all": it never fails to match. */
static void read_log(struct reading *reading)
{
	static const char *const options[] = { "prefix", "group", "snaplen", "queue-threshold", "level", "flags" };

	for (;;) {
		struct slice next = peek_word(reading);
		bool known = false;

		for (size_t i = 0; i < ARRAY_SIZE(options); i++)
			known = known || slice_is(next, options[i]);
		if (!known || !next_word(reading) || !next_word(reading))
			return;
		if ((slice_is(reading->word, "tcp") || slice_is(reading->word, "ip")) && !next_word(reading))
			return; /* flags tcp sequence,options */
	}
}

/* Terminal statements. True when the word was one; `rest` of the rule cannot add anything but a comment then. */
static bool read_verdict(struct reading *reading)
{
	static const struct {
		const char *word;
		unsigned int facts;
	} verdicts[] = {
		{ "drop", FACT_DROP }, { "reject", FACT_DROP }, { "queue", FACT_QUEUE },
		{ "accept", 0 },       { "return", 0 },		{ "continue", 0 },
		{ "synproxy", 0 },     { "notrack", 0 },	{ "masquerade", FACT_NAT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++) {
		if (!slice_is(reading->word, verdicts[i].word))
			continue;
		reading->rule->verdict = verdicts[i].word;
		reading->rule->facts |= verdicts[i].facts;
		return true;
	}
	return false;
}

/* These words are also values: `icmp type redirect`, `ct status snat`. */
static bool read_nat(struct reading *reading)
{
	struct slice word = reading->word, next = peek_word(reading);
	bool redirect = slice_is(word, "redirect") && (slice_is(next, "to") || !next.length) &&
			!slice_is(reading->previous, "type");
	bool source = slice_is(word, "snat"), destination = slice_is(word, "dnat");
	bool value = slice_is(reading->previous, "status") || slice_is(reading->previous, "!=");
	bool address = slice_is(next, "to") || slice_is(next, "ip") || slice_is(next, "ip6");

	if (!redirect && !((source || destination) && address && !value))
		return false;
	reading->rule->facts |= FACT_NAT;
	reading->rule->verdict = redirect ? "redirect" : source ? "snat" : "dnat";
	return true;
}

/* "xt target REJECT", "xt match hashlimit": what iptables-nft keeps in its own form. */
static void read_xt(struct reading *reading)
{
	bool target = slice_is(reading->word, "target");

	if (!next_word(reading))
		return;
	if (!target) {
		if (slice_is(reading->word, "limit") || slice_is(reading->word, "hashlimit"))
			reading->rule->facts |= FACT_LIMIT;
		if (slice_is(reading->word, "rpfilter"))
			reading->rule->facts |= FACT_RPFILTER;
	} else if (slice_is(reading->word, "REJECT")) {
		reading->rule->verdict = "reject";
		reading->rule->facts |= FACT_DROP;
	} else if (slice_is(reading->word, "NFQUEUE")) {
		reading->rule->verdict = "queue";
		reading->rule->facts |= FACT_QUEUE;
	} else if (slice_is(reading->word, "SNAT") || slice_is(reading->word, "DNAT") ||
		   slice_is(reading->word, "MASQUERADE") || slice_is(reading->word, "REDIRECT") ||
		   slice_is(reading->word, "NETMAP")) {
		reading->rule->verdict = "nat";
		reading->rule->facts |= FACT_NAT;
	}
}

/* vmap @name, vmap { key : verdict, … } */
static void read_map(struct reading *reading)
{
	struct slice next = peek_word(reading);

	if (next.length > 1 && next.data[0] == '@') {
		next = (struct slice){ next.data + 1, next.length - 1 };
		reading->rule->map = firewall_add_edge(reading->firewall, reading->rule->chain, NODE_MAP, next);
	}
	reading->in_map = slice_is(next, "{");
}

/* Inside braces: set and map elements, meters. */
static void read_element(struct reading *reading)
{
	struct slice word = without_comma(reading->word);
	bool last = word.length < reading->word.length;

	if (firewall_list_holds(word, "invalid")) {
		reading->key_invalid = true;
		if (!reading->in_map && !reading->state_negated)
			reading->rule->facts |= FACT_CT_INVALID;
	}
	if (reading->in_map && slice_is(word, "drop")) {
		reading->rule->facts |= FACT_DROP | (reading->key_invalid ? FACT_CT_INVALID : 0);
		reading->rule->verdict = "vmap drop";
	}
	if (last)
		reading->key_invalid = false;
}

static void read_anywhere(struct reading *reading)
{
	struct slice word = reading->word;

	if (slice_is(word, "jump") || slice_is(word, "goto"))
		nftables_jump_add(reading->firewall, reading->rule->chain, &reading->cursor);
	else if (slice_is(word, "limit") || slice_is(word, "meter"))
		reading->rule->facts |= FACT_LIMIT;
	else if (slice_is(word, "fib"))
		reading->rule->facts |= FACT_RPFILTER;
	else if (slice_is(word, "vmap"))
		read_map(reading);
	else if (slice_is(word, "!=") && slice_is(reading->previous, "state"))
		reading->state_negated = true;
	else if (!reading->depth && firewall_list_holds(word, "invalid") && !reading->state_negated)
		reading->rule->facts |= FACT_CT_INVALID;
}

/* A word outside braces. False when the rule is over. */
static bool read_statement(struct reading *reading)
{
	struct slice word = reading->word;

	if (slice_is(word, "comment"))
		return false;
	if (slice_is(word, "counter")) {
		read_counter(reading);
		return true;
	}
	if (slice_is(word, "log")) {
		read_log(reading);
		return true;
	}
	if (read_verdict(reading))
		return false;
	reading->rule->facts |= FACT_MATCHES;
	if (read_nat(reading))
		return false;
	if (slice_is(word, "target") || slice_is(word, "match"))
		read_xt(reading);
	else if (!slice_is(word, "xt"))
		reading->rule->facts &= ~(unsigned int)FACT_EXACT;
	return true;
}

struct firewall_rule *nftables_rule_add(struct firewall *firewall, uint32_t chain, struct slice text)
{
	struct reading reading = { .firewall = firewall, .rule = firewall_add_rule(firewall, chain, text) };
	bool open = reading.rule != NULL;

	reading.cursor = cursor_of(text.data, text.length);
	while (open && next_word(&reading)) {
		if (reading.quoted)
			continue;
		if (slice_is(reading.word, "{"))
			reading.depth++;
		else if (slice_is(without_comma(reading.word), "}")) {
			reading.depth -= reading.depth > 0;
			reading.in_map = reading.in_map && reading.depth;
		} else if (reading.depth)
			read_element(&reading);
		else
			open = read_statement(&reading);
		if (open && !reading.quoted)
			read_anywhere(&reading);
	}
	return reading.rule;
}
