/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which known word somebody meant: the one with the fewest edits (Levenshtein), when those are few. */
#pragma once

#include <stddef.h>

struct nearest {
	const char *word; /* what was typed */
	const char *best; /* the nearest so far, or NULL: none is near */
	size_t distance;
	const char *also[2]; /* others that are as near, then NULL */
};

/* Looks at one more candidate; upper and lower case are the same. It must outlive `nearest`. */
void nearest_try(struct nearest *nearest, const char *candidate);
