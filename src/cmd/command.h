/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A subcommand is a row: its options are a table from which the command line is parsed and --help, the man page and
 * the shell completion are printed. To add one: src/cmd/NAME.c with a `const struct command command_NAME`, declared
 * here, and its line in the table of command.c.
 */
#pragma once

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum option_type {
	OPTION_FLAG,	 /* bool */
	OPTION_TEXT,	 /* const char * */
	OPTION_LIST,	 /* struct option_list: it may be given several times */
	OPTION_CHOICE,	 /* const char *: one of the words of `argument`, "auto|always|never" */
	OPTION_DURATION, /* uint64_t, nanoseconds, between `lowest` and `highest` */
	OPTION_NUMBER,	 /* uint64_t, between `lowest` and `highest` */
};

#define OPTION_LIST_MAX 16

struct option_list {
	const char *items[OPTION_LIST_MAX];
	size_t count;
};

struct option_row {
	const char *name;      /* without the dashes */
	const char *argument;  /* what stands for its value in the help; NULL for flags */
	const char *help;      /* one line; NULL hides the option */
	enum option_type type; /* what lies at `offset` in the command's settings */
	size_t offset;
	const char *initial;	      /* the default as a user would type it, NULL when there is none */
	const char *lowest, *highest; /* durations and numbers */
};

struct example {
	const char *line, *what;
};

struct status_row {
	const char *status, *meaning;
};

struct command {
	const char *name;
	const char *arguments;		   /* "NAME...", or "" when it takes none */
	const char *summary;		   /* one line, as it stands in a list */
	const char *description;	   /* paragraphs, split by an empty line */
	const struct option_row *options;  /* ends with a row without a name; NULL when there are none */
	const struct example *examples;	   /* ends with a row without a line */
	const struct status_row *statuses; /* exit statuses besides 0 and 2; may be NULL */
	size_t settings_size;		   /* what the options fill in, zeroed first */
	int (*run)(const void *settings, char **arguments); /* returns the exit status */
};

enum {
	STATUS_OK = 0,
	STATUS_LOSS = 1,
	STATUS_ERROR = 2, /* usage, or something that could not be done */
	STATUS_UNSURE = 3,
};

extern const struct command command_diagnose;
extern const struct command command_diff;
extern const struct command command_doctor;
extern const struct command command_explain;
extern const struct command command_record;
extern const struct command command_lab;
extern const struct command command_trace;
extern const struct command command_watch;
extern const struct command command_help;
extern const struct command command_version;

/* All of them, in the order of the help; NULL past the last. */
const struct command *command_at(size_t index);
const struct command *command_find(const char *name);

/* Reads the arguments (argv without the command's name) and runs it. Returns the exit status. */
int command_run(const struct command *command, char **arguments);

/* The whole program: finds the command, prints help and version. Returns the exit status. */
int command_main(char **arguments);

/*
 * Fills `settings` from the defaults and the arguments, and moves what is no option to the front of `arguments`, ended
 * with NULL. Both "--name value" and "--name=value"; "--" ends the options. 0, or STATUS_ERROR after one line on stderr.
 */
int options_parse(const struct command *command, char **arguments, void *settings) __attribute__((warn_unused_result));

/* One line on stderr, "wheredrop: ...", printable whatever is in it. Returns STATUS_ERROR. */
int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Writes all of it to standard output and closes that, so that a full disk is noticed. STATUS_OK, or
 * STATUS_ERROR after one line on stderr.
 */
int output_write(const struct text *text) __attribute__((warn_unused_result));
/* Writes a file, for its owner alone. STATUS_OK, or STATUS_ERROR after one line on stderr: "cannot write WHAT to PATH: …". */
int output_file(const char *path, const char *what, const struct text *text) __attribute__((warn_unused_result));

/* The same of a part of what will be written; it stays open. */
int output_part(const struct text *text) __attribute__((warn_unused_result));

/* Of --color's word: whether standard output gets colours. */
bool colour_wanted(const char *colour);

/* Descriptors 0 to 2 that are closed become /dev/null for the wrong direction: using them then fails, as it should. */
void output_prepare(void);
