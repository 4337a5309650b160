/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wheredrop explain: what the tables know about a name, and finding the name: by its beginning, by a part of it, by the
 * one that differs least. It reads nothing of the host.
 */
#include "cmd/command.h"

#include "cmd/explain_entry.h"
#include "cmd/nearest.h"

#include "base/alloc.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#define MATCHES_MAX 40
#define REASON_PREFIX "SKB_DROP_REASON_"

struct explain_settings {
	const char *list;
};

/* Calls `use` with every name the tables know. */
static void each_name(void (*use)(void *argument, const char *name), void *argument)
{
	const struct name_table *table;
	struct name_row row;

	for (size_t t = 0; (table = name_table_at(t)); t++) {
		for (size_t i = 0; table->row(i, &row); i++)
			use(argument, row.name);
	}
}

/* ---- names that begin with a word, or have it in them ---- */

struct search {
	const char *word;
	bool anywhere;
	VEC(const char *) names;
};

static bool begins(const char *name, const char *word)
{
	return strncasecmp(name, word, strlen(word)) == 0;
}

static bool is_in(const char *name, const char *word)
{
	for (; *name; name++) {
		if (begins(name, word))
			return true;
	}
	return false;
}

static void search_name(void *argument, const char *name)
{
	struct search *search = argument;
	const char **known, **slot;

	if (search->anywhere ? !is_in(name, search->word)
			     : !begins(name, search->word) && !begins(name_bare(name), search->word))
		return;
	vec_each(&search->names, known) {
		if (strcmp(*known, name) == 0)
			return;
	}
	slot = vec_add(&search->names, MATCHES_MAX + 1);
	if (slot)
		*slot = name;
}

/* One name is explained, several are listed; false when there is none. */
static bool explain_matches(const char *word, bool anywhere, struct text *ret)
{
	struct search search = { .word = word, .anywhere = anywhere };
	size_t count;

	each_name(search_name, &search);
	count = search.names.count;
	if (count)
		text_addf(ret, "Nothing is called %s; %s %s:\n", word, count == 1 ? "this" : "these",
			  anywhere ? (count == 1 ? "has it in it" : "have it in them")
				   : (count == 1 ? "begins with it" : "begin with it"));
	for (size_t i = 0; count > 1 && i < count && i < MATCHES_MAX; i++)
		text_addf(ret, "  %s\n", search.names.data[i]);
	if (count == 1)
		explain_word(search.names.data[0], ret);
	else if (count)
		text_add(ret, count > MATCHES_MAX ? "  and more: wheredrop explain --list all\n\n" : "\n");
	vec_free(&search.names);
	return count != 0;
}

/* ---- typing errors ---- */

static void search_nearest(void *argument, const char *name)
{
	struct nearest *nearest = argument, bare = *nearest;
	bool same = name_bare(name) == name;

	nearest_try(nearest, name);
	if (same)
		return;
	nearest_try(&bare, name_bare(name));
	if (bare.best && (!nearest->best || bare.distance < nearest->distance))
		*nearest = bare;
}

static int unknown_name(const char *word)
{
	const char *bare = begins(word, REASON_PREFIX) ? word + strlen(REASON_PREFIX) : word;
	struct nearest nearest = { .word = bare };
	CLEANUP_TEXT struct text names = { 0 };

	each_name(search_nearest, &nearest);
	if (!nearest.best)
		return complain(
			"nothing is called '%s'; it may be a counter that is new or a driver's own; see: wheredrop "
			"explain --list all",
			word);
	text_add(&names, nearest.best);
	for (size_t i = 0; i < ARRAY_SIZE(nearest.also) && nearest.also[i]; i++)
		text_addf(&names, "%s%s", i + 1 < ARRAY_SIZE(nearest.also) && nearest.also[i + 1] ? ", " : " or ",
			  nearest.also[i]);
	return complain("nothing is called '%s'; did you mean %s?", word, text_string(&names));
}

/* ---- lists ---- */

/* "UdpRcvbufErrors  UDP datagrams dropped because ...": a line per row, to be searched with grep. */
static void list_table(const struct name_table *table, struct text *ret)
{
	struct name_row row;

	for (size_t i = 0; table->row(i, &row); i++) {
		CLEANUP_FREE char *words = words_about_any(row.meaning);

		text_addf(ret, "%-32s  %s%s%s\n", row.name, row.of, *row.of ? ": " : "", words);
	}
}

static int explain_list(const char *which)
{
	CLEANUP_TEXT struct text text = { 0 };
	const struct name_table *table;

	for (size_t t = 0; (table = name_table_at(t)); t++) {
		if (strcmp(which, "all") == 0 || strcmp(which, table->id) == 0)
			list_table(table, &text);
	}
	return output_write(&text);
}

/* Names are copied out of what ethtool and nstat print, with what stands around them. */
static const char *word_trim(char *word)
{
	size_t length;

	word += strspn(word, " \t");
	length = strlen(word);
	while (length && strchr(": \t", word[length - 1]))
		word[--length] = '\0';
	return word;
}

static int explain_run(const void *opaque, char **arguments)
{
	const struct explain_settings *settings = opaque;
	CLEANUP_TEXT struct text text = { 0 };

	if (settings->list)
		return *arguments ? complain("explain --list takes no name: '%s'", *arguments)
				  : explain_list(settings->list);
	if (!*arguments)
		return complain("explain needs a name, such as UdpRcvbufErrors; see: wheredrop explain --list all");
	for (; *arguments; arguments++) {
		const char *word = word_trim(*arguments);

		if (!explain_word(word, &text) &&
		    !(*word && (explain_matches(word, false, &text) || explain_matches(word, true, &text))))
			return unknown_name(word);
	}
	if (text.length > 1 && text.data[text.length - 1] == '\n' && text.data[text.length - 2] == '\n')
		text.length--;
	return output_write(&text);
}

static const struct option_row explain_options[] = {
	{ "list", "all|places|causes|counters|reasons|drivers|sources|words", "every name, with its meaning",
	  OPTION_CHOICE, offsetof(struct explain_settings, list), NULL, NULL, NULL },
	{ .name = NULL },
};

static const struct example explain_examples[] = {
	{ "wheredrop explain UdpRcvbufErrors", "a counter of the kernel" },
	{ "wheredrop explain rx_missed_errors", "a counter of an interface" },
	{ "wheredrop explain tcp-accept-queue-full", "a cause" },
	{ "wheredrop explain NO_SOCKET", "a drop reason of the kernel" },
	{ "wheredrop explain socket", "a place on the packet's way" },
	{ "wheredrop explain TcpExt", "what begins with it" },
	{ "wheredrop explain --list reasons", "all of a kind" },
	{ NULL, NULL },
};

const struct command command_explain = {
	.name = "explain",
	.arguments = "NAME...",
	.summary = "what a counter, a drop reason, a cause or a place means",
	.description =
		"Prints what is known about a name: what it counts, where that is, who owns it, what proves it, what "
		"looks alike, what to do about it. It reads nothing of the host.\n"
		"\n"
		"A name is a counter of the kernel or of a driver, a reason that the kernel gives for a drop (with or without "
		"SKB_DROP_REASON_), a cause, a place, a source, or a word that other tools print. Upper and lower case are the "
		"same. What nothing is called is looked for as the beginning of a name, then as a part of one.",
	.options = explain_options,
	.examples = explain_examples,
	.settings_size = sizeof(struct explain_settings),
	.run = explain_run,
};
