/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All numbers of one side, by subject and counter. */
#include "diagnose/compare_parts.h"

#include "diagnose/timeline.h"

#include "base/alloc.h"

#include <math.h>
#include <string.h>

const struct series *table_series(const struct table *table)
{
	return table->side->diagnosis->series;
}

const struct objects *table_objects(const struct table *table)
{
	return series_objects(table_series(table));
}

/* ---- moments ---- */

/* Longer windows have longer steps: there are enough of them by then. */
#define STEPS_MAX 6000

void steps_init(struct steps *steps, const struct series *series)
{
	uint64_t window_ms = (uint64_t)(series_seconds(series) * 1000), step_ms = window_ms / STEPS_MAX;

	*steps = (struct steps){ .step_ms = step_ms > TIMELINE_STEP_MS ? step_ms : TIMELINE_STEP_MS };
	steps->all = window_ms / steps->step_ms;
	steps->all = steps->all ? steps->all : 1;
	steps->counts = mem_new(steps->all, sizeof(*steps->counts));
}

void steps_clear(struct steps *steps)
{
	if (steps->used)
		memset(steps->counts, 0, steps->all * sizeof(*steps->counts));
	steps->used = false;
}

void steps_add(struct steps *steps, const struct cell *cell)
{
	const struct point *point;

	vec_each(&cell->points, point) {
		uint64_t step = point->time_ms / steps->step_ms;

		steps->counts[step < steps->all ? step : steps->all - 1] += point->increase;
		steps->used = true;
	}
}

uint64_t steps_moved(const struct steps *steps)
{
	uint64_t moved = 0;

	for (uint64_t i = 0; i < steps->all; i++)
		moved += steps->counts[i] > 0;
	return moved;
}

double steps_burst(const struct steps *steps, uint64_t seen)
{
	double sum = 0, squares = 0, mean;

	for (uint64_t i = 0; i < steps->all; i++) {
		sum += (double)steps->counts[i];
		squares += (double)steps->counts[i] * (double)steps->counts[i];
	}
	if (sum <= 0 || !seen)
		return 1;
	mean = sum / (double)seen;
	return fmax(1, (squares / (double)seen - mean * mean) / mean);
}

void steps_free(struct steps *steps)
{
	free(steps->counts);
	steps->counts = NULL;
}

/* ---- the table ---- */

static int key_compare(const char *key, counter_id counter, const struct reading *right)
{
	int order = strcmp(key, right->key);

	return order ? order : (counter > right->counter) - (counter < right->counter);
}

/* A cell on its way into the table. */
struct row {
	const char *key;
	const struct cell *cell;
};

static int row_compare(const void *left, const void *right)
{
	const struct row *a = left, *b = right;
	const struct reading other = { .key = b->key, .counter = b->cell->counter };
	int order = key_compare(a->key, a->cell->counter, &other);

	return order ? order : (a->cell->object > b->cell->object) - (a->cell->object < b->cell->object);
}

static void reading_add(struct reading *reading, const struct cell *cell, struct steps *steps)
{
	uint64_t seen = cell->readings > 1 ? cell->readings - 1 : 0;

	if (counter_get(cell->counter)->form == FORM_GAUGE) {
		reading->value = cell->last < reading->value ? cell->last : reading->value;
		return;
	}
	/* What was there once read is no rise in the window. */
	if (cell->state & CELL_SINCE_BOOT)
		return;
	reading->increase += cell->increase;
	steps_add(steps, cell);
	if (seen > reading->steps)
		reading->steps = seen < steps->all ? seen : steps->all;
}

static void reading_end(struct reading *reading, const struct steps *steps)
{
	uint64_t moved = reading->increase ? steps_moved(steps) : 0;

	reading->moved = moved < reading->steps ? moved : reading->steps;
	reading->burst = reading->increase ? steps_burst(steps, reading->steps) : 1;
}

static void rows_add_up(struct table *table, const struct row *rows, size_t count)
{
	struct reading *reading = NULL;
	struct steps steps;

	steps_init(&steps, table_series(table));
	for (size_t i = 0; i < count; i++) {
		const struct cell *cell = rows[i].cell;

		if (!reading || key_compare(rows[i].key, cell->counter, reading) != 0) {
			if (reading)
				reading_end(reading, &steps);
			steps_clear(&steps);
			reading = vec_add(&table->readings, TABLE_MAX);
			if (!reading)
				break;
			*reading = (struct reading){ .key = rows[i].key,
						     .counter = cell->counter,
						     .object = cell->object,
						     .value = UINT64_MAX };
		}
		reading_add(reading, cell, &steps);
	}
	if (reading)
		reading_end(reading, &steps);
	steps_free(&steps);
}

static struct reading *reading_of(const struct table *table, counter_id counter, uint32_t object)
{
	const char *key = table->subjects.keys[object];

	return key ? (struct reading *)table_find(table, key, counter) : NULL;
}

static void elsewhere_add(const struct table *table, counter_id counter, uint32_t object, uint64_t packets)
{
	struct reading *reading = reading_of(table, counter, object);

	if (!reading)
		return;
	reading->elsewhere += packets;
	if (reading->elsewhere > reading->increase)
		reading->elsewhere = reading->increase;
}

/* What a more precise counter tells, and what hurts nobody. */
static void tell_elsewhere(const struct table *table)
{
	const struct diagnosis *diagnosis = table->side->diagnosis;
	const struct entry *entry;
	struct finding **finding;
	struct evidence *evidence;

	for (size_t i = 0; i < ledger_entries(diagnosis->ledger); i++) {
		entry = ledger_entry_at(diagnosis->ledger, i);
		elsewhere_add(table, entry->counter, entry->object, entry->elsewhere);
	}
	vec_each(&diagnosis->innocent.list, finding) {
		vec_each(&(*finding)->evidence, evidence)
			elsewhere_add(table, evidence->counter, evidence->object, evidence->delta);
	}
}

void table_fill(struct table *table)
{
	const struct series *series = table_series(table);
	size_t count = 0, cells = series_cells(series);
	struct row *rows = mem_new(cells + 1, sizeof(*rows));

	for (size_t i = 0; i < cells; i++) {
		const struct cell *cell = series_cell_by_index(series, i);
		const char *key = table->subjects.keys[cell->object];

		if (key)
			rows[count++] = (struct row){ key, cell };
	}
	if (count > 1)
		qsort(rows, count, sizeof(*rows), row_compare);
	rows_add_up(table, rows, count);
	free(rows);
	tell_elsewhere(table);
}

void table_free(struct table *table)
{
	vec_free(&table->readings);
	subjects_free(&table->subjects);
}

const struct reading *table_find(const struct table *table, const char *key, counter_id counter)
{
	size_t from = 0, until = table->readings.count;

	while (from < until) {
		size_t middle = from + (until - from) / 2;
		int order = key_compare(key, counter, &table->readings.data[middle]);

		if (order == 0)
			return &table->readings.data[middle];
		if (order < 0)
			until = middle;
		else
			from = middle + 1;
	}
	return NULL;
}

uint64_t table_increase(const struct table *table, const char *key, counter_id counter)
{
	const struct reading *reading;

	if (!key)
		return series_increase_in(table_series(table), counter, OBJECT_HOST_ID);
	reading = table_find(table, key, counter);
	return reading ? reading->increase : 0;
}

double table_ip_packets(const struct table *table, const char *netns)
{
	static const counter_id counters[] = { C_IP_IN_RECEIVES, C_IP_OUT_REQUESTS, C_IP6_IN_RECEIVES,
					       C_IP6_OUT_REQUESTS };
	double sum = 0;

	for (size_t i = 0; i < ARRAY_SIZE(counters); i++)
		sum += (double)table_increase(table, netns, counters[i]);
	return sum;
}
