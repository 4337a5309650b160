/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line, read by a table of options. */
#include "cmd/command.h"

#include "cmd/nearest.h"

#include "base/alloc.h"
#include "base/parse.h"

#include <stdbool.h>
#include <string.h>

static const struct option_row *row_find(const struct command *command, struct slice name)
{
	for (const struct option_row *row = command->options; row && row->name; row++) {
		if (slice_is(name, row->name))
			return row;
	}
	return NULL;
}

static int unknown_option(const struct command *command, struct slice name)
{
	CLEANUP_FREE char *word = mem_strndup(name.data, name.length);
	struct nearest nearest = { .word = word };

	for (const struct option_row *row = command->options; row && row->name; row++) {
		if (row->help)
			nearest_try(&nearest, row->name);
	}
	nearest_try(&nearest, "help");
	if (nearest.best)
		return complain("there is no option --%s; did you mean --%s?", word, nearest.best);
	return complain("there is no option --%s; see: wheredrop %s --help", word, command->name);
}

static bool choice_has(const char *choices, const char *value)
{
	struct cursor cursor = cursor_of(choices, strlen(choices));
	struct slice choice;

	while (cursor_until(&cursor, '|', &choice)) {
		if (slice_is(choice, value))
			return true;
	}
	return slice_is(cursor.rest, value);
}

/* Bounds and defaults come from the tables. */
static uint64_t known_duration_ns(const char *duration)
{
	uint64_t ns = 0;

	return parse_duration_ns(slice_of(duration), &ns) ? 0 : ns;
}

static int duration_set(const struct option_row *row, const char *value, uint64_t *ret_ns)
{
	uint64_t ns;

	if (parse_duration_ns(slice_of(value), &ns) || ns < known_duration_ns(row->lowest) ||
	    ns > known_duration_ns(row->highest))
		return complain("--%s takes a time from %s to %s, such as %s, not '%s'", row->name, row->lowest,
				row->highest, row->initial ? row->initial : row->lowest, value);
	*ret_ns = ns;
	return 0;
}

static uint64_t known_number(const char *number)
{
	uint64_t value = 0;

	return parse_u64(slice_of(number), &value) ? 0 : value;
}

static int number_set(const struct option_row *row, const char *value, uint64_t *ret)
{
	uint64_t number;

	if (parse_u64(slice_of(value), &number) || number < known_number(row->lowest) ||
	    number > known_number(row->highest))
		return complain("--%s takes a number from %s to %s, not '%s'", row->name, row->lowest, row->highest,
				value);
	*ret = number;
	return 0;
}

static int list_add(const struct option_row *row, const char *value, struct option_list *list)
{
	if (list->count == OPTION_LIST_MAX)
		return complain("--%s may be given %d times", row->name, OPTION_LIST_MAX);
	list->items[list->count++] = value;
	return 0;
}

static int value_set(const struct option_row *row, const char *value, void *settings)
{
	char *place = (char *)settings + row->offset;

	switch (row->type) {
	case OPTION_FLAG:
		*(bool *)place = true;
		return 0;
	case OPTION_CHOICE:
		if (!choice_has(row->argument, value))
			return complain("--%s takes one of %s, not '%s'", row->name, row->argument, value);
		*(const char **)place = value;
		return 0;
	case OPTION_LIST:
		return list_add(row, value, (struct option_list *)place);
	case OPTION_TEXT:
		*(const char **)place = value;
		return 0;
	case OPTION_DURATION:
		return duration_set(row, value, (uint64_t *)place);
	case OPTION_NUMBER:
		return number_set(row, value, (uint64_t *)place);
	}
	return STATUS_ERROR;
}

/* One option at *arguments; moves past the value when that is an argument of its own. */
static int option_read(const struct command *command, char ***arguments, void *settings)
{
	const char *argument = **arguments + 2, *equals = strchr(argument, '=');
	struct slice name = { argument, equals ? (size_t)(equals - argument) : strlen(argument) };
	const struct option_row *row = row_find(command, name);
	const char *value = equals ? equals + 1 : NULL;

	if (!row)
		return unknown_option(command, name);
	if (row->type == OPTION_FLAG)
		return value ? complain("--%s takes no value", row->name) : value_set(row, NULL, settings);
	if (!value) {
		if (!(*arguments)[1])
			return complain("--%s needs a value: --%s %s", row->name, row->name, row->argument);
		value = *++*arguments;
	}
	return value_set(row, value, settings);
}

static int defaults_set(const struct command *command, void *settings)
{
	for (const struct option_row *row = command->options; row && row->name; row++) {
		if (row->initial && value_set(row, row->initial, settings))
			return STATUS_ERROR;
	}
	return 0;
}

int options_parse(const struct command *command, char **arguments, void *settings)
{
	char **first = arguments, **operand = arguments;

	if (defaults_set(command, settings))
		return STATUS_ERROR;
	for (; *arguments; arguments++) {
		if (strcmp(*arguments, "--") == 0) {
			for (arguments++; *arguments; arguments++)
				*operand++ = *arguments;
			break;
		}
		if (strncmp(*arguments, "--", 2) == 0) {
			if (option_read(command, &arguments, settings))
				return STATUS_ERROR;
		} else if (**arguments == '-' && (*arguments)[1]) {
			return complain("there is no option %s; options are words, see: wheredrop %s --help",
					*arguments, command->name);
		} else {
			*operand++ = *arguments;
		}
	}
	*operand = NULL;
	if (*first && !*command->arguments)
		return complain("%s takes no argument, but there is '%s'; see: wheredrop %s --help", command->name,
				*first, command->name);
	return 0;
}
