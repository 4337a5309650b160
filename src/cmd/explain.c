/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wheredrop explain: what the tables know about a name. Counters, drivers' counters, causes, domains and sources are
 * looked at in turn, and a name may be several of them.
 */
#include "cmd/command.h"

#include "cmd/nearest.h"
#include "model/cause.h"
#include "model/driver.h"

#include "base/alloc.h"
#include "base/parse.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* The part of a counter's name that other tools show: after "link." and the like. */
static const char *bare_name(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot ? dot + 1 : name;
}

static bool is_named(const char *name, const char *word)
{
	return strcasecmp(name, word) == 0 || strcasecmp(bare_name(name), word) == 0;
}

static const char *form_words(const struct counter *counter)
{
	return counter->form == FORM_GAUGE ? "a level" : "a total since boot";
}

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
	}
	return "";
}

static void add_domain_line(enum domain domain, struct text *ret)
{
	if (domain < DOMAIN_COUNT)
		text_addf(ret, "  where    %s: %s (%s)\n", domain_id(domain), domain_where(domain),
			  owner_name(domain_owner(domain)));
}

/* A command with its placeholders in capitals, as manuals have them: {ifname} is IFNAME. */
static void add_command(const char *template, struct text *ret)
{
	bool inside = false;

	for (; *template; template ++) {
		char c = inside ? (char)toupper((unsigned char)*template) : *template;

		if (*template == '{' || *template == '}')
			inside = *template == '{';
		else
			text_add_bytes(ret, &c, 1);
	}
}

/* "  check    ip -s link show dev IFNAME" */
static void add_command_line(const char *label, const char *template, struct text *ret)
{
	if (!*template)
		return;
	text_addf(ret, "  %-8s ", label);
	add_command(template, ret);
	text_add(ret, "\n");
}

static void explain_counter(const struct counter *counter, struct text *ret)
{
	text_addf(ret, "%s  (counter)\n  %s\n", counter->name, counter->meaning);
	text_addf(ret, "  is       %s, %s of %s\n", kind_words(counter->kind), form_words(counter),
		  unit_word(counter->unit));
	add_domain_line(counter->domain, ret);
	text_addf(ret, "  source   %s\n", source_id_what(counter->source));
	add_command_line("check", counter->check, ret);
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

static bool explain_drivers(const char *word, struct text *ret)
{
	const struct driver_counter *row;
	bool found = false;

	for (size_t i = 0; (row = driver_counter_at(i)); i++) {
		if (!driver_counter_matches(row, word))
			continue;
		text_addf(ret, "%s  (counter of %s)\n  %s\n", row->pattern,
			  strcmp(row->driver, "*") == 0 ? "any driver" : row->driver, row->meaning);
		text_addf(ret, "  is       %s\n", kind_words(row->kind));
		if (row->cause != CAUSE_NONE)
			text_addf(ret, "  shows    %s\n", cause_id(row->cause));
		if (row->overlap != OVERLAP_NONE)
			text_addf(ret, "  part of  %s: do not add the two\n", row->with);
		text_addf(ret, "  check    ethtool -S IFNAME | grep %s\n\n", word);
		found = true;
	}
	return found;
}

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

/* A mechanism is a clause with {object}; here it is about any object. */
static void add_mechanism(const struct cause_row *row, struct text *ret)
{
	const char *rest = row->mechanism, *found;

	for (; (found = strstr(rest, "{object}")); rest = found + strlen("{object}")) {
		text_add_bytes(ret, rest, (size_t)(found - rest));
		text_add(ret, "...");
	}
	text_add(ret, rest);
}

static const char *proof_words(enum cause_proof proof)
{
	switch (proof) {
	case PROOF_COUNTERS:
		return "by counters";
	case PROOF_EVENTS:
		return "by the kernel's drop events only";
	case PROOF_PROBE:
		return "by probing the path only";
	}
	return "";
}

static void explain_cause(enum cause cause, struct text *ret)
{
	const struct cause_row *row = cause_get(cause);
	const struct remedy *remedy;

	text_addf(ret, "%s  (%s)\n  ", row->id, class_words(row->class));
	add_mechanism(row, ret);
	text_add(ret, "\n");
	add_domain_line(row->domain, ret);
	text_addf(ret, "  owner    %s\n  proved   %s\n  proof    %s\n", owner_name(row->owner),
		  proof_words(row->proof), row->evidence);
	if (*row->lookalike)
		text_addf(ret, "  not      %s\n", row->lookalike);
	add_command_line("next", row->next, ret);
	for (size_t i = 0; (remedy = remedy_of(cause, i)); i++)
		text_addf(ret, "  remedy   %s\n  costs    %s\n", remedy->action, remedy->risk);
	text_add(ret, "\n");
}

static void explain_domain(enum domain domain, struct text *ret)
{
	text_addf(ret, "%s  (place on the packet's way)\n  %s\n  owner    %s\n  causes  ", domain_id(domain),
		  domain_where(domain), owner_name(domain_owner(domain)));
	for (size_t cause = 0; cause < CAUSE_COUNT; cause++) {
		if (cause_get((enum cause)cause)->domain == domain && cause_get((enum cause)cause)->class == CAUSE_LOSS)
			text_addf(ret, " %s", cause_id((enum cause)cause));
	}
	text_add(ret, "\n\n");
}

static bool explain_sources(const char *word, struct text *ret)
{
	for (size_t id = 0; id < SOURCE_COUNT; id++) {
		if (strcasecmp(source_id_name((enum source_id)id), word) == 0) {
			text_addf(ret, "%s  (source)\n  %s\n\n", source_id_name((enum source_id)id),
				  source_id_what((enum source_id)id));
			return true;
		}
	}
	return false;
}

static bool explain_word(const char *word, struct text *ret)
{
	bool found = explain_counters(word, ret);
	enum domain domain;
	enum cause cause;

	if (explain_drivers(word, ret))
		found = true;
	if (cause_from_id(word, &cause)) {
		explain_cause(cause, ret);
		found = true;
	}
	if (domain_from_id(word, &domain)) {
		explain_domain(domain, ret);
		found = true;
	}
	return explain_sources(word, ret) || found;
}

/* Calls `use` with every name the tables know. */
static void each_name(void (*use)(void *argument, const char *name), void *argument)
{
	const struct driver_counter *row;

	for (counter_id id = 0; id < COUNTER_STATIC; id++)
		use(argument, counter_name(id));
	for (size_t i = 0; (row = driver_counter_at(i)); i++)
		use(argument, row->pattern);
	for (size_t cause = 0; cause < CAUSE_COUNT; cause++)
		use(argument, cause_id((enum cause)cause));
	for (size_t domain = 0; domain < DOMAIN_COUNT; domain++)
		use(argument, domain_id((enum domain)domain));
}

struct search {
	const char *word;
	size_t matches;
	struct text *list;
};

#define MATCHES_MAX 40

static void search_prefix(void *argument, const char *name)
{
	struct search *search = argument;
	size_t length = strlen(search->word);

	if (strncasecmp(name, search->word, length) != 0 && strncasecmp(bare_name(name), search->word, length) != 0)
		return;
	if (search->matches++ < MATCHES_MAX)
		text_addf(search->list, "  %s\n", name);
}

static void search_nearest(void *argument, const char *name)
{
	nearest_try(argument, name);
	nearest_try(argument, bare_name(name));
}

/* Names that begin with the word; true when there are any. */
static bool explain_prefix(const char *word, struct text *ret)
{
	CLEANUP_TEXT struct text list = { 0 };
	struct search search = { .word = word, .list = &list };

	each_name(search_prefix, &search);
	if (!search.matches)
		return false;
	text_addf(ret, "Nothing is called %s; these begin with it:\n%s", word, text_string(&list));
	if (search.matches > MATCHES_MAX)
		text_addf(ret, "  and %zu more\n", search.matches - MATCHES_MAX);
	return true;
}

static int explain_run(const void *settings, char **arguments)
{
	CLEANUP_TEXT struct text text = { 0 };

	(void)settings;
	if (!*arguments)
		return complain("explain needs the name of a counter, a cause or a place, such as UdpRcvbufErrors");
	for (; *arguments; arguments++) {
		struct nearest nearest = { .word = *arguments };

		if (explain_word(*arguments, &text) || (**arguments && explain_prefix(*arguments, &text)))
			continue;
		each_name(search_nearest, &nearest);
		if (nearest.best)
			return complain("nothing is called '%s'; did you mean %s?", *arguments, nearest.best);
		return complain("nothing is called '%s'; it may be a counter that is new or a driver's own",
				*arguments);
	}
	if (text.length > 1 && text.data[text.length - 1] == '\n' && text.data[text.length - 2] == '\n')
		text.length--;
	return output_write(&text);
}

static const struct example explain_examples[] = {
	{ "wheredrop explain UdpRcvbufErrors", "a counter of the kernel" },
	{ "wheredrop explain rx_missed_errors", "a counter of an interface" },
	{ "wheredrop explain accept-queue-full", "a cause" },
	{ "wheredrop explain TcpExt", "what begins with it" },
	{ NULL, NULL },
};

const struct command command_explain = {
	.name = "explain",
	.arguments = "NAME...",
	.summary = "what a counter, a cause or a place on the packet's way means",
	.description =
		"Prints what is known about a name: what it counts, where that is, who owns it, what proves it, what "
		"looks alike, what to do about it. It reads nothing of the host.",
	.examples = explain_examples,
	.run = explain_run,
};
