/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Findings: one cause that holds, with the object, the count, the chain of
 * reasons behind it and the evidence for each.
 */
#pragma once

#include "model/cause.h"
#include "model/series.h"

enum confidence { CONFIDENCE_POSSIBLE, CONFIDENCE_LIKELY, CONFIDENCE_PROVEN };
enum direction { DIRECTION_INGRESS, DIRECTION_EGRESS, DIRECTION_LOCAL };
enum pattern { PATTERN_UNKNOWN, PATTERN_STEADY, PATTERN_BURSTY, PATTERN_CONDITIONAL };

const char *confidence_name(enum confidence confidence);
const char *direction_name(enum direction direction);
/* "" when it is not known. */
const char *pattern_name(enum pattern pattern);

/* One number that anyone can check. */
struct evidence {
	counter_id counter;
	uint32_t object;
	uint64_t before, after;
	uint64_t delta;	    /* totals: increase; gauges: last value */
	unsigned int state; /* enum cell_state */
	const char *note;   /* static text, or NULL: what to read out of it */
};

#define EVIDENCE_MAX 32
#define BECAUSE_MAX 6
#define NEXT_MAX 4

struct because {
	enum cause cause;
	uint32_t object;
	VEC(struct evidence) evidence;
};

/* How a loss went over the window, from the movements of its drop counter. */
struct spread {
	uint64_t step_ms;	    /* what the readings could tell apart; 0: nothing is known */
	uint64_t first_ms, last_ms; /* when it first and last moved, from the window's start */
	bool began, ended;	    /* inside the window: it was quiet before, or after */
	size_t bursts;		    /* runs of steps with losses */
	uint64_t longest_ms;	    /* of them */
	uint64_t every_ms;	    /* from one to the next on average; 0 when there was one */
	uint64_t peak;		    /* most losses in one step */
	uint64_t arrivals_peak;	    /* what came in that step in all; 0 when not counted */
	double arrivals_mean;	    /* per step */
};

/* A symptom that came after the losses more often than by chance. */
struct effect {
	counter_id counter;
	uint32_t object;
	uint64_t followed, all;	   /* of how many in the window */
	uint64_t lag_ms, reach_ms; /* behind the losses on average, at most */
	double chance;		   /* the share of the window that lies so close behind a loss */
};

#define EFFECTS_MAX 8

struct finding {
	enum cause cause;
	uint32_t object;	   /* the most telling object: socket, rule, qdisc, link, CPU, namespace */
	uint64_t packets;	   /* wire packets or datagrams where known, else buffers */
	uint64_t skbs;		   /* kernel buffers, 0 when not known */
	uint64_t passed;	   /* in the same unit, for the share; PASSED_UNKNOWN when not counted */
	counter_id passed_counter; /* the first that counts what passed, or COUNTER_NONE */
	uint32_t passed_object;
	enum unit unit;
	enum confidence confidence;
	enum direction direction;
	enum pattern pattern;
	struct spread spread;
	bool harmful;		  /* by the domain's harm rule */
	bool at_least;		  /* a counter was reset, or went: the count is a lower bound */
	const char *why_innocent; /* static text for innocent ones, else NULL */
	char *detail;		  /* one sentence of specifics (burst length, limit and level), or NULL; owned */
	VEC(struct evidence) evidence;
	VEC(struct because) because; /* nearest first */
	VEC(struct effect) effects;
	VEC(const char *) next; /* static texts */
};

#define FINDINGS_MAX 10000
#define PASSED_UNKNOWN UINT64_MAX

struct findings {
	VEC(struct finding *) list; /* pointers stay put */
	struct finding *spare;	    /* owned; in no list: what had no more room was written here */
};

/* A new finding, owned by the list. NULL at FINDINGS_MAX. */
struct finding *finding_add(struct findings *findings, enum cause cause, uint32_t object);
/* A finding that will be thrown away, always the same one: its content before is gone. */
struct finding *finding_spare(struct findings *findings, enum cause cause, uint32_t object);
void findings_free(struct findings *findings);
void finding_free(struct finding *finding);

/* Adds the cell's numbers; nothing when the cell was never read. */
void finding_evidence(struct finding *finding, const struct series *series, counter_id counter, uint32_t object,
		      const char *note);

/* Whether what it counts, or some of it, was read once and is what there was since boot. */
bool finding_is_since_boot(const struct finding *finding);

/* Adds a link to the chain (after those that are there) and returns it, NULL at BECAUSE_MAX. */
struct because *finding_because(struct finding *finding, enum cause cause, uint32_t object);
void because_evidence(struct because *because, const struct series *series, counter_id counter, uint32_t object,
		      const char *note);
void finding_next(struct finding *finding, const char *next);
