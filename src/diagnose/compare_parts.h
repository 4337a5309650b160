/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the comparison share. */
#pragma once

#include "diagnose/compare.h"

/* Objects by what they are on both sides: those with the same key are compared, summed up where there are several. */
struct subjects {
	char **keys; /* by object id; NULL for what has no counterpart that anyone could name */
	size_t count;
};

/* Names the objects of both sides. Free each with subjects_free(). */
void subjects_name(const struct series *const series[SIDE_COUNT], struct subjects ret[SIDE_COUNT]);
void subjects_free(struct subjects *subjects);
/* Whether the namespace, or the interface, of that key is on one side only. */
bool subject_is_alone(const char *key);

/* The numbers of one counter of one subject. */
struct reading {
	const char *key; /* of the subject, not owned */
	counter_id counter;
	uint32_t object;       /* the first of them */
	uint64_t increase;     /* of all */
	uint64_t elsewhere;    /* of these: told by a more precise counter, or harmless */
	uint64_t value;	       /* gauges: the smallest last value */
	uint64_t moved, steps; /* in so many of so many steps of the window */
	double burst;	       /* how many times larger than by chance alone the differences between the steps are */
};

struct table {
	const struct compare_side *side;
	struct subjects subjects;
	VEC(struct reading) readings; /* sorted */
};

#define TABLE_MAX 4000000

/* `table` with its side and subjects set. */
void table_fill(struct table *table);
void table_free(struct table *table);
const struct reading *table_find(const struct table *table, const char *key, counter_id counter);
/* The increase of a counter, 0 when it is not there; of a subject, or of all with a NULL key. */
uint64_t table_increase(const struct table *table, const char *key, counter_id counter);
const struct series *table_series(const struct table *table);
const struct objects *table_objects(const struct table *table);

/* What cells did, step by step. */
struct steps {
	uint64_t step_ms, all;
	uint64_t *counts; /* owned */
	bool used;
};
void steps_init(struct steps *steps, const struct series *series);
void steps_clear(struct steps *steps);
void steps_add(struct steps *steps, const struct cell *cell);
void steps_free(struct steps *steps);
/* In how many steps something moved; of `seen` that could be told apart, its variance over its mean, at least 1. */
uint64_t steps_moved(const struct steps *steps);
double steps_burst(const struct steps *steps, uint64_t seen);

/* Two counts with what they belong to, and when they moved. */
struct counted {
	uint64_t counts[SIDE_COUNT];
	double exposures[SIDE_COUNT];
	uint64_t moved[SIDE_COUNT], steps[SIDE_COUNT];
	double burst[SIDE_COUNT];
};

/*
 * How likely the difference is by chance, uncorrected. Losses come in bursts: as many packets count as one as one side's bursts
 * are larger than by chance, and the moments at which it moved are tested as well; the less certain of both answers counts.
 */
double counted_chance(const struct counted *counted);
/* Whether one rate is COMPARE_RATIO times the other, and the count large enough to speak of. */
bool counted_is_large(const struct counted *counted);
/* Sets the exposures from totals of both sides, or to the windows' length where one has none. Returns what they are. */
const char *counted_expose(struct counted *counted, const struct table tables[SIDE_COUNT],
			   const double totals[SIDE_COUNT]);

/* IP packets in and out, of a namespace by its subject's key or of all. */
double table_ip_packets(const struct table *table, const char *netns);

struct comparing {
	const struct table *tables;    /* of both sides */
	VEC(struct difference) tested; /* losses and counters, with chances */
	struct comparison *result;
};

#define DIFFERENCES_MAX 10000

struct difference *difference_new(struct difference *slot, enum difference_kind kind, enum domain domain);
void difference_free(struct difference *difference);

void compare_losses(struct comparing *comparing);
void compare_counters(struct comparing *comparing);
void compare_settings(struct comparing *comparing);
void compare_presence(struct comparing *comparing);
/* What only one side has been asked. */
void compare_coverage(struct comparing *comparing);

/* "2,600"; and " (81 %)", nothing for all and more: what came by is counted in other units then. */
void text_add_grouped(struct text *text, uint64_t count);
void text_add_share(struct text *text, double share);
