/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot: one moment. Samples (counter, object, value) and, for everything
 * that was looked at, a coverage record that says when, and whether it could be
 * read and why not. A snapshot need not hold every source: dear ones bring
 * snapshots of their own.
 */
#pragma once

#include "model/drop_event.h"
#include "model/object.h"

#include "base/vec.h"

#include <stdint.h>

struct sample {
	counter_id counter;
	uint32_t object; /* id in the registry */
	uint64_t value;
};

/* One source looked at one namespace (or the host). */
struct coverage {
	enum source_id source;
	uint32_t object;    /* the namespace, or OBJECT_HOST_ID; a link for ethtool */
	uint64_t time_ns;   /* monotonic, when it had been read */
	uint64_t took_ns;   /* since snapshot_reading() */
	int error;	    /* 0 read; -errno: not */
	const char *reason; /* static or interned (base/intern.h) text when error: what failed on what */
	bool partial;	    /* read, but cut short or with lines that were not understood */
};

#define SNAPSHOT_SAMPLES_MAX 4000000
#define SNAPSHOT_COVERAGE_MAX 200000
#define SNAPSHOT_EVENTS_MAX 1000

struct snapshot {
	uint64_t time_ns; /* monotonic, start of the reading */
	uint64_t wall_ns;
	uint64_t reading_ns;	 /* monotonic, start of what is being read */
	struct objects *objects; /* not owned */
	VEC(struct sample) samples;
	VEC(struct coverage) coverage;
	bool truncated;	 /* a maximum was hit */
	bool has_events; /* single packets were wanted; how many there were in all tell the counters */
	VEC(struct drop_event) events;
};

void snapshot_begin(struct snapshot *snapshot, struct objects *objects); /* empties it, keeps its memory */
void snapshot_reading(struct snapshot *snapshot);			 /* the next source is begun */
void snapshot_free(struct snapshot *snapshot);

void snapshot_add(struct snapshot *snapshot, counter_id counter, const struct object *object, uint64_t value);

/* The source read `object` (a namespace, the host, a link) now. */
void snapshot_covered(struct snapshot *snapshot, enum source_id source, const struct object *object);
void snapshot_covered_partly(struct snapshot *snapshot, enum source_id source, const struct object *object,
			     const char *reason);

/* The source could not read it: `error` is -errno, `reason` one phrase naming what failed on what. */
void snapshot_missed(struct snapshot *snapshot, enum source_id source, const struct object *object, int error,
		     const char *reason);

/*
 * A snapshot as bytes, to bring it from a helper process to its parent: objects from
 * `first_object` on and every one that carries labels changed since, then samples and coverage.
 * Decoding interns the objects into `objects` and appends to `snapshot`; hostile bytes give
 * -EPROTO and leave `snapshot` as it was.
 */
void snapshot_encode(const struct snapshot *snapshot, struct text *ret_bytes);
int snapshot_decode(struct snapshot *snapshot, const char *bytes, size_t length) __attribute__((warn_unused_result));
