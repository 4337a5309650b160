/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ledger: every drop once. Many counters count one packet (a veth backlog
 * drop moves five); includes.def says which counter's packets are also in which
 * other, under which condition. What is left of a counter after that is what it
 * alone knows; detectors claim it for a cause; the rest is unexplained.
 */
#pragma once

#include "model/series.h"

struct entry {
	counter_id counter;
	uint32_t object;
	uint64_t increase;  /* of the counter */
	uint64_t elsewhere; /* counted by a more precise counter */
	uint64_t backlog;   /* of these: by a CPU's backlog */
	uint64_t claimed;   /* explained by findings */
	uint64_t skew;	    /* by how much it may differ from those because they were not read in the same instant */
			    /* what it alone knows is increase - elsewhere; what stays unexplained is that - claimed */
};

struct ledger;

struct ledger *ledger_new(const struct series *series) __attribute__((warn_unused_result));
void ledger_free(struct ledger *ledger);
void ledger_free_ptr(struct ledger **ledger);

size_t ledger_entries(const struct ledger *ledger);
const struct entry *ledger_entry_at(const struct ledger *ledger, size_t index);

/* What is still unclaimed of a counter of an object; 0 when it did not move. */
uint64_t ledger_left(const struct ledger *ledger, counter_id counter, uint32_t object);

/* How many of a device's received packets a CPU's backlog dropped. */
uint64_t ledger_backlog(const struct ledger *ledger, uint32_t link);

/* What an entry alone knows and nobody has claimed. */
uint64_t entry_left(const struct entry *entry);

/* Adds a loss that no single counter shows but that was worked out (ledger_silent()). */
void ledger_add(struct ledger *ledger, counter_id counter, uint32_t object, uint64_t packets);

/* Claims up to `packets` (UINT64_MAX: all that is left) for a finding; returns how many that were. */
uint64_t ledger_claim(struct ledger *ledger, counter_id counter, uint32_t object, uint64_t packets);

/* Takes back from `counter` what another way of looking has shown to be the same packets. */
uint64_t ledger_move_elsewhere(struct ledger *ledger, counter_id counter, uint32_t object, uint64_t packets);

/* ledger_new()'s last steps: drivers' counters by what their own driver means with them (drivers.def). */
void ledger_settle_drivers(struct ledger *ledger, const struct series *series);

/*
 * By how many packets two counters of the same loss may differ because they were not read in the same instant: what the
 * first one gained in the time between the readings, at the window's start and end, and by how much more it moved than the
 * other from its first reading to its second, and in its last. At most a twentieth of it; 0 for counters of one source,
 * which are read together. What it gained right after the last reading of one that went.
 */
uint64_t ledger_skew(const struct series *series, const struct cell *outer, const struct cell *inner);

/* True where SYN cookies answered for full queues all the time: no request was dropped for want of room. */
bool ledger_syn_cookies(const struct series *series, uint32_t netns);

/* After it: queue statistics before link statistics, standard names before drivers' own. */
void ledger_settle_devices(struct ledger *ledger, const struct series *series);

struct ledger_sum {
	uint64_t dropped, explained, unexplained;
	uint64_t domains[DOMAIN_COUNT];
};

void ledger_sum(const struct ledger *ledger, struct ledger_sum *ret);

/*
 * IP conservation of one namespace: packets received but neither delivered, forwarded nor counted
 * as an error by anyone. `ret_low` and `ret_high` bracket it (the counters are not read in one instant).
 * Family 4 or 6. False when the statistics were not read.
 */
bool ledger_silent(const struct series *series, uint32_t netns, int family, uint64_t *ret_low, uint64_t *ret_high);

/* The same on the way out: requested or forwarded, but neither sent nor counted. False before kernel 6.7. */
bool ledger_silent_egress(const struct series *series, uint32_t netns, int family, uint64_t *ret_low,
			  uint64_t *ret_high);
