/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tables know, as text for explain: one entry per row that a word names. */
#pragma once

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/* The part of a counter's name that other tools show: after "link." and the like. */
const char *name_bare(const char *name);

/*
 * Appends an entry, ended by an empty line, for everything called `word`, in upper or lower case: a counter with or
 * without its first part, a driver's counter, a cause, a drop reason, a place, a source, another tool's word. False when
 * there is nothing.
 */
bool explain_word(const char *word, struct text *ret);

/* A mechanism is a clause about {object}; here it is about any: "the receive buffer of ... was full". The caller owns it. */
char *words_about_any(const char *template) __attribute__((warn_unused_result));

struct name_row {
	const char *name;
	const char *of;	     /* whose it is, where several have that name: a driver; else "" */
	const char *meaning; /* may hold {object} */
};

/* Every table that names are looked up in, in the order of the answer. */
struct name_table {
	const char *id;					 /* for --list: "counters" */
	bool (*row)(size_t index, struct name_row *ret); /* false past the last */
};

/* `index` from 0; NULL past the last. */
const struct name_table *name_table_at(size_t index);
