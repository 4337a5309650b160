/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of the standard tools and of the kernel's files that are no counter's name, as a table (aliases.def). */
#pragma once

#include "model/counter.h"

#include <stddef.h>

struct alias {
	const char *name;
	const char *shown;   /* the file or command that prints it */
	counter_id counter;  /* the counter with the same numbers, or COUNTER_NONE */
	const char *meaning; /* one line; "" when the counter's own says it */
};

/* All rows; a name may stand there more than once. `index` from 0; NULL past the last. */
const struct alias *alias_at(size_t index);
