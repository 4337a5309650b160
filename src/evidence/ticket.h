/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tickets: what people paste. One text with prompts and the outputs of the standard tools, in any order and in the layouts of
 * many versions, becomes a series, from which the same diagnosis is made as from a live host.
 *
 * The same output twice is before and after. Once, its totals are since boot: they are counted from 0, and their cells say so
 * (CELL_SINCE_BOOT). What no output tells is missed, with the command that would tell it.
 */
#pragma once

#include "model/series.h"

#include "base/parse.h"
#include "base/text.h"
#include "base/vec.h"

/* A line that was not understood, or what a tool said in place of an output. */
struct ticket_line {
	const char *part; /* the file it is in, "" for a single text; interned */
	size_t number;	  /* from 1 */
	size_t lines;	  /* this one and later ones to which the same applies */
	char *text;	  /* cleaned; owned */
	const char *why;  /* interned, one phrase; NULL: no output that is known */
	const char *said; /* interned: the tool whose words the line is, for it could not tell; NULL: none's */
};

/* An output that was read. */
struct ticket_output {
	const char *format; /* static: "netstat -s" */
	const char *part;   /* as above */
	size_t line;	    /* where it begins */
	size_t lines;	    /* understood */
	const char *fault;  /* static: why nothing of it can be used, or NULL */
	bool unrelated;	    /* nothing in it bears on loss */
};

#define TICKET_LINES_MAX 1000
#define TICKET_OUTPUTS_MAX 20000
#define TICKET_BYTES_MAX (UINT64_C(64) << 20)

struct ticket {
	struct objects *objects;
	struct series *series;
	VEC(struct ticket_output) outputs;
	VEC(struct ticket_line) strange;
	size_t lines, understood, not_understood; /* blank lines, prompts and commands are in `lines` only */
	char *hostname, *kernel;		  /* as prompts and uname tell, or NULL */
	bool since_boot;			  /* some totals were there once only */
	bool swapped;				  /* the totals ran backwards: what was pasted last is taken as first */
	bool mixed_hosts; /* prompts of several hosts: only the first one's outputs were taken */
};

struct ticket_reader;

struct ticket_reader *ticket_begin(void) __attribute__((warn_unused_result));

/*
 * A text: a whole ticket, or one file of a collection of outputs. `part` names it in `outputs` and is "" for a single text;
 * `command` is what made the text where its name tells ("cat /proc/net/snmp"), or NULL. `phase` orders what is collected:
 * outputs of a later phase come after all of an earlier one.
 */
void ticket_add(struct ticket_reader *reader, const char *part, const char *command, unsigned int phase,
		struct slice text);

/*
 * The same from a path, whatever it is: a text ("-": standard input), a directory of outputs, an archive of one such as a
 * sosreport. In a collection the names tell the commands, and directories before/, during/ and after/ the order; files that
 * are no output are passed over. 0, or -errno and *ret_why, one phrase, static.
 */
int ticket_read(struct ticket_reader *reader, const char *path, unsigned int phase, const char **ret_why)
	__attribute__((warn_unused_result));

/* Puts the readings in their order. Frees the reader; free `ret` with ticket_free(). */
void ticket_end(struct ticket_reader *reader, struct ticket *ret);
void ticket_free(struct ticket *ticket);

/* What shows what that source reads, as a shell's line: "nstat -az"; NULL for what nobody would paste. */
const char *ticket_command(enum source_id source);

/*
 * Whether bytes are a text that a ticket could be: no NUL, hardly any control characters. Bundles and archives are not.
 */
bool ticket_is_text(const char *bytes, size_t length);
