/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was lost at each place, second by second, over windows that follow each other: what a diagnosis forgets with its
 * window. Only harmful losses are in it.
 */
#pragma once

#include "diagnose/diagnose.h"

#define HISTORY_SECONDS 300 /* that are told apart; the sums go on */

/* A loss: a cause at an object. */
struct history_row {
	enum cause cause;
	enum confidence confidence; /* of the diagnosis that saw it last */
	enum unit unit;
	char *words;		    /* the mechanism with the object in it; owned */
	uint64_t first_ns, last_ns; /* wall: since 1970-01-01 UTC */
	uint64_t over, now; /* lost in windows that are over, and in this one; 0 and 0: it was another after all */
	bool told;	    /* for the caller */
};

/* Numbers by place, for windows that are over and for this one. */
struct history_part {
	double seconds[DOMAIN_COUNT][HISTORY_SECONDS]; /* by second since 1970, modulo */
	uint64_t total[DOMAIN_COUNT];
};

struct history {
	uint64_t first_ns,
		last_ns; /* wall: the beginning, and the moment up to which it goes; 0 before the first look */
	struct history_part over, now;
	uint64_t last[DOMAIN_COUNT];  /* of over.total: in the last window alone */
	VEC(struct history_row) rows; /* as they came */
};

#define HISTORY_ROWS_MAX 200

/*
 * Takes over what the diagnosis says of the present window, up to its last reading, in place of what the look before said
 * of it. A loss whose moments are not known counts evenly over the window.
 */
void history_look(struct history *history, const struct diagnosis *diagnosis);

/*
 * What the last window and this one, looked at just now, have together (`both`: series_join()) beyond what each of them has
 * was lost between them, while one was ended and the other begun. Once for each window; its first second gets it, and the
 * place's first finding.
 */
void history_between(struct history *history, const struct diagnosis *both, uint64_t start_wall_ns);

/* The present window is over: the next look is at another one. */
void history_turn(struct history *history);

/* What was lost in the second that lies so many seconds before the present one, which is not over. */
double history_second(const struct history *history, enum domain domain, size_t ago);

/* Lost a second, on average of so many seconds that are over; 0 before there is one. */
double history_rate(const struct history *history, enum domain domain, size_t seconds);

/* All that was lost there since the beginning. */
uint64_t history_total(const struct history *history, enum domain domain);

/* Everywhere. */
uint64_t history_lost(const struct history *history);

/* It is empty then, and can be filled anew. */
void history_free(struct history *history);
