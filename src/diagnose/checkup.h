/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Before the incident: what can be observed on this host, what cannot, why, and what would change that. Judged from one
 * look, by the table that the diagnosis goes by (coverage.def). Pure: it reads the series and nothing else.
 */
#pragma once

#include "model/series.h"

#include "base/vec.h"

enum sight {
	SIGHT_NO,     /* no exact loss source of the place was read anywhere */
	SIGHT_PARTLY, /* not everywhere, or a loss would be seen and not whose it is */
	SIGHT_YES,
};

const char *sight_name(enum sight sight); /* "no", "partly", "yes" */

/* One reason why something is not read. */
struct obstacle {
	char *reason;	       /* owned: what failed on what */
	const char *change;    /* what would change it; "" when nothing would */
	VEC(uint32_t) objects; /* in which namespaces, or on which devices; none: it is no matter of one */
	bool counts;	       /* a place on the packet's way misses it: exit status 3 */
	bool lowers;	       /* some place then has no exact loss source there */
	bool sources[SOURCE_COUNT], domains[DOMAIN_COUNT];
};

struct domain_sight {
	enum sight sight;
	size_t counters;  /* of loss, read there */
	const char *note; /* what holds on every host, or "" */
};

enum source_state { SOURCE_STATE_READ, SOURCE_STATE_EMPTY, SOURCE_STATE_PARTLY, SOURCE_STATE_MISSED };

const char *source_state_name(enum source_state state); /* "read", "nothing there", "in part", "not read" */

struct source_sight {
	enum source_state state;
	const char *words, *change; /* empty: what that means, and what would show more; "" */
};

struct checkup_options {
	bool root;		 /* advice for root is another one than for a user */
	size_t hidden_processes; /* whose namespaces may not be looked at */
};

#define OBSTACLES_MAX 200

struct checkup {
	const struct series *series; /* not owned */
	struct domain_sight domains[DOMAIN_COUNT];
	struct source_sight sources[SOURCE_COUNT];
	VEC(struct obstacle) obstacles; /* those that count first */
	VEC(uint32_t) silent_links;	/* devices whose driver keeps no statistics of its own: nothing to see there */
	bool whole;			/* everything that a host can show is seen: none of them counts */
};

/* Whether a place is seen by that source: it needs it, and it was read. */
bool checkup_serves(const struct checkup *checkup, enum source_id source, enum domain domain);

/* Fills `ret` (zeroed first). The series must outlive it; free with checkup_free(). */
void checkup_make(const struct series *series, const struct checkup_options *options, struct checkup *ret);
void checkup_free(struct checkup *checkup);
