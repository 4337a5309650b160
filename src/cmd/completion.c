/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One bash function (bash(1), Programmable Completion). It needs nothing but bash: names of interfaces come from
 * /sys/class/net and of namespaces from /run/netns. They may be hostile: compgen -W would expand them, so it is not used.
 */
#include "cmd/completion.h"

#include "cmd/command.h"

#include "base/alloc.h"

#include <stdbool.h>
#include <string.h>

/* How the words for an option's value are found, by the option's name. */
static const struct {
	const char *option, *words;
} sources[] = {
	{ "netns", "all $(ls /run/netns 2>/dev/null)" },
	{ "interface", "$(ls /sys/class/net 2>/dev/null)" },
	{ "target", "$(getent hosts 2>/dev/null | awk '{ print $2 }')" },
};

static void add_words(const char *words, char separator, struct text *ret)
{
	for (; *words; words++)
		text_add_bytes(ret, *words == separator ? " " : words, 1);
}

static void add_values(const struct option_row *row, struct text *ret)
{
	CLEANUP_TEXT struct text words = { 0 };

	if (row->type == OPTION_CHOICE)
		add_words(row->argument, '|', &words);
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		if (strcmp(sources[i].option, row->name) == 0)
			text_add(&words, sources[i].words);
	}
	text_addf(ret, "\t--%s) words=\"%s\" ;;\n", row->name, text_string(&words));
}

static void add_command(const struct command *command, struct text *ret)
{
	text_addf(ret, "\t%s) words=\"--help", command->name);
	for (const struct option_row *row = command->options; row && row->name; row++) {
		if (row->help)
			text_addf(ret, " --%s", row->name);
	}
	text_add(ret, "\" ;;\n");
}

static void add_names(struct text *ret)
{
	const struct command *command;

	for (size_t i = 0; (command = command_at(i)); i++)
		text_addf(ret, " %s", command->name);
}

/* An option means the same in every command: the first one's row speaks for all. */
static bool is_known_before(size_t command, const char *option)
{
	for (size_t i = 0; i < command; i++) {
		for (const struct option_row *row = command_at(i)->options; row && row->name; row++) {
			if (strcmp(row->name, option) == 0)
				return true;
		}
	}
	return false;
}

static const char head[] = "# bash completion for wheredrop, made from its table of options\n"
			   "_wheredrop()\n"
			   "{\n"
			   "\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
			   "\tlocal command=diagnose candidate words=\n"
			   "\n"
			   "\t[[ $COMP_CWORD -gt 1 && ${COMP_WORDS[1]} != -* ]] && command=${COMP_WORDS[1]}\n";

static const char tail[] = "\t"
			   "read -rd '' -a words <<<\"$words\"\n"
			   "\tCOMPREPLY=()\n"
			   "\tfor candidate in \"${words[@]}\"; do\n"
			   "\t\t[[ $candidate != \"$word\"* ]] || COMPREPLY+=(\"$(printf %q \"$candidate\")\")\n"
			   "\tdone\n"
			   "}\n"
			   "complete -F _wheredrop wheredrop\n";

void completion_bash(struct text *ret)
{
	const struct command *command;

	text_add(ret, head);
	text_add(ret, "\tcase $command in\n");
	for (size_t i = 0; (command = command_at(i)); i++)
		add_command(command, ret);
	text_add(ret, "\tesac\n\t[[ $COMP_CWORD -ne 1 ]] || words+=\" --version");
	add_names(ret);
	text_add(ret, "\"\n\tcase $command:$COMP_CWORD in\n\thelp:2) words=\"");
	add_names(ret);
	text_add(ret, "\" ;;\n\tlab:2) words='list run' ;;\n\tesac\n\tcase $before in\n");
	for (size_t i = 0; (command = command_at(i)); i++) {
		for (const struct option_row *row = command->options; row && row->name; row++) {
			if (row->help && row->type != OPTION_FLAG && !is_known_before(i, row->name))
				add_values(row, ret);
		}
	}
	text_add(ret, "\tesac\n");
	text_add(ret, tail);
}
