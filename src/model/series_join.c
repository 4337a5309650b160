/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two windows as one. Whoever waits for a rare loss watches one short window after another, keeps the last two, and has
 * the seconds before the loss when it comes, in memory that does not grow.
 */
#include "model/series_parts.h"

#include "base/alloc.h"
#include "base/clock.h"

/* One id of the later registry as an id of the earlier one; the host is the host. */
static uint32_t mapped(const uint32_t *ids, uint32_t id)
{
	return id ? ids[id] : OBJECT_HOST_ID;
}

static void object_bring(struct objects *into, const struct object *from, uint32_t *ids)
{
	bool is_new;
	struct object *object = object_intern(into, from->key, &is_new);

	if (!object)
		return;
	ids[from->id] = object->id;
	for (size_t l = 0; l < LABEL_COUNT; l++) {
		if (from->labels[l])
			object_label(object, (enum label)l, from->labels[l]);
	}
	object->pid = from->pid;
	if (is_new)
		object->born = from->born;
}

static void relations_bring(struct objects *into, const struct object *from, const uint32_t *ids)
{
	struct object *object = object_get(into, mapped(ids, from->id));

	object->netns = mapped(ids, from->netns);
	object->link = mapped(ids, from->link);
	object->parent = mapped(ids, from->parent);
	if (mapped(ids, from->peer)) /* the later window may have ended before these were looked up */
		object->peer = mapped(ids, from->peer);
	if (mapped(ids, from->owner))
		object->owner = mapped(ids, from->owner);
}

/* For every object of `from` its id in `into`; the caller frees it. */
static uint32_t *objects_bring(struct objects *into, const struct objects *from)
{
	size_t count = objects_count(from);
	uint32_t *ids = mem_new(count, sizeof(*ids));

	for (uint32_t id = 1; id < count; id++)
		object_bring(into, object_get(from, id), ids);
	for (uint32_t id = 1; id < count; id++) {
		if (ids[id])
			relations_bring(into, object_get(from, id), ids);
	}
	return ids;
}

/* From the last value of the earlier window to the first of the later one. */
static void cell_bridge(struct series *earlier, struct cell *cell, const struct cell *later, uint32_t time_ms)
{
	uint64_t increase;

	if (counter_get(cell->counter)->form == FORM_GAUGE) {
		cell->low = later->low < cell->low ? later->low : cell->low;
		cell->high = later->high > cell->high ? later->high : cell->high;
		if (later->first != cell->last)
			cell_point(earlier, cell, time_ms, later->first);
		return;
	}
	if (later->first == cell->last)
		return;
	increase = cell_rise(cell, cell->last, later->first);
	cell->increase += increase;
	if (increase)
		cell_point(earlier, cell, time_ms, increase);
}

static void cell_bring(struct series *earlier, const struct series *later, const struct cell *from, const uint32_t *ids)
{
	uint32_t object = mapped(ids, from->object);
	uint32_t shift_ms = (uint32_t)((later->start_ns - earlier->start_ns) / NS_PER_MS);
	struct cell *cell = cell_find(earlier, from->counter, object);

	if (!cell) {
		cell = cell_new(earlier, from->counter, object);
		if (!cell)
			return;
		cell->first = from->first;
		cell->first_ns = from->first_ns;
		cell->low = from->low;
		cell->high = from->high;
		cell->state = from->state | CELL_APPEARED;
	} else {
		cell_bridge(earlier, cell, from, (uint32_t)((from->first_ns - earlier->start_ns) / NS_PER_MS));
		cell->state =
			(cell->state & ~(unsigned int)CELL_VANISHED) | (from->state & ~(unsigned int)CELL_APPEARED);
	}
	for (size_t i = 0; i < from->points.count; i++)
		cell_point(earlier, cell, from->points.data[i].time_ms + shift_ms, from->points.data[i].increase);
	cell->increase += from->increase;
	cell->last = from->last;
	cell->last_ns = from->last_ns;
	cell->readings += from->readings;
	cell->last_snapshot = (uint32_t)earlier->snapshots + from->last_snapshot;
}

static void observation_bring(struct series *earlier, const struct observation *from, const uint32_t *ids)
{
	uint32_t object = mapped(ids, from->object);
	struct observation *into = observation_find(earlier, from->source, object);

	if (!into)
		into = observation_new(earlier, from->source, object);
	if (!into)
		return;
	if (!into->readings) {
		into->first_ns = from->first_ns;
		into->first_took_ns = from->first_took_ns;
	} else if (from->readings && from->first_ns - into->last_ns > into->gap_ns) {
		into->gap_ns = from->first_ns - into->last_ns;
	}
	if (from->gap_ns > into->gap_ns)
		into->gap_ns = from->gap_ns;
	into->readings += from->readings;
	into->failures += from->failures;
	into->partial |= from->partial;
	if (from->reason) {
		into->error = from->error;
		into->reason = from->reason;
	}
	if (!from->readings)
		return;
	into->last_ns = from->last_ns;
	into->last_took_ns = from->last_took_ns;
	into->last_snapshot = (uint32_t)earlier->snapshots + from->last_snapshot;
}

void series_join(struct series *earlier, const struct series *later)
{
	CLEANUP_FREE uint32_t *ids = objects_bring(earlier->objects, later->objects);
	const struct observation *observation;

	for (uint32_t i = 0; i < later->count; i++)
		cell_bring(earlier, later, cell_at(later, i), ids);
	vec_each(&later->observations, observation)
		observation_bring(earlier, observation, ids);
	if (later->end_ns > earlier->end_ns)
		earlier->end_ns = later->end_ns;
	earlier->snapshots += later->snapshots;
	series_finish(earlier);
}
