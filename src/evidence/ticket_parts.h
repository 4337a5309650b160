/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the ticket reader share. A ticket is cut into blocks: the output of one command, or what looks like the
 * output of one. Each format is a row of the table in ticket_formats.c; its parser takes lines and adds samples to the block's
 * snapshot. Which of them are before and which after is nobody's business but ticket_series.c's.
 */
#pragma once

#include "evidence/ticket.h"

#include "source/source.h"

#include "base/parse.h"

#define COMMAND_WORDS_MAX 32
#define BLOCK_COLUMNS_MAX 64

/* A command line without its prompt and without what runs it elsewhere (sudo, ip netns exec …). Slices of the ticket. */
struct ticket_command {
	struct slice words[COMMAND_WORDS_MAX]; /* up to the first pipe */
	size_t count;
	bool filtered;	    /* a pipe behind it: not all of the output may be there */
	struct slice host;  /* of the prompt, empty when it has none */
	struct slice netns; /* the namespace it ran in: a name, or the id of a process; empty for the host's */
	struct slice whole;
};

/* True when a word of the command is exactly that; "-S" also holds for "-Sv" and the like when it is an option of one letter. */
bool command_has(const struct ticket_command *command, const char *word);
/* True for the program's name without its directory. */
bool command_runs(const struct ticket_command *command, const char *program);
/* The last word that is no option, when it can be the name of a device; else empty. */
struct slice command_device(const struct ticket_command *command);

struct block;
struct held;
struct readings;

/* What a text can be. */
struct ticket_format {
	const char *name; /* for people: "ip -s link" */
	/* Whether that command makes it. NULL: no command is needed to know it. */
	bool (*made_by)(const struct ticket_command *command);
	/* Whether a line is the first of such an output, whatever stands before it. NULL: only its command tells. */
	bool (*begins)(struct slice line);
	/* Lines that belong to it while it goes on, though another output could begin with them. NULL: none. */
	bool (*owns)(struct slice line);
	/* A line of it, the first included; false: not understood. Blank lines come, too. */
	bool (*take)(struct block *block, struct slice line);
	/* The block is over; NULL when there is nothing to do. */
	void (*end)(struct block *block);
	bool omits_zeros; /* counters that are 0 are left out of it */
	bool every_line;  /* every line looks like a first one: it begins no second output by itself */
	bool first;	  /* tells what devices are: read before those that count */
	bool aside;	  /* no output by itself: nothing is made from it */
	bool unrelated;	  /* nothing in it bears on loss */
	bool sums;	  /* some of its numbers are sums of what another output tells apart: that one is taken */
};

/* One output. `text` and what stands below it are the parser's own, zeroed at the beginning. */
struct block {
	const struct ticket_format *format;
	const struct ticket_command *command; /* never NULL; without words where there was none */
	struct objects *objects;
	struct object *netns;
	struct ticket *ticket;	  /* where the host's name and kernel belong */
	const char *fault;	  /* static: why nothing of it is to be used */
	bool nothing;		  /* no line came of it, and another command stands behind it */
	bool old_rules;		  /* of iptables before nftables, as it says itself */
	bool foreign;		  /* in another language: that is why lines of it are not understood */
	bool rates;		  /* its totals are differences already */
	uint64_t took_seconds;	  /* in how long; 0: nobody says */
	struct snapshot snapshot; /* its samples and what it covers: by block_add() and the like */
	VEC(uint64_t) seen;	  /* a hash of counters and objects that are in it */
	struct readings *readings;
	const struct held *held;
	/* The parser's own: */
	struct text text;
	struct object *object; /* the device, qdisc, socket … that the next lines tell of */
	struct object *other;
	unsigned int state;
	size_t columns;
	counter_id counters[BLOCK_COLUMNS_MAX];
	uint64_t number, numbers[8];
	const char *word; /* static or interned */
};

/* ---- for parsers ---- */

/* A device of the block's namespace by its name ("eth0", "va@if5", "eth0:"); made when new. Never NULL. */
struct object *block_link(struct block *block, struct slice name);

/* The device that the block's command names; NULL when it names none. */
struct object *block_link_of_command(struct block *block);

/*
 * A number of the block; NULL objects and COUNTER_NONE are passed over. The same number of the same object again is the output
 * once more, without a prompt between them: what was found so far becomes a reading of its own.
 */
void block_add(struct block *block, counter_id counter, const struct object *object, uint64_t value);
/* The same, added to what the block has of it already. */
void block_sum(struct block *block, counter_id counter, const struct object *object, uint64_t value);

/* The block tells of that source (of the namespace, the host or the link given). */
void block_covers(struct block *block, enum source_id source, const struct object *object);

/* The output begins once more. */
void block_again(struct block *block);

struct object *block_host(const struct block *block);
struct object *block_cpu(const struct block *block, uint64_t cpu);

/* Keeps the line for block_read_source(). Always true. */
bool block_keep(struct block *block, struct slice line);

/* The kept lines are the content of `path`, read by its own source. True when it was understood, if only in part. */
bool block_read_source(struct block *block, const struct source *source, const char *path);

/* Words of a line into `words`; how many there are, at most `max`. */
size_t line_words(struct slice line, struct slice *words, size_t max);

/* "Linux 5.4.0-42-generic (host) 	11/20/2026 	_x86_64_	(4 CPU)": how sar, mpstat and iostat begin. */
bool is_sysstat_banner(struct slice line);
/* Takes the host and its kernel of one; true for blank lines, too. */
bool block_take_banner(struct block *block, struct slice line);

/* A number at the beginning of a text that may be followed by something else ("1013,", "12(", "3.5%"); false when none. */
bool leading_number(struct slice text, uint64_t *ret);
/* The number behind the first occurrence of `word`: "dropped 213" for "dropped"; "rb=4096", "rb:4096" for "rb". */
bool number_behind(struct slice line, const char *word, uint64_t *ret);
bool line_has(struct slice line, const char *part);
bool line_has_digit(struct slice line);

/* What outputs call a number, and which it is; tables of these end with a row without a name. */
struct named_counter {
	const char *name;
	counter_id counter;
};

/* COUNTER_NONE for what nobody counts. */
counter_id counter_named(const struct named_counter *names, struct slice name);

/* ---- formats: one table in each file, ended by a row without a name ---- */

extern const struct ticket_format ticket_formats_proc[], ticket_formats_statistics[], ticket_formats_link[],
	ticket_formats_netdev[], ticket_formats_sar[], ticket_formats_bond[], ticket_formats_ethtool[],
	ticket_formats_settings[], ticket_formats_tc[], ticket_formats_socket[], ticket_formats_conntrack[],
	ticket_formats_neighbour[], ticket_formats_sysctl[], ticket_formats_firewall[], ticket_formats_nft[],
	ticket_formats_route[], ticket_formats_log[], ticket_formats_cpu[], ticket_formats_path[],
	ticket_formats_filter[], ticket_formats_rss[], ticket_formats_unrelated[];

/* What lies above each qdisc and class, once all outputs are read: qdiscs and classes are told by different ones. */
void ticket_relate_qdiscs(struct objects *objects);

/* The format of a first line, or NULL; that of a command, or NULL (ticket_formats.c). */
const struct ticket_format *format_of_line(struct slice line);
const struct ticket_format *format_of_command(const struct ticket_command *command);

/* ---- what is not understood (ticket_strange.c) ---- */

/*
 * Lists a line: one that a tool said where it could not tell, or one that nobody understood, for the reason given (interned,
 * may be NULL). Of lines to which the same applies the first stands for all.
 */
void strange_add(struct ticket *ticket, const struct ticket_command *command, const char *part, size_t number,
		 struct slice text, const char *why);

/* Whether a line is a shell's, which could not run what it was asked to: "bash: mtr: command not found". */
bool strange_is_shell(struct slice line);

/* The lines listed from `from` on are those of an output in another language. */
void strange_foreign(struct ticket *ticket, size_t from);

/* Why nobody knows a text, or a line of it, where that can be said; interned, or NULL. */
const char *strange_reason(struct slice text);
const char *strange_line_reason(struct slice line);

/* ---- lines (ticket_lines.c) ---- */

/* A line as it was printed: without colours, carriage returns and the marks of quoting. `into` holds it. */
struct slice line_clean(struct slice line, struct text *into);

bool is_word_byte(char c); /* a letter, a digit or '_' */

/* Programs of which some output is known, those that show a file, and others that stand between them in a ticket. */
bool is_known_program(struct slice word); /* ticket_commands.c */

/* Whether the line is a prompt with a command, or a command that is known without one. */
bool line_command(struct slice line, struct ticket_command *ret); /* ticket_commands.c */

/* The moment a line tells (`date`, an ISO time at its beginning), in seconds since 1970, or since midnight below a day's. */
bool line_time(struct slice line, uint64_t *ret_seconds);

/* ---- order (ticket_series.c) ---- */

struct reading {
	const struct ticket_format *format;
	const struct object *netns;
	unsigned int phase;
	size_t number;	  /* its place in the ticket */
	uint64_t seconds; /* when, as far as lines told; 0: unknown */
	bool rates, filtered, old_rules;
	uint64_t took_seconds;
	uint64_t command; /* hash of the command it was made by; 0: nobody says */
	struct snapshot snapshot;
};

struct readings {
	VEC(struct reading) list;
};

#define READINGS_MAX 20000

/* Takes off sums (ticket_format.sums) what drivers tell of them by themselves (ticket_sums.c). Readings are in their order. */
void readings_settle_sums(struct readings *readings);

/* Leaves out rules that nft shows as well as iptables (ticket_twins.c). */
void readings_settle_twins(struct readings *readings, const struct objects *objects);

void readings_to_series(struct readings *readings, struct ticket *ticket);
