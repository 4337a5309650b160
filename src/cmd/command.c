/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of commands and what they share: finding one, its help, its settings. */
#include "cmd/command.h"

#include "cmd/help.h"
#include "cmd/nearest.h"

#include "base/alloc.h"

#include <stdbool.h>
#include <string.h>

static const struct command *const commands[] = {
	&command_diagnose, &command_diff,   &command_doctor, &command_explain, &command_help,
	&command_lab,	   &command_record, &command_trace,  &command_version, &command_watch,
};

const struct command *command_at(size_t index)
{
	return index < ARRAY_SIZE(commands) ? commands[index] : NULL;
}

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

static bool asks_for_help(const char *argument)
{
	return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0;
}

int command_run(const struct command *command, char **arguments)
{
	CLEANUP_FREE void *settings = mem_new(1, command->settings_size + 1);

	for (char **argument = arguments; *argument && strcmp(*argument, "--") != 0; argument++) {
		if (asks_for_help(*argument)) {
			CLEANUP_TEXT struct text text = { 0 };

			help_command(command, &text);
			return output_write(&text);
		}
	}
	if (options_parse(command, arguments, settings))
		return STATUS_ERROR;
	return command->run(settings, arguments);
}

static int unknown_command(const char *name)
{
	struct nearest nearest = { .word = name };

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		nearest_try(&nearest, commands[i]->name);
	if (nearest.best)
		return complain("there is no command '%s'; did you mean '%s'?", name, nearest.best);
	return complain("there is no command '%s'; see: wheredrop help", name);
}

int command_main(char **arguments)
{
	const struct command *command;

	if (!*arguments)
		return command_run(&command_diagnose, arguments);
	if (asks_for_help(*arguments)) {
		CLEANUP_TEXT struct text text = { 0 };

		help_overview(&text);
		return output_write(&text);
	}
	if (strcmp(*arguments, "--version") == 0)
		return command_run(&command_version, arguments + 1);
	if (**arguments == '-')
		return command_run(&command_diagnose, arguments);
	command = command_find(*arguments);
	return command ? command_run(command, arguments + 1) : unknown_command(*arguments);
}
