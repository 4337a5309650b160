/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is different between two hosts, or between two windows of one: A, the affected one, and B, the healthy one. Pure: two
 * diagnoses with their series in, differences out.
 *
 * Losses and counters differ when an exact test says so (diagnose/chance.h) after the correction for all that was compared, and
 * one is at least COMPARE_RATIO times the other. Packets are lost in bursts, so that moments at which a counter moved are
 * tested as well, and the less certain of both answers counts. Settings differ when their values do.
 */
#pragma once

#include "model/verdict.h"

#define COMPARE_RATIO 2.0
#define COMPARE_COUNT 10    /* the larger of two counts, at least */
#define COMPARE_CHANCE 0.05 /* less likely by chance alone, after the correction */

enum { SIDE_A, SIDE_B, SIDE_COUNT };

struct compare_side {
	const struct diagnosis *diagnosis;
	const char *kernel; /* "" when unknown */
	unsigned int cpus;  /* 0 when unknown */
};

/* In the order in which they are told. */
enum difference_kind {
	DIFFERENCE_LOSS,    /* harmful loss in a domain, on one side only or at another rate */
	DIFFERENCE_COUNTER, /* the rate of a counter */
	DIFFERENCE_CAUSE,   /* a setting that bears on a loss that differs */
	DIFFERENCE_SETTING, /* another one */
};

enum certainty { CERTAINTY_NONE, CERTAINTY_LIKELY, CERTAINTY_VERY_LIKELY, CERTAINTY_CERTAIN };

struct difference {
	enum difference_kind kind;
	enum domain domain; /* where it is lost, or may be for such a setting; DOMAIN_NONE when it is no matter of one */
	counter_id counter; /* COUNTER_NONE when there is none */
	char *what;	    /* owned, as all texts here: "socket.rcvbuf of udp *:53" */
	char *values[SIDE_COUNT];
	char *why;		     /* why it matters */
	uint64_t counts[SIDE_COUNT]; /* of losses and counters */
	double exposures[SIDE_COUNT];
	const char *per; /* what the exposures are: "packets", "seconds"; NULL for settings */
	double chance;	 /* that it is chance, corrected; 0 for settings */
	bool one_sided;	 /* the other count is 0 */
	size_t same;	 /* so many more objects have the same setting with the same values */
};

struct comparison {
	VEC(struct difference) differences; /* the most telling first */
	VEC(struct difference) unsure;	    /* losses that one side has and that may be chance */
	VEC(char *) apart;		    /* what could not be compared; owned */
	size_t settings, counters, domains; /* compared */
	char *headline;
	bool enough; /* what only one side could be asked is not in the way of an answer */
};

void compare(const struct compare_side sides[SIDE_COUNT], struct comparison *ret);
void comparison_free(struct comparison *comparison);

enum certainty difference_certainty(const struct difference *difference);
const char *certainty_name(enum certainty certainty);	     /* for people: "very likely" */
const char *difference_kind_name(enum difference_kind kind); /* stable word: "loss" */
