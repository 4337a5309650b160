/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of drops in a recording: what the lines of each have in common, and how many packets there were. */
#pragma once

#include "cmd/trace_sum.h"
#include "model/snapshot.h"
#include "render/trace.h"

/* A total that goes on from window to window; one that is smaller than before was begun anew. */
struct tally {
	uint64_t before, last;
};

struct recorded_kind {
	struct object_key key;
	char *reason, *place, *way, *netns, *device, *stack; /* "" when not known */
	uint32_t netns_inode;				     /* 0 likewise */
	bool home;
	uint64_t place_offset;
	struct drop_meaning meaning;
	const char *frames[TRACE_FRAMES]; /* the functions of `stack` */
	size_t frame_count;
	bool own; /* its first packet was the doing of the process that ran */
	struct tally skbs, segments;
};

struct recorded {
	const struct objects *whole; /* as they were at the end; not owned */
	uint64_t netns; /* what is wanted: that namespace (inode), 0 for all; packets at that device, or NULL */
	const char *interface;
	VEC(struct recorded_kind *) kinds;
	VEC(uint32_t) kind_of; /* by id in the window's registry: kind + 1 */
	struct tally missed, keyless;
	bool counted; /* there are numbers */
};

/* Before each window: ids begin anew. */
void recorded_window(struct recorded *recorded);

/* The kind that the object of that id counts in a snapshot, made when new; NULL when there are too many. */
struct recorded_kind *recorded_kind(struct recorded *recorded, const struct objects *objects, uint32_t id);

bool recorded_wants(const struct recorded *recorded, const struct recorded_kind *kind);

/* Takes over what the snapshot counts; whether it counts drops at all. */
bool recorded_count(struct recorded *recorded, const struct snapshot *snapshot);

/* Adds to the totals what was counted. */
void recorded_sum(const struct recorded *recorded, struct trace_sum *sum);
void recorded_free(struct recorded *recorded);
