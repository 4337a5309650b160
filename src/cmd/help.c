/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --help, the list of commands, and the help command itself. */
#include "cmd/help.h"

#include "cmd/completion.h"
#include "cmd/man.h"

#include "base/alloc.h"

#include <stdbool.h>
#include <string.h>

#define LEFT_COLUMNS 26

static void add_options(const struct command *command, struct text *ret)
{
	for (const struct option_row *row = command->options; row && row->name; row++) {
		CLEANUP_TEXT struct text left = { 0 };

		if (!row->help)
			continue;
		text_addf(&left, "--%s%s%s", row->name, row->argument ? " " : "", row->argument ? row->argument : "");
		text_addf(ret, "  %-*s", LEFT_COLUMNS, text_string(&left));
		if (left.length > LEFT_COLUMNS)
			text_addf(ret, "\n  %-*s", LEFT_COLUMNS, "");
		text_addf(ret, " %s", row->help);
		if (row->initial)
			text_addf(ret, " (%s)", row->initial);
		text_add(ret, "\n");
	}
	text_addf(ret, "  %-*s %s\n", LEFT_COLUMNS, "--help", "this");
}

static void add_examples(const struct example *examples, struct text *ret)
{
	text_add(ret, "\nExamples:\n");
	for (; examples->line; examples++)
		text_addf(ret, "  %-42s %s\n", examples->line, examples->what);
}

void help_command(const struct command *command, struct text *ret)
{
	text_addf(ret, "Usage: wheredrop %s%s%s%s\n", command->name, command->options ? " [OPTION]..." : "",
		  *command->arguments ? " " : "", command->arguments);
	text_addf(ret, "%s\n\n", command->summary);
	add_options(command, ret);
	for (const struct status_row *row = command->statuses; row && row->status; row++)
		text_addf(ret, "%s %s  %s\n", row == command->statuses ? "\nExit status:\n " : " ", row->status,
			  row->meaning);
	add_examples(command->examples, ret);
}

void help_overview(struct text *ret)
{
	static const struct example examples[] = {
		{ "wheredrop", "watch for ten seconds, then the answer" },
		{ "wheredrop --duration 1m --netns web", "one namespace, for a minute" },
		{ "wheredrop --markdown > ticket.md", "for a ticket" },
		{ "wheredrop explain UdpRcvbufErrors", "what a counter means" },
		{ NULL, NULL },
	};
	const struct command *command;

	text_add(ret, "Usage: wheredrop [COMMAND] [OPTION]...\n");
	text_add(ret, "Says where this host loses packets, why, and who owns it. Without a command: diagnose.\n\n");
	for (size_t i = 0; (command = command_at(i)); i++)
		text_addf(ret, "  %-10s %s\n", command->name, command->summary);
	text_add(ret, "\nOptions of a command: wheredrop COMMAND --help\n");
	add_examples(examples, ret);
}

struct help_settings {
	const char *man;
	bool completion;
};

static int help_run(const void *opaque, char **arguments)
{
	const struct help_settings *settings = opaque;
	CLEANUP_TEXT struct text text = { 0 };
	const char *name = settings->man ? settings->man : *arguments;
	const struct command *command = NULL;

	if (name && strncmp(name, "wheredrop-", strlen("wheredrop-")) == 0)
		name += strlen("wheredrop-");
	if (name && strcmp(name, "wheredrop") != 0) {
		command = command_find(name);
		if (!command)
			return complain("there is no command '%s'; see: wheredrop help", name);
	}
	if (settings->completion)
		completion_bash(&text);
	else if (settings->man)
		command ? man_command(command, &text) : man_overview(&text);
	else
		command ? help_command(command, &text) : help_overview(&text);
	return output_write(&text);
}

/* Both are for the build. */
static const struct option_row help_options[] = {
	{ "man", "NAME", NULL, OPTION_TEXT, offsetof(struct help_settings, man), NULL, NULL, NULL },
	{ "completion", NULL, NULL, OPTION_FLAG, offsetof(struct help_settings, completion), NULL, NULL, NULL },
	{ .name = NULL },
};

static const struct example help_examples[] = {
	{ "wheredrop help", "the commands" },
	{ "wheredrop help diagnose", "one command's options" },
	{ NULL, NULL },
};

const struct command command_help = {
	.name = "help",
	.arguments = "[COMMAND]",
	.summary = "the commands, or one command's options",
	.description = "Prints what there is. The manual pages say more: man wheredrop, man wheredrop-diagnose.",
	.options = help_options,
	.examples = help_examples,
	.settings_size = sizeof(struct help_settings),
	.run = help_run,
};
