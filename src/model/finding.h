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
enum pattern { PATTERN_STEADY, PATTERN_BURSTY, PATTERN_CONDITIONAL };

const char *confidence_name(enum confidence confidence);
const char *direction_name(enum direction direction);
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

struct finding {
	enum cause cause;
	uint32_t object;  /* the most telling object: socket, rule, qdisc, link, CPU, namespace */
	uint64_t packets; /* wire packets or datagrams where known, else buffers */
	uint64_t skbs;	  /* kernel buffers, 0 when not known */
	uint64_t passed;  /* in the same unit, for the share; PASSED_UNKNOWN when not counted */
	enum unit unit;
	enum confidence confidence;
	enum direction direction;
	enum pattern pattern;
	bool harmful;		  /* by the domain's harm rule */
	bool at_least;		  /* a counter was reset: the count is a lower bound */
	const char *why_innocent; /* static text for innocent ones, else NULL */
	char *detail;		  /* one sentence of specifics (burst length, limit and level), or NULL; owned */
	VEC(struct evidence) evidence;
	VEC(struct because) because; /* nearest first */
	VEC(const char *) next;	     /* static texts */
};

#define FINDINGS_MAX 1000
#define PASSED_UNKNOWN UINT64_MAX

struct findings {
	VEC(struct finding *) list; /* pointers stay put */
};

/* A new finding, owned by the list. NULL at FINDINGS_MAX. */
struct finding *finding_add(struct findings *findings, enum cause cause, uint32_t object);
void findings_free(struct findings *findings);
void finding_free(struct finding *finding);

/* Adds the cell's numbers; nothing when the cell was never read. */
void finding_evidence(struct finding *finding, const struct series *series, counter_id counter, uint32_t object,
		      const char *note);

/* Adds a link to the chain (after those that are there) and returns it, NULL at BECAUSE_MAX. */
struct because *finding_because(struct finding *finding, enum cause cause, uint32_t object);
void because_evidence(struct because *because, const struct series *series, counter_id counter, uint32_t object,
		      const char *note);
void finding_next(struct finding *finding, const char *next);
