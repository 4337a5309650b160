/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The series: cells found by a hash of (counter, object), with an index from
 * each counter to its cells. A cell's points are only its movements, so quiet
 * counters cost no more than their first and last value.
 */
#include "model/series_parts.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <string.h>

#define CELLS_MAX 8000000
#define CHUNK 512

struct series *series_new(struct objects *objects)
{
	struct series *series = NEW(struct series);

	series->objects = objects;
	series->size = 4096;
	series->slots = mem_new(series->size, sizeof(*series->slots));
	return series;
}

struct cell *cell_at(const struct series *series, uint32_t index)
{
	return &series->chunks.data[index / CHUNK][index % CHUNK];
}

void series_free(struct series *series)
{
	struct counter_cells *cells;

	if (!series)
		return;
	for (uint32_t i = 0; i < series->count; i++)
		vec_free(&cell_at(series, i)->points);
	for (size_t i = 0; i < series->chunks.count; i++)
		free(series->chunks.data[i]);
	vec_free(&series->chunks);
	vec_each(&series->by_counter, cells)
		vec_free(&cells->cells);
	vec_free(&series->by_counter);
	vec_free(&series->observations);
	vec_free(&series->lost_ns);
	for (size_t i = 0; i < SOURCE_COUNT; i++)
		vec_free(&series->observed[i]);
	free(series->slots);
	free(series);
}

void series_free_ptr(struct series **series)
{
	series_free(*series);
}

static size_t cell_hash(counter_id counter, uint32_t object)
{
	uint64_t hash = ((uint64_t)counter << 32 | object) * UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)(hash ^ hash >> 29);
}

struct cell *cell_find(const struct series *series, counter_id counter, uint32_t object)
{
	size_t at = cell_hash(counter, object);

	for (uint32_t slot; (slot = series->slots[at & (series->size - 1)]); at++) {
		struct cell *cell = cell_at(series, slot - 1);

		if (cell->counter == counter && cell->object == object)
			return cell;
	}
	return NULL;
}

static void slot_put(struct series *series, uint32_t index)
{
	const struct cell *cell = cell_at(series, index);
	size_t at = cell_hash(cell->counter, cell->object);

	while (series->slots[at & (series->size - 1)])
		at++;
	series->slots[at & (series->size - 1)] = index + 1;
}

static void index_counter(struct series *series, counter_id counter, uint32_t index)
{
	uint32_t *slot;

	while (series->by_counter.count <= counter)
		(void)vec_add(&series->by_counter, SIZE_MAX);
	slot = vec_add(&series->by_counter.data[counter].cells, CELLS_MAX);
	if (slot)
		*slot = index;
}

struct cell *cell_new(struct series *series, counter_id counter, uint32_t object)
{
	struct cell *cell;

	if (series->count >= CELLS_MAX)
		return NULL;
	if (series->count % CHUNK == 0) {
		struct cell **chunk = vec_add(&series->chunks, CELLS_MAX / CHUNK + 1);

		if (!chunk)
			return NULL;
		*chunk = mem_new(CHUNK, sizeof(struct cell));
	}
	cell = cell_at(series, series->count);
	cell->counter = counter;
	cell->object = object;
	slot_put(series, series->count);
	index_counter(series, counter, series->count);
	series->count++;
	if ((size_t)series->count * 2 > series->size) {
		series->size *= 2;
		free(series->slots);
		series->slots = mem_new(series->size, sizeof(*series->slots));
		for (uint32_t i = 0; i < series->count; i++)
			slot_put(series, i);
	}
	return cell;
}

/* Halves the points of a cell that has too many, keeping their sum. */
static void points_merge(struct cell *cell, bool gauge)
{
	size_t kept = 0;

	for (size_t i = 0; i + 1 < cell->points.count; i += 2) {
		struct point merged = cell->points.data[i + 1];

		if (!gauge)
			merged.increase += cell->points.data[i].increase;
		cell->points.data[kept++] = merged;
	}
	if (cell->points.count % 2)
		cell->points.data[kept++] = cell->points.data[cell->points.count - 1];
	cell->points.count = kept;
}

static size_t points_max(const struct series *series)
{
	size_t share = POINTS_BUDGET / (series->moving + 1);

	if (share > POINTS_MAX)
		return POINTS_MAX;
	return share < POINTS_FLOOR ? POINTS_FLOOR : share;
}

/* Gives back what was taken while few cells moved. */
static void points_shrink(struct cell *cell, size_t max)
{
	if (cell->points.capacity <= 2 * max)
		return;
	cell->points.data = mem_resize(cell->points.data, max, sizeof(*cell->points.data));
	cell->points.capacity = max;
}

void cell_point(struct series *series, struct cell *cell, uint32_t time_ms, uint64_t increase)
{
	size_t max = points_max(series);
	struct point *point;

	series->moving += !cell->points.count;
	if (cell->points.count >= max) {
		while (cell->points.count >= max)
			points_merge(cell, counter_get(cell->counter)->form == FORM_GAUGE);
		points_shrink(cell, max);
	}
	point = vec_add(&cell->points, POINTS_MAX);
	if (point)
		*point = (struct point){ time_ms, increase };
}

uint64_t cell_rise(struct cell *cell, uint64_t before, uint64_t now)
{
	enum counter_form form = counter_get(cell->counter)->form;

	if (now >= before)
		return now - before;
	if (form == FORM_TOTAL32 && before <= UINT32_MAX && before - now > UINT32_MAX / 2) {
		cell->state |= CELL_WRAPPED;
		return (UINT64_C(1) << 32) - before + now;
	}
	cell->state |= CELL_RESET;
	return now < before / 2 ? now
				: 0; /* a small fall: a part left the sum, and what the others gained is not known */
}

static void lost_at(struct series *series, uint32_t netns, uint64_t time_ns)
{
	while (series->lost_ns.count <= netns) {
		if (!vec_add(&series->lost_ns, OBJECTS_MAX))
			return;
	}
	series->lost_ns.data[netns] = time_ns;
}

static void cell_rose(struct series *series, struct cell *cell, uint64_t increase, uint64_t time_ns)
{
	enum counter_kind kind = counter_get(cell->counter)->kind;
	uint32_t netns = object_get(series->objects, cell->object)->netns;

	cell->increase += increase;
	cell_point(series, cell, (uint32_t)((time_ns - series->start_ns) / NS_PER_MS), increase);
	if (kind != KIND_DROP && kind != KIND_EVENT)
		return;
	lost_at(series, OBJECT_HOST_ID, time_ns);
	if (netns)
		lost_at(series, netns, time_ns);
}

static void cell_first(struct series *series, struct cell *cell, uint64_t value, uint64_t time_ns, bool appeared)
{
	const struct counter *counter = counter_get(cell->counter);
	const struct object *object = object_get(series->objects, cell->object);

	cell->first = value;
	cell->first_ns = time_ns;
	cell->low = cell->high = value;
	if (!appeared && !object->born) /* a new namespace's first reading is its source's first there, too */
		return;
	cell->state |= CELL_APPEARED;
	if (object->born && counter->form != FORM_GAUGE && value) {
		cell->first = 0;
		cell_rose(series, cell, value, time_ns);
	}
}

static void cell_update(struct series *series, struct cell *cell, uint64_t value, uint64_t time_ns)
{
	uint64_t increase;

	if (value == cell->last) /* most of them, at each tick */
		return;
	if (counter_get(cell->counter)->form == FORM_GAUGE) {
		cell_point(series, cell, (uint32_t)((time_ns - series->start_ns) / NS_PER_MS), value);
		cell->low = value < cell->low ? value : cell->low;
		cell->high = value > cell->high ? value : cell->high;
	} else {
		increase = cell_rise(cell, cell->last, value);
		if (increase)
			cell_rose(series, cell, increase, time_ns);
	}
}

struct observation *observation_find(const struct series *series, enum source_id source, uint32_t object)
{
	if (object >= series->observed[source].count || !series->observed[source].data[object])
		return NULL;
	return &series->observations.data[series->observed[source].data[object] - 1];
}

struct observation *observation_new(struct series *series, enum source_id source, uint32_t object)
{
	struct observation *observation = vec_add(&series->observations, SNAPSHOT_COVERAGE_MAX);

	if (!observation)
		return NULL;
	while (series->observed[source].count <= object) {
		if (!vec_add(&series->observed[source], OBJECTS_MAX))
			return NULL;
	}
	series->observed[source].data[object] = (uint32_t)series->observations.count;
	observation->source = source;
	observation->object = object;
	return observation;
}

/* The observation of a source on the namespace (or host) that an object belongs to. */
const struct observation *series_observation_of(const struct series *series, counter_id counter, uint32_t object)
{
	const struct object *what = object_get(series->objects, object);
	enum source_id source = counter_get(counter)->source;
	const struct observation *own = observation_find(series, source, object);

	if (own)
		return own;
	own = what->netns ? observation_find(series, source, what->netns) : NULL;
	return own ? own : observation_find(series, source, OBJECT_HOST_ID);
}

static void take_sample(struct series *series, const struct sample *sample, uint64_t time_ns)
{
	struct cell *cell = cell_find(series, sample->counter, sample->object);

	if (!cell) {
		const struct observation *seen = series_observation_of(series, sample->counter, sample->object);

		cell = cell_new(series, sample->counter, sample->object);
		if (!cell)
			return;
		cell_first(series, cell, sample->value, time_ns, seen && seen->readings > 0);
	} else {
		cell_update(series, cell, sample->value, time_ns);
	}
	cell->last = sample->value;
	cell->last_ns = time_ns;
	cell->last_snapshot = (uint32_t)series->snapshots;
	cell->readings++;
}

static void take_coverage(struct series *series, const struct coverage *coverage)
{
	struct observation *observation = observation_find(series, coverage->source, coverage->object);

	if (!observation)
		observation = observation_new(series, coverage->source, coverage->object);
	if (!observation)
		return;
	if (coverage->error) {
		observation->failures++;
		observation->error = coverage->error;
		observation->reason = coverage->reason;
		return;
	}
	if (coverage->partial) {
		observation->partial = true;
		observation->reason = coverage->reason;
	}
	if (!observation->readings) {
		observation->first_ns = coverage->time_ns;
		observation->first_took_ns = coverage->took_ns;
	} else if (coverage->time_ns - observation->last_ns > observation->gap_ns) {
		observation->gap_ns = coverage->time_ns - observation->last_ns;
	}
	observation->last_ns = coverage->time_ns;
	observation->last_took_ns = coverage->took_ns;
	observation->last_snapshot = (uint32_t)series->snapshots;
	observation->readings++;
}

void series_add(struct series *series, const struct snapshot *snapshot)
{
	const struct sample *sample;
	const struct coverage *coverage;

	if (!series->snapshots) {
		series->start_ns = snapshot->time_ns;
		series->start_wall_ns = snapshot->wall_ns;
	}
	if (snapshot->time_ns > series->end_ns)
		series->end_ns = snapshot->time_ns;
	vec_each(&snapshot->samples, sample)
		take_sample(series, sample,
			    snapshot->time_ns > series->start_ns ? snapshot->time_ns : series->start_ns);
	vec_each(&snapshot->coverage, coverage)
		take_coverage(series, coverage);
	series->snapshots++;
}

void series_finish(struct series *series)
{
	for (uint32_t i = 0; i < series->count; i++) {
		struct cell *cell = cell_at(series, i);
		const struct observation *seen = series_observation_of(series, cell->counter, cell->object);

		if (seen && cell->last_snapshot < seen->last_snapshot)
			cell->state |= CELL_VANISHED;
	}
}

struct objects *series_objects(const struct series *series)
{
	return series->objects;
}

uint64_t series_start_ns(const struct series *series)
{
	return series->start_ns;
}

uint64_t series_end_ns(const struct series *series)
{
	return series->end_ns;
}

uint64_t series_start_wall_ns(const struct series *series)
{
	return series->start_wall_ns;
}

double series_seconds(const struct series *series)
{
	return (double)(series->end_ns - series->start_ns) / (double)NS_PER_S;
}

uint32_t series_milliseconds(const struct series *series)
{
	uint64_t milliseconds = (series->end_ns - series->start_ns) / NS_PER_MS;

	return milliseconds < UINT32_MAX ? (uint32_t)milliseconds : UINT32_MAX;
}

const char *span_name(enum series_span span)
{
	static const char *const names[] = { "measured", "unknown", "since-boot" };

	return names[span];
}

void series_set_span(struct series *series, enum series_span span)
{
	series->span = span;
}

enum series_span series_span(const struct series *series)
{
	return series->span;
}

void series_mark(struct series *series, counter_id counter, uint32_t object, unsigned int state)
{
	struct cell *cell = cell_find(series, counter, object);

	if (cell)
		cell->state |= state;
}

size_t series_snapshots(const struct series *series)
{
	return series->snapshots;
}

const struct cell *series_cell(const struct series *series, counter_id counter, uint32_t object)
{
	return cell_find(series, counter, object);
}

const struct cell *series_cell_at(const struct series *series, counter_id counter, size_t index)
{
	const struct counter_cells *cells;

	if (counter >= series->by_counter.count)
		return NULL;
	cells = &series->by_counter.data[counter];
	return index < cells->cells.count ? cell_at(series, cells->cells.data[index]) : NULL;
}

size_t series_cells(const struct series *series)
{
	return series->count;
}

bool series_is_full(const struct series *series)
{
	return series->count >= CELLS_MAX;
}

const struct cell *series_cell_by_index(const struct series *series, size_t index)
{
	return cell_at(series, (uint32_t)index);
}

uint64_t series_increase(const struct series *series, counter_id counter, uint32_t object)
{
	const struct cell *cell = cell_find(series, counter, object);

	if (!cell)
		return 0;
	return counter_get(counter)->form == FORM_GAUGE ? cell->last : cell->increase;
}

uint64_t series_last(const struct series *series, counter_id counter, uint32_t object)
{
	const struct cell *cell = cell_find(series, counter, object);

	return cell ? cell->last : 0;
}

uint64_t series_increase_in(const struct series *series, counter_id counter, uint32_t netns)
{
	const struct cell *cell;
	uint64_t sum = 0;
	size_t i;

	series_each(series, counter, i, cell) {
		if (netns == OBJECT_HOST_ID || object_get(series->objects, cell->object)->netns == netns)
			sum += cell->increase;
	}
	return sum;
}

uint64_t series_lost_ns(const struct series *series, uint32_t netns)
{
	return netns < series->lost_ns.count ? series->lost_ns.data[netns] : 0;
}

size_t series_observations(const struct series *series)
{
	return series->observations.count;
}

const struct observation *series_observation_at(const struct series *series, size_t index)
{
	return &series->observations.data[index];
}

const struct observation *series_observation(const struct series *series, enum source_id source, uint32_t object)
{
	return observation_find(series, source, object);
}
