/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mdoc(7). Words of the tables go through add_roff(): a backslash is an escape there, a point or an apostrophe at the
 * start of a line a request, and a short word after a macro may be a macro itself (hence the \& before it).
 */
#include "cmd/man.h"

#include "base/alloc.h"
#include "base/parse.h"

#include <ctype.h>
#include <string.h>

static void add_roff(const char *string, struct text *ret)
{
	for (; *string; string++) {
		if (*string == '\\')
			text_add(ret, "\\e");
		else if (*string == '-')
			text_add(ret, "\\-");
		else
			text_add_bytes(ret, string, 1);
	}
}

/* A line of running text. */
static void add_line(const char *string, struct text *ret)
{
	if (*string == '.' || *string == '\'')
		text_add(ret, "\\&");
	add_roff(string, ret);
	text_add(ret, "\n");
}

/* Words as one argument of a macro. */
static void add_quoted(const char *string, struct text *ret)
{
	text_add(ret, " \"\\&");
	for (; *string; string++) {
		char one[] = { *string, '\0' };

		if (*string == '"')
			text_add(ret, "\\(dq");
		else
			add_roff(one, ret);
	}
	text_add(ret, "\"");
}

/* Sentences begin on lines of their own (mdoc(7)), paragraphs are split by an empty line. */
static void add_paragraphs(const char *description, struct text *ret)
{
	struct cursor cursor = cursor_of(description, strlen(description));
	struct slice line;

	while (cursor_line(&cursor, &line)) {
		CLEANUP_FREE char *copy = mem_strndup(line.data, line.length);
		char *sentence = copy, *end;

		if (!line.length) {
			text_add(ret, ".Pp\n");
			continue;
		}
		while ((end = strstr(sentence, ". "))) {
			end[1] = '\0';
			add_line(sentence, ret);
			sentence = end + 2;
		}
		add_line(sentence, ret);
	}
}

static void add_head(const char *page, const char *summary, struct text *ret)
{
	text_add(ret, ".\\\" made from the program's table of commands\n.Dd November 20, 2026\n.Dt ");
	for (const char *at = page; *at; at++) {
		char upper[] = { (char)toupper((unsigned char)*at), '\0' };

		add_roff(upper, ret);
	}
	text_addf(ret, " 1\n.Os\n.Sh NAME\n.Nm %s\n.Nd %s\n", page, summary);
}

static void add_statuses(const struct command *command, struct text *ret)
{
	text_add(ret, ".Sh EXIT STATUS\n.Bl -tag -width 3n\n");
	if (!command->statuses)
		text_add(ret, ".It 0\nIt was done.\n");
	for (const struct status_row *row = command->statuses; row && row->status; row++) {
		text_addf(ret, ".It %s\n", row->status);
		add_line(row->meaning, ret);
	}
	if (!command->statuses)
		text_add(
			ret,
			".It 2\nThe command line is wrong or it could not be done; one line on standard error says why.\n");
	text_add(ret, ".El\n");
}

static void add_examples(const struct example *examples, struct text *ret)
{
	text_add(ret, ".Sh EXAMPLES\n.Bl -tag -width indent\n");
	for (; examples->line; examples++) {
		text_add(ret, ".It Ic");
		add_quoted(examples->line, ret);
		text_add(ret, "\n");
		add_line(examples->what, ret);
	}
	text_add(ret, ".El\n");
}

static void add_options(const struct option_row *rows, struct text *ret)
{
	text_add(ret, ".Bl -tag -width indent\n");
	for (const struct option_row *row = rows; row && row->name; row++) {
		if (!row->help)
			continue;
		text_add(ret, ".It Fl \\-");
		add_roff(row->name, ret);
		if (row->argument) {
			text_add(ret, " Ar");
			add_quoted(row->argument, ret);
		}
		text_add(ret, "\n");
		add_line(row->help, ret);
		if (row->initial) {
			text_add(ret, "Default:\n");
			add_line(row->initial, ret);
		}
	}
	text_add(ret, ".It Fl \\-help\nPrints a summary.\n.El\n");
}

void man_command(const struct command *command, struct text *ret)
{
	CLEANUP_TEXT struct text page = { 0 };

	text_addf(&page, "wheredrop-%s", command->name);
	add_head(text_string(&page), command->summary, ret);
	text_addf(ret, ".Sh SYNOPSIS\n.Nm wheredrop\n.Ic %s\n", command->name);
	if (command->options)
		text_add(ret, ".Op Ar option ...\n");
	if (*command->arguments) {
		text_add(ret, ".Ar");
		add_quoted(command->arguments, ret);
		text_add(ret, "\n");
	}
	text_add(ret, ".Sh DESCRIPTION\n");
	add_paragraphs(command->description, ret);
	text_add(ret, ".Pp\nThe options are:\n");
	add_options(command->options, ret);
	add_statuses(command, ret);
	add_examples(command->examples, ret);
	text_add(ret, ".Sh SEE ALSO\n.Xr wheredrop 1\n");
}

void man_overview(struct text *ret)
{
	static const struct example examples[] = {
		{ "wheredrop", "Watches this host for ten seconds, then answers." },
		{ "wheredrop --json | jq .verdict", "The answer for a program." },
		{ "wheredrop explain rx_missed_errors", "What a counter means, without a network." },
		{ NULL, NULL },
	};
	const struct command *command;
	size_t last = 0;

	add_head("wheredrop", "where this host loses packets, why, and who owns it", ret);
	text_add(
		ret,
		".Sh SYNOPSIS\n.Nm\n.Op Ar command\n.Op Ar option ...\n.Sh DESCRIPTION\n.Nm\n"
		"watches the counters of a Linux host for a while and says where packets were lost, why, and who owns that\n"
		"place, with evidence that anyone can check with the standard tools.\n"
		"It reads only: nothing is changed and nothing is sent.\n"
		"Without a command it does what\n.Xr wheredrop-diagnose 1\n"
		"does.\n.Pp\nThe commands are:\n"
		".Bl -tag -width diagnose\n");
	for (size_t i = 0; (command = command_at(i)); i++) {
		text_addf(ret, ".It Ic %s\n", command->name);
		add_line(command->summary, ret);
		last = i;
	}
	text_add(
		ret,
		".El\n.Sh ENVIRONMENT\n.Bl -tag -width WHEREDROP_LAB_DIR\n.It Ev NO_COLOR\nWhen set and not empty, nothing "
		"is coloured.\n.It Ev WHEREDROP_LAB_DIR\nWhere\n.Ic wheredrop lab\nfinds its scenes.\n.El\n");
	text_add(ret, ".Sh EXIT STATUS\nThat of the command; 2 for anything that could not be done.\n");
	add_examples(examples, ret);
	text_add(ret, ".Sh SEE ALSO\n");
	for (size_t i = 0; (command = command_at(i)); i++)
		text_addf(ret, ".Xr wheredrop-%s 1%s\n", command->name, i < last ? " ," : "");
}
