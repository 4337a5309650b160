/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A series: many snapshots of one window, kept as one cell per (counter, object) with its
 * first and last value, its difference, and the moments at which it moved. Counters that
 * do not move cost 64 bytes, however long the window.
 */
#pragma once

#include "model/snapshot.h"

enum cell_state {
	CELL_RESET = 1 << 0,	  /* ran backwards: counted on from zero, or from a small fall on; a lower bound */
	CELL_WRAPPED = 1 << 1,	  /* passed 2^32: the difference is exact */
	CELL_APPEARED = 1 << 2,	  /* first seen after its source had already been read */
	CELL_VANISHED = 1 << 3,	  /* not in the last reading of its source */
	CELL_SINCE_BOOT = 1 << 4, /* read once and counted from 0: what there was since boot, not in the window */
};

struct point {
	uint32_t time_ms;  /* since the window's start */
	uint64_t increase; /* totals: since the point before; gauges: the value */
};

#define POINTS_MAX 4096		 /* per cell; past that neighbouring points are merged pairwise */
#define POINTS_BUDGET (4u << 20) /* of all cells: the more of them move, the fewer points each has */
#define POINTS_FLOOR 128

struct cell {
	counter_id counter;
	uint32_t object;
	uint64_t first, last;	    /* values as read */
	uint64_t first_ns, last_ns; /* monotonic */
	uint64_t increase;	    /* totals: how much it rose in the window; 0 for gauges */
	uint64_t low, high;	    /* gauges: extremes */
	uint32_t readings;
	uint32_t last_snapshot; /* number of the snapshot that last held it */
	unsigned int state;	/* enum cell_state */
	VEC(struct point) points;
};

struct series;

struct series *series_new(struct objects *objects) __attribute__((warn_unused_result));
void series_free(struct series *series);
void series_free_ptr(struct series **series);

struct objects *series_objects(const struct series *series);

/* Takes a snapshot's content over; snapshots come in time order per source. */
void series_add(struct series *series, const struct snapshot *snapshot);

/* After the last snapshot: marks the cells that their source no longer saw (CELL_VANISHED). */
void series_finish(struct series *series);

/*
 * Appends a later window to an earlier one, both finished, as if they had been one: what moved between them moved at the
 * later one's start. Objects are brought over by their keys; the later series stays as it was.
 */
void series_join(struct series *earlier, const struct series *later);

/* What the length of the window is worth. */
enum series_span {
	SPAN_MEASURED,
	SPAN_UNKNOWN,	 /* something was counted, and nobody says in how long: no rate means anything */
	SPAN_SINCE_BOOT, /* nothing was read twice */
};

const char *span_name(enum series_span span); /* stable word: "measured", "unknown", "since-boot" */
void series_set_span(struct series *series, enum series_span span);
enum series_span series_span(const struct series *series);

/* Adds to the state of a cell that only who read it can know (enum cell_state). */
void series_mark(struct series *series, counter_id counter, uint32_t object, unsigned int state);

/* The window: from the first to the last snapshot. */
uint64_t series_start_ns(const struct series *series); /* monotonic */
uint64_t series_end_ns(const struct series *series);
uint64_t series_start_wall_ns(const struct series *series);
double series_seconds(const struct series *series);
/* The same; UINT32_MAX when it is longer: pasted readings may be months apart. */
uint32_t series_milliseconds(const struct series *series);
size_t series_snapshots(const struct series *series);

/* The cell, or NULL when that counter was never read for that object. */
const struct cell *series_cell(const struct series *series, counter_id counter, uint32_t object);

/* All cells of one counter, in order of appearance. `index` from 0; NULL past the last. */
const struct cell *series_cell_at(const struct series *series, counter_id counter, size_t index);

/* All cells. */
size_t series_cells(const struct series *series);
bool series_is_full(const struct series *series); /* new ones are not kept */
const struct cell *series_cell_by_index(const struct series *series, size_t index);

#define series_each(series, counter, index, cell) \
	for ((index) = 0; ((cell) = series_cell_at((series), (counter), (index))); (index)++)

/* Increase (totals) or last value (gauges) of one cell; 0 when there is none. */
uint64_t series_increase(const struct series *series, counter_id counter, uint32_t object);
uint64_t series_last(const struct series *series, counter_id counter, uint32_t object);

/* Increase summed over every object in the namespace `netns` (object id), or everywhere for OBJECT_HOST_ID. */
uint64_t series_increase_in(const struct series *series, counter_id counter, uint32_t netns);

/*
 * When a counter or event of loss last moved in the namespace `netns` (object id), or anywhere for OBJECT_HOST_ID;
 * monotonic, 0 for not yet.
 */
uint64_t series_lost_ns(const struct series *series, uint32_t netns);

/* How one source fared on one object over the window. */
struct observation {
	enum source_id source;
	uint32_t object;
	uint32_t readings, failures;
	uint32_t last_snapshot;	    /* number of the last snapshot with a successful reading */
	uint64_t first_ns, last_ns; /* ends of the first and the last successful reading */
	uint64_t first_took_ns, last_took_ns;
	uint64_t gap_ns; /* longest time between two successful readings */
	int error;	 /* of the last failure, 0 if there was none */
	const char *reason;
	bool partial;
};

size_t series_observations(const struct series *series);
const struct observation *series_observation_at(const struct series *series, size_t index);
const struct observation *series_observation(const struct series *series, enum source_id source, uint32_t object);

/* Of the readings that a counter of an object comes from: the object's own, its namespace's or the host's; or NULL. */
const struct observation *series_observation_of(const struct series *series, counter_id counter, uint32_t object);
