/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the drop events' detector share: events.c holds them against counters, events_alone.c has the rest. */
#pragma once

#include "diagnose/detection.h"

#include "model/place.h"

/* Drops of one kind, as the kernel told of them. */
struct told {
	const struct cell *cell;
	const struct object *object;
	const char *reason;
	struct drop_meaning meaning;
	/* That no finding accounts for: what the counters have seen all of, and what fell while they were being read. */
	uint64_t sure, edge;
	bool counted; /* a finding by counters is about this kind */
};

struct events {
	struct detection *detection;
	VEC(struct told) told;
};

/* How many of its packets no finding accounts for. */
uint64_t told_left(const struct told *told);
/* Takes so many at most from one of its two numbers; returns how many. */
uint64_t told_take(uint64_t *from, uint64_t most);

/* Puts it into the evidence of a finding that shows so many kinds already. */
void told_show(const struct events *events, struct finding *finding, const struct told *told, size_t shown);

/* Linux 6.1 has one reason for segments from nowhere and for those that had come before: the latter hurt nobody. */
void events_excuse_duplicates(struct events *events);

/* Findings of what only the kernel told of: no counter knows these packets, or none that was read. */
void events_add_untold(struct events *events);
/* What hurts nobody and is in no counter, by name: it is not to be taken for a loss. It stays among the harmless. */
void events_add_harmless(struct events *events);
/*
 * Packets that vanished between two IP counters, and drops in the same namespace in code that gives no reason, at a place
 * that no table knows: as many as both views tell of.
 */
void events_add_silent(struct events *events);
