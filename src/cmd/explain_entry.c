/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The entries: a heading with the name and what it is, the meaning, then one labelled line per fact. Text is wrapped for
 * 80 columns, commands are not: they are there to be copied.
 */
#include "cmd/explain_entry.h"

#include "model/alias.h"
#include "model/cause.h"
#include "model/driver.h"
#include "model/reason.h"
#include "render/wrap.h"

#include "base/alloc.h"
#include "base/parse.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define FACT_COLUMN 11 /* "  meaning  " */

const char *name_bare(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot ? dot + 1 : name;
}

static bool is_named(const char *name, const char *word)
{
	return strcasecmp(name, word) == 0 || strcasecmp(name_bare(name), word) == 0;
}

/* Causes and places are written with hyphens and in lower case; people type what they remember. */
static char *id_of_word(const char *word)
{
	char *id = mem_strdup(word);

	for (char *at = id; *at; at++)
		*at = *at == '_' ? '-' : (char)tolower((unsigned char)*at);
	return id;
}

/* ---- the lines of an entry ---- */

static void add_heading(const char *name, const char *what, const char *meaning, struct text *ret)
{
	text_addf(ret, "%s  (%s)\n  ", name, what);
	text_add_wrapped(ret, meaning, 2, 2);
}

/* Placeholders in capitals, as manuals have them: {ifname} is IFNAME. Other braces are somebody's syntax. */
static char *capitals_of(const char *template)
{
	struct text text = { 0 };

	while (*template) {
		size_t length = *template == '{' ? strspn(template + 1, "abcdefghijklmnopqrstuvwxyz_") : 0;

		if (!length || template[length + 1] != '}') {
			text_add_bytes(&text, template ++, 1);
			continue;
		}
		for (size_t i = 1; i <= length; i++) {
			char capital = (char)toupper((unsigned char)template[i]);

			text_add_bytes(&text, &capital, 1);
		}
		template += length + 2;
	}
	return text_take(&text);
}

static void add_fact(const char *label, const char *words, struct text *ret)
{
	CLEANUP_FREE char *filled = capitals_of(words);

	if (!*words)
		return;
	text_addf(ret, "  %-*s", FACT_COLUMN - 2, label);
	text_add_wrapped(ret, filled, FACT_COLUMN, FACT_COLUMN);
}

/* A line to be copied. */
static void add_command(const char *label, const char *template, struct text *ret)
{
	CLEANUP_FREE char *filled = capitals_of(template);

	if (*template)
		text_addf(ret, "  %-*s%s\n", FACT_COLUMN - 2, label, filled);
}

static void add_place(enum domain domain, struct text *ret)
{
	CLEANUP_FREE char *words = NULL;

	if (domain >= DOMAIN_COUNT)
		return;
	words = text_format("%s: %s (%s)", domain_id(domain), domain_where(domain), owner_name(domain_owner(domain)));
	add_fact("where", words, ret);
}

/* ---- counters ---- */

static const char *kind_words(enum counter_kind kind)
{
	switch (kind) {
	case KIND_DROP:
		return "counts lost packets";
	case KIND_SYMPTOM:
		return "a consequence of loss somewhere, no loss by itself";
	case KIND_PRESSURE:
		return "close to loss, no loss by itself";
	case KIND_TRAFFIC:
		return "what passed";
	case KIND_CONFIG:
		return "a setting or a fact";
	case KIND_EVENT:
		return "lost packets as the kernel tells of each: matched with counters, not added to them";
	}
	return "";
}

static void explain_counter(const struct counter *counter, struct text *ret)
{
	CLEANUP_FREE char *is =
		text_format("%s, %s of %s", kind_words(counter->kind),
			    counter->form == FORM_GAUGE ? "a level" : "a total since boot", unit_word(counter->unit));

	add_heading(counter->name, "counter", counter->meaning, ret);
	add_fact("is", is, ret);
	add_place(counter->domain, ret);
	add_fact("source", source_id_what(counter->source), ret);
	add_command("check", counter->check, ret);
	text_add(ret, "\n");
}

static bool explain_counters(const char *word, struct text *ret)
{
	bool found = false;

	for (counter_id id = 0; id < COUNTER_STATIC; id++) {
		if (!is_named(counter_name(id), word))
			continue;
		explain_counter(counter_get(id), ret);
		found = true;
	}
	return found;
}

/* The kernel makes a counter's name of an ICMP type's number (net/ipv4/proc.c: icmpmsg_put): IcmpMsgInType3. */
static bool explain_icmp_type(const char *word, struct text *ret)
{
	static const struct {
		const char *prefix, *words;
	} families[] = {
		{ "IcmpMsgInType", "ICMP messages received, of type" },
		{ "IcmpMsgOutType", "ICMP messages sent, of type" },
		{ "Icmp6InType", "ICMPv6 messages received, of type" },
		{ "Icmp6OutType", "ICMPv6 messages sent, of type" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		size_t length = strlen(families[i].prefix);
		CLEANUP_FREE char *meaning = NULL;
		uint64_t type;

		if (strncasecmp(word, families[i].prefix, length) != 0 || parse_u64(slice_of(word + length), &type) ||
		    type > UINT8_MAX)
			continue;
		meaning = text_format("%s %u (the types are numbered by IANA)", families[i].words, (unsigned int)type);
		add_heading(word, "counter", meaning, ret);
		add_fact("is", "what passed, a total since boot of packets", ret);
		text_addf(ret, "  check    nstat -az %s\n\n", word);
		return true;
	}
	return false;
}

static bool explain_drivers(const char *word, struct text *ret)
{
	const struct driver_counter *row;
	bool found = false;

	for (size_t i = 0; (row = driver_counter_at(i)); i++) {
		CLEANUP_FREE char *what = NULL, *with = NULL;

		if (!driver_counter_matches(row, word) && strcasecmp(row->pattern, word) != 0)
			continue;
		what = text_format("counter of %s", strcmp(row->driver, "*") == 0 ? "any driver" : row->driver);
		with = text_format("%s: do not add the two", row->with);
		add_heading(row->pattern, what, row->meaning, ret);
		add_fact("is", kind_words(row->kind), ret);
		if (row->cause != CAUSE_NONE)
			add_fact("shows", cause_id(row->cause), ret);
		if (row->overlap != OVERLAP_NONE)
			add_fact("part of", with, ret);
		text_addf(ret, "  check    ethtool -S IFNAME | grep %s\n\n", word);
		found = true;
	}
	return found;
}

static bool explain_aliases(const char *word, struct text *ret)
{
	const struct alias *alias;
	bool found = false;

	for (size_t i = 0; (alias = alias_at(i)); i++) {
		if (strcasecmp(alias->name, word) != 0)
			continue;
		text_addf(ret, "%s  (%s)\n", alias->name, alias->shown);
		if (*alias->meaning) {
			text_add(ret, "  ");
			text_add_wrapped(ret, alias->meaning, 2, 2);
		}
		if (alias->counter != COUNTER_NONE) {
			text_addf(ret, "  another name of:\n\n");
			explain_counter(counter_get(alias->counter), ret);
		} else {
			text_add(ret, "\n");
		}
		found = true;
	}
	return found;
}

/* ---- causes and drop reasons ---- */

static const char *class_words(enum cause_class class)
{
	switch (class) {
	case CAUSE_LOSS:
		return "a cause of loss";
	case CAUSE_BECAUSE:
		return "a reason behind a loss";
	case CAUSE_PRESSURE:
		return "a warning: close to loss";
	case CAUSE_INNOCENT:
		return "harmless";
	}
	return "";
}

static const char *proof_words(enum cause_proof proof)
{
	switch (proof) {
	case PROOF_COUNTERS:
		return "by counters";
	case PROOF_EVENTS:
		return "by the kernel's drop events only, which this version does not read";
	case PROOF_PROBE:
		return "by probing the path only";
	}
	return "";
}

char *words_about_any(const char *template)
{
	struct text text = { 0 };
	const char *found;

	for (; (found = strstr(template, "{object}")); template = found + strlen("{object}")) {
		text_add_bytes(&text, template, (size_t)(found - template));
		text_add(&text, "...");
	}
	text_add(&text, template);
	return text_take(&text);
}

/* The drop reasons that point to a cause. */
static void add_reasons(enum cause cause, struct text *ret)
{
	CLEANUP_TEXT struct text names = { 0 };
	const struct reason *reason;

	for (size_t i = 0; (reason = reason_at(i)); i++) {
		if (reason->cause == cause || reason->also == cause)
			text_addf(&names, "%s%s", names.length ? " " : "", reason->name);
	}
	add_fact("reasons", text_string(&names), ret);
}

static void add_remedy(const struct remedy *remedy, struct text *ret)
{
	struct cursor cursor = cursor_of(remedy->commands, strlen(remedy->commands));
	struct slice line;

	add_fact("remedy", remedy->action, ret);
	while (cursor_line(&cursor, &line)) {
		CLEANUP_FREE char *command = mem_strndup(line.data, line.length);

		add_command("", command, ret);
	}
	add_fact("costs", remedy->risk, ret);
}

static void explain_cause(enum cause cause, struct text *ret)
{
	const struct cause_row *row = cause_get(cause);
	CLEANUP_FREE char *mechanism = words_about_any(row->mechanism);
	const struct remedy *remedy;

	add_heading(row->id, class_words(row->class), mechanism, ret);
	add_place(row->domain, ret);
	add_fact("owner", owner_name(row->owner), ret);
	add_fact("proved", proof_words(row->proof), ret);
	add_fact("proof", row->evidence, ret);
	add_fact("unlike", row->lookalike, ret);
	add_reasons(cause, ret);
	add_fact("next", row->next, ret);
	for (size_t i = 0; (remedy = remedy_of(cause, i)); i++)
		add_remedy(remedy, ret);
	text_add(ret, "\n");
}

static const char *harm_words(enum reason_harm harm)
{
	switch (harm) {
	case REASON_LOSS:
		return "a loss";
	case REASON_HARMLESS:
		return "harmless";
	case REASON_EITHER:
		return "a loss or harmless: that depends on whose packets they were";
	}
	return "";
}

static void explain_reason(const struct reason *reason, struct text *ret)
{
	bool core = !slice_starts(slice_of(reason->name), "RX_") && !slice_starts(slice_of(reason->name), "OVS_");

	add_heading(reason->name, "drop reason of the kernel", reason->meaning, ret);
	add_fact("is", harm_words(reason->harm), ret);
	add_place(reason->domain, ret);
	if (reason->cause != CAUSE_NONE) {
		CLEANUP_FREE char *causes =
			text_format("%s%s%s", cause_id(reason->cause), reason->also == CAUSE_NONE ? "" : ", or ",
				    reason->also == CAUSE_NONE ? "" : cause_id(reason->also));

		add_fact("shows", causes, ret);
	}
	if (core && (reason->domain != DOMAIN_NONE || reason->harm != REASON_HARMLESS))
		text_addf(ret, "  check    perf record -a -e skb:kfree_skb sleep 5; perf script | grep -w %s\n",
			  reason->name);
	text_add(ret, "\n");
}

/* ---- places and sources ---- */

static void explain_domain(enum domain domain, struct text *ret)
{
	CLEANUP_TEXT struct text causes = { 0 };

	for (size_t cause = 0; cause < CAUSE_COUNT; cause++) {
		if (cause_get((enum cause)cause)->domain == domain)
			text_addf(&causes, "%s%s", causes.length ? " " : "", cause_id((enum cause)cause));
	}
	add_heading(domain_id(domain), "place on the packet's way", domain_where(domain), ret);
	add_fact("owner", owner_name(domain_owner(domain)), ret);
	add_fact("causes", text_string(&causes), ret);
	text_add(ret, "\n");
}

static bool explain_sources(const char *word, struct text *ret)
{
	for (size_t id = 0; id < SOURCE_COUNT; id++) {
		if (strcasecmp(source_id_name((enum source_id)id), word) == 0) {
			add_heading(source_id_name((enum source_id)id), "source", source_id_what((enum source_id)id),
				    ret);
			text_add(ret, "\n");
			return true;
		}
	}
	return false;
}

bool explain_word(const char *word, struct text *ret)
{
	CLEANUP_FREE char *id = id_of_word(word);
	const struct reason *reason = reason_find(word);
	bool found = explain_counters(word, ret) || explain_icmp_type(word, ret);
	enum domain domain;
	enum cause cause;

	found |= explain_drivers(word, ret);
	found |= explain_aliases(word, ret);
	if (reason)
		explain_reason(reason, ret);
	if (cause_from_id(id, &cause))
		explain_cause(cause, ret);
	else
		cause = CAUSE_NONE;
	if (domain_from_id(id, &domain))
		explain_domain(domain, ret);
	else
		domain = DOMAIN_NONE;
	found |= explain_sources(id, ret);
	return found || reason || cause != CAUSE_NONE || domain != DOMAIN_NONE;
}

/* ---- the tables ---- */

static bool domain_row(size_t index, struct name_row *ret)
{
	if (index >= DOMAIN_COUNT)
		return false;
	*ret = (struct name_row){ domain_id((enum domain)index), "", domain_where((enum domain)index) };
	return true;
}

static bool cause_row_at(size_t index, struct name_row *ret)
{
	if (index >= CAUSE_COUNT)
		return false;
	*ret = (struct name_row){ cause_id((enum cause)index), "", cause_get((enum cause)index)->mechanism };
	return true;
}

static bool counter_row_at(size_t index, struct name_row *ret)
{
	if (index >= COUNTER_STATIC)
		return false;
	*ret = (struct name_row){ counter_name((counter_id)index), "", counter_get((counter_id)index)->meaning };
	return true;
}

static bool reason_row(size_t index, struct name_row *ret)
{
	const struct reason *reason = reason_at(index);

	if (!reason)
		return false;
	*ret = (struct name_row){ reason->name, "", reason->meaning };
	return true;
}

static bool driver_row(size_t index, struct name_row *ret)
{
	const struct driver_counter *row = driver_counter_at(index);

	if (!row)
		return false;
	*ret = (struct name_row){ row->pattern, row->driver, row->meaning };
	return true;
}

static bool source_row(size_t index, struct name_row *ret)
{
	if (index >= SOURCE_COUNT)
		return false;
	*ret = (struct name_row){ source_id_name((enum source_id)index), "", source_id_what((enum source_id)index) };
	return true;
}

static bool alias_row(size_t index, struct name_row *ret)
{
	const struct alias *alias = alias_at(index);

	if (!alias)
		return false;
	*ret = (struct name_row){ alias->name, alias->shown,
				  *alias->meaning ? alias->meaning : counter_name(alias->counter) };
	return true;
}

const struct name_table *name_table_at(size_t index)
{
	static const struct name_table tables[] = {
		{ "places", domain_row },  { "causes", cause_row_at }, { "counters", counter_row_at },
		{ "reasons", reason_row }, { "drivers", driver_row },  { "sources", source_row },
		{ "words", alias_row },
	};

	return index < ARRAY_SIZE(tables) ? &tables[index] : NULL;
}
