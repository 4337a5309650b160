/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a recording waits for: `record --until 'retransmits>50/s'`. */
#pragma once

#include "model/series.h"

#define UNTIL_COUNTERS_MAX 8

struct until {
	counter_id counters[UNTIL_COUNTERS_MAX]; /* added up: some names stand for several */
	size_t count;
	double limit;
	bool per_second;	 /* else what it rose by since the beginning; a level: what it is */
	uint64_t since_ns, from; /* where the present second began */
	uint64_t met_ns;	 /* when the condition was met first; 0: not yet */
};

/*
 * "NAME>NUMBER" or "NAME>NUMBER/s": NAME is a counter's, as evidence shows it, or a word of the table in until.c. 0, or
 * STATUS_ERROR after one line on stderr.
 */
int until_parse(const char *text, struct until *ret) __attribute__((warn_unused_result));

/* Looks at the series as it is now: whether the condition holds or has held. Rates are those of a second. */
bool until_is_met(struct until *until, const struct series *series, uint64_t now_ns);
