/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the series share: series.c (one window) and series_join.c (one window after another). Nobody else
 * includes this.
 */
#pragma once

#include "model/series.h"

struct counter_cells {
	VEC(uint32_t) cells;
};

struct series {
	struct objects *objects;
	VEC(struct cell *) chunks;
	uint32_t count;
	uint32_t *slots; /* cell + 1, 0 is empty */
	size_t size;
	uint32_t moving; /* cells that have points */
	VEC(struct counter_cells) by_counter;
	VEC(struct observation) observations;
	VEC(uint32_t) observed[SOURCE_COUNT]; /* by object id: observation + 1 */
	VEC(uint64_t) lost_ns;		      /* by object id of the namespace, or host */
	uint64_t start_ns, start_wall_ns, end_ns;
	size_t snapshots;
	enum series_span span;
};

struct cell *cell_at(const struct series *series, uint32_t index);
struct cell *cell_find(const struct series *series, counter_id counter, uint32_t object);
struct cell *cell_new(struct series *series, counter_id counter, uint32_t object); /* NULL when there are too many */
void cell_point(struct series *series, struct cell *cell, uint32_t time_ms, uint64_t increase);

/* How much a total rose from `before` to `now`; a fall is a wrap or a reset, which its state then says. */
uint64_t cell_rise(struct cell *cell, uint64_t before, uint64_t now);

struct observation *observation_find(const struct series *series, enum source_id source, uint32_t object);
struct observation *observation_new(struct series *series, enum source_id source, uint32_t object);
