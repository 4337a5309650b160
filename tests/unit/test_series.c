/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model/series: what the difference of two readings is, when a total wraps, starts again, appears or vanishes. */
#include "base/clock.h"
#include "model/series.h"
#include "unit/unit.h"

#include <errno.h>
#include <stdlib.h>

#define START_NS (1000 * (uint64_t)NS_PER_S)
#define LONG_AGO C_UDP_RCVBUF_ERRORS /* a total of 64 bits */
#define SHORT C_SOFTNET_DROPPED	     /* a total of 32 bits */
#define LEVEL C_SOCK_RMEM	     /* a gauge */

struct window {
	struct objects *objects;
	struct object *netns, *cpu, *socket;
	struct series *series;
	struct snapshot snapshot;
};

static int setup(void **state)
{
	struct window *window = NEW(struct window);

	window->objects = objects_new();
	window->netns = object_intern(window->objects, (struct object_key){ OBJECT_NETNS, 7, 0, 0 }, NULL);
	window->cpu = object_intern(window->objects, (struct object_key){ OBJECT_CPU, 0, 0, 0 }, NULL);
	window->socket = object_intern(window->objects, (struct object_key){ OBJECT_SOCKET, 7, 1, 17 }, NULL);
	window->series = series_new(window->objects);
	*state = window;
	return 0;
}

static int teardown(void **state)
{
	struct window *window = *state;

	snapshot_free(&window->snapshot);
	series_free(window->series);
	objects_free(window->objects);
	free(window);
	return 0;
}

/* A reading at that moment that holds nothing yet; read_end() takes it over. */
static struct snapshot *read_begin(struct window *window, uint64_t time_ms)
{
	snapshot_begin(&window->snapshot, window->objects);
	window->snapshot.time_ns = START_NS + time_ms * NS_PER_MS;
	return &window->snapshot;
}

static void read_end(struct window *window)
{
	struct coverage *coverage;

	vec_each(&window->snapshot.coverage, coverage)
		coverage->time_ns = window->snapshot.time_ns;
	series_add(window->series, &window->snapshot);
}

/* One reading of one number, whose source was read in its namespace (or on the host). */
static void read_one(struct window *window, uint64_t time_ms, counter_id counter, const struct object *object,
		     uint64_t value)
{
	struct snapshot *snapshot = read_begin(window, time_ms);

	snapshot_add(snapshot, counter, object, value);
	snapshot_covered(snapshot, counter_get(counter)->source, object->netns ? window->netns : NULL);
	read_end(window);
}

/* A reading in which the source was read and that number was not there. */
static void read_none(struct window *window, uint64_t time_ms, counter_id counter, const struct object *object)
{
	snapshot_covered(read_begin(window, time_ms), counter_get(counter)->source,
			 object->netns ? window->netns : NULL);
	read_end(window);
}

static void a_total_rises_by_its_difference(void **state)
{
	struct window *window = *state;
	const struct cell *cell;

	assert_null(series_cell(window->series, LONG_AGO, window->netns->id));
	assert_int_equal(series_increase(window->series, LONG_AGO, window->netns->id), 0);
	read_one(window, 0, LONG_AGO, window->netns, 45716659);
	read_one(window, 100, LONG_AGO, window->netns, 45716659);
	read_one(window, 200, LONG_AGO, window->netns, 45716665);
	read_one(window, 300, LONG_AGO, window->netns, 45716670);
	series_finish(window->series);
	cell = series_cell(window->series, LONG_AGO, window->netns->id);
	assert_int_equal(cell->first, 45716659);
	assert_int_equal(cell->last, 45716670);
	assert_int_equal(cell->increase, 11);
	assert_int_equal(cell->readings, 4);
	assert_int_equal(cell->state, 0);
	assert_int_equal(cell->points.count, 2); /* quiet readings leave no point */
	assert_int_equal(cell->points.data[0].time_ms, 200);
	assert_int_equal(cell->points.data[0].increase, 6);
	assert_int_equal(cell->points.data[1].increase, 5);
	assert_int_equal(series_last(window->series, LONG_AGO, window->netns->id), 45716670);
}

static void a_loss_is_known_where_and_when_it_was(void **state)
{
	struct window *window = *state;
	uint32_t netns = window->netns->id;

	read_one(window, 0, C_SOCK_DROPS, window->socket, 7);
	read_one(window, 0, C_UDP_IN_DATAGRAMS, window->netns, 1);
	read_one(window, 0, LEVEL, window->socket, 1);
	read_one(window, 0, SHORT, window->cpu, 1);
	read_one(window, 100, C_SOCK_DROPS, window->socket, 7);
	read_one(window, 100, C_UDP_IN_DATAGRAMS, window->netns, 2); /* what passes and levels are none */
	read_one(window, 100, LEVEL, window->socket, 2);
	assert_int_equal(series_lost_ns(window->series, netns), 0);
	assert_int_equal(series_lost_ns(window->series, OBJECT_HOST_ID), 0);
	read_one(window, 200, C_SOCK_DROPS, window->socket, 8);
	read_one(window, 300, SHORT, window->cpu, 2);
	assert_int_equal(series_lost_ns(window->series, netns), START_NS + 200 * NS_PER_MS);
	assert_int_equal(series_lost_ns(window->series, OBJECT_HOST_ID), START_NS + 300 * NS_PER_MS);
}

static void a_gauge_keeps_extremes_and_levels(void **state)
{
	struct window *window = *state;
	const struct cell *cell;

	read_one(window, 0, LEVEL, window->socket, 50);
	read_one(window, 100, LEVEL, window->socket, 900);
	read_one(window, 200, LEVEL, window->socket, 3);
	cell = series_cell(window->series, LEVEL, window->socket->id);
	assert_int_equal(cell->low, 3);
	assert_int_equal(cell->high, 900);
	assert_int_equal(cell->increase, 0);
	assert_int_equal(cell->state, 0); /* a level may fall */
	assert_int_equal(cell->points.data[0].increase, 900);
	assert_int_equal(series_increase(window->series, LEVEL, window->socket->id), 3);
}

static void thirty_two_bits_wrap_exactly(void **state)
{
	struct window *window = *state;
	const struct cell *cell;

	read_one(window, 0, SHORT, window->cpu, UINT32_MAX - 5);
	read_one(window, 100, SHORT, window->cpu, 4);
	cell = series_cell(window->series, SHORT, window->cpu->id);
	assert_int_equal(cell->increase, 10);
	assert_int_equal(cell->state, CELL_WRAPPED);
	read_one(window, 200, SHORT, window->cpu, 5);
	assert_int_equal(cell->increase, 11);
}

/* A fall by less than half of the range is somebody who set it to zero; what was lost before is not known. */
static void thirty_two_bits_may_start_again(void **state)
{
	struct window *window = *state;
	const struct cell *cell;

	read_one(window, 0, SHORT, window->cpu, 90000);
	read_one(window, 100, SHORT, window->cpu, 90010);
	read_one(window, 200, SHORT, window->cpu, 7);
	cell = series_cell(window->series, SHORT, window->cpu->id);
	assert_int_equal(cell->state, CELL_RESET);
	assert_int_equal(cell->increase, 17);
}

static void sixty_four_bits_never_wrap(void **state)
{
	struct window *window = *state;
	const struct cell *cell;

	read_one(window, 0, LONG_AGO, window->netns, UINT32_MAX);
	read_one(window, 100, LONG_AGO, window->netns, 20);
	cell = series_cell(window->series, LONG_AGO, window->netns->id);
	assert_int_equal(cell->state, CELL_RESET);
	assert_int_equal(cell->increase, 20);
}

/* A 32-bit name whose value is above 32 bits (a kernel that made it wider) cannot have wrapped at 32 bits. */
static void a_widened_total_is_reset_not_wrapped(void **state)
{
	struct window *window = *state;
	const struct cell *cell;

	read_one(window, 0, SHORT, window->cpu, UINT64_C(1) << 33);
	read_one(window, 100, SHORT, window->cpu, 12);
	cell = series_cell(window->series, SHORT, window->cpu->id);
	assert_int_equal(cell->state, CELL_RESET);
	assert_int_equal(cell->increase, 12);
}

/* A sum that lost one of its parts did not start again: what stood in it before the window is no loss. */
static void a_small_fall_is_no_start_from_zero(void **state)
{
	struct window *window = *state;
	const struct cell *cell;

	read_one(window, 0, LONG_AGO, window->netns, 4000000);
	read_one(window, 100, LONG_AGO, window->netns, 4000300);
	read_one(window, 200, LONG_AGO, window->netns, 3950000);
	read_one(window, 300, LONG_AGO, window->netns, 3950200);
	cell = series_cell(window->series, LONG_AGO, window->netns->id);
	assert_int_equal(cell->state, CELL_RESET);
	assert_int_equal(cell->increase, 500);
	assert_int_equal(cell->points.count, 2);
}

static void what_was_born_in_the_window_counts_from_zero(void **state)
{
	struct window *window = *state;
	const struct cell *cell;

	window->socket->born = true;
	read_none(window, 0, C_SOCK_DROPS, window->socket);
	read_one(window, 100, C_SOCK_DROPS, window->socket, 40);
	read_one(window, 200, C_SOCK_DROPS, window->socket, 45);
	cell = series_cell(window->series, C_SOCK_DROPS, window->socket->id);
	assert_true(cell->state & CELL_APPEARED);
	assert_int_equal(cell->first, 0);
	assert_int_equal(cell->increase, 45);
	assert_int_equal(cell->points.data[0].time_ms, 100);
	assert_int_equal(cell->points.data[0].increase, 40);
}

/* Seen late but not known to be new (it was hidden, or its source failed): only what it does from now on counts. */
static void what_merely_appears_does_not(void **state)
{
	struct window *window = *state;
	const struct cell *cell;

	read_none(window, 0, C_SOCK_DROPS, window->socket);
	read_one(window, 100, C_SOCK_DROPS, window->socket, 4000);
	read_one(window, 200, C_SOCK_DROPS, window->socket, 4005);
	cell = series_cell(window->series, C_SOCK_DROPS, window->socket->id);
	assert_int_equal(cell->state, CELL_APPEARED);
	assert_int_equal(cell->first, 4000);
	assert_int_equal(cell->increase, 5);
}

static void a_source_that_starts_late_has_nothing_new(void **state)
{
	struct window *window = *state;

	snapshot_missed(read_begin(window, 0), SOURCE_SOCKET, window->netns, -EPERM, "no permission");
	read_end(window);
	read_one(window, 100, C_SOCK_DROPS, window->socket, 4000);
	assert_int_equal(series_cell(window->series, C_SOCK_DROPS, window->socket->id)->state, 0);
}

static void a_born_gauge_is_only_a_level(void **state)
{
	struct window *window = *state;
	const struct cell *cell;

	window->socket->born = true;
	read_none(window, 0, LEVEL, window->socket);
	read_one(window, 100, LEVEL, window->socket, 4000);
	cell = series_cell(window->series, LEVEL, window->socket->id);
	assert_int_equal(cell->first, 4000);
	assert_int_equal(cell->increase, 0);
}

static void what_the_last_reading_lacks_vanished(void **state)
{
	struct window *window = *state;
	const struct cell *cell;

	read_one(window, 0, C_SOCK_DROPS, window->socket, 10);
	read_one(window, 100, C_SOCK_DROPS, window->socket, 30);
	read_none(window, 200, C_SOCK_DROPS, window->socket);
	series_finish(window->series);
	cell = series_cell(window->series, C_SOCK_DROPS, window->socket->id);
	assert_int_equal(cell->state, CELL_VANISHED);
	assert_int_equal(cell->increase, 20);
	assert_int_equal(cell->last, 30);
}

/* Another source's reading, or a failed one, says nothing about whether it is still there. */
static void what_was_not_looked_for_did_not_vanish(void **state)
{
	struct window *window = *state;

	read_one(window, 0, C_SOCK_DROPS, window->socket, 10);
	read_one(window, 100, LONG_AGO, window->netns, 1);
	snapshot_missed(read_begin(window, 200), SOURCE_SOCKET, window->netns, -EIO, "cut short");
	read_end(window);
	series_finish(window->series);
	assert_int_equal(series_cell(window->series, C_SOCK_DROPS, window->socket->id)->state, 0);
}

static uint64_t points_sum(const struct cell *cell)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < cell->points.count; i++) {
		sum += cell->points.data[i].increase;
		if (i)
			assert_true(cell->points.data[i].time_ms > cell->points.data[i - 1].time_ms);
	}
	return sum;
}

static void points_merge_and_lose_nothing(void **state)
{
	struct window *window = *state;
	const struct cell *total, *level;
	uint64_t steps = POINTS_MAX * 3;

	for (uint64_t i = 0; i <= steps; i++) {
		struct snapshot *snapshot = read_begin(window, i * 10);

		snapshot_add(snapshot, LONG_AGO, window->netns, i * 3);
		snapshot_add(snapshot, LEVEL, window->socket, i);
		read_end(window);
	}
	total = series_cell(window->series, LONG_AGO, window->netns->id);
	level = series_cell(window->series, LEVEL, window->socket->id);
	assert_int_equal(total->increase, steps * 3);
	assert_true(total->points.count <= POINTS_MAX);
	assert_int_equal(points_sum(total), steps * 3);
	assert_true(level->points.count <= POINTS_MAX);
	assert_int_equal(level->points.data[level->points.count - 1].increase, steps);
	assert_int_equal(level->points.data[level->points.count - 1].time_ms, steps * 10);
	assert_int_equal(level->high, steps);
}

/* Two readings in one instant, and one that says it is older than the window: no time runs backwards in a cell. */
static void odd_clocks_do_no_harm(void **state)
{
	struct window *window = *state;
	const struct cell *cell;

	read_one(window, 500, LONG_AGO, window->netns, 10);
	read_one(window, 500, LONG_AGO, window->netns, 13);
	read_one(window, 0, LONG_AGO, window->netns, 14);
	cell = series_cell(window->series, LONG_AGO, window->netns->id);
	assert_int_equal(cell->increase, 4);
	assert_int_equal(cell->points.count, 2);
	assert_int_equal(cell->points.data[0].time_ms, 0);
	assert_int_equal(cell->points.data[1].time_ms, 0);
	assert_int_equal(series_start_ns(window->series), START_NS + 500 * NS_PER_MS);
	assert_int_equal(series_end_ns(window->series), START_NS + 500 * NS_PER_MS);
	assert_true(series_seconds(window->series) == 0);
}

static void observations_keep_failures_and_gaps(void **state)
{
	struct window *window = *state;
	const struct observation *seen;

	read_none(window, 0, LONG_AGO, window->netns);
	read_none(window, 100, LONG_AGO, window->netns);
	snapshot_missed(read_begin(window, 200), SOURCE_SNMP, window->netns, -EIO, "cannot read /proc/net/snmp");
	read_end(window);
	snapshot_covered_partly(read_begin(window, 400), SOURCE_SNMP, window->netns, "a line was not understood");
	read_end(window);
	seen = series_observation(window->series, SOURCE_SNMP, window->netns->id);
	assert_int_equal(seen->readings, 3);
	assert_int_equal(seen->failures, 1);
	assert_int_equal(seen->error, -EIO);
	assert_int_equal(seen->gap_ns, 300 * NS_PER_MS);
	assert_int_equal(seen->last_ns - seen->first_ns, 400 * NS_PER_MS);
	assert_true(seen->partial);
	assert_string_equal(seen->reason, "a line was not understood");
	assert_int_equal(series_observations(window->series), 1);
	assert_null(series_observation(window->series, SOURCE_SNMP, OBJECT_HOST_ID));
	assert_int_equal(series_snapshots(window->series), 4);
}

static void sums_go_by_namespace(void **state)
{
	struct window *window = *state;
	struct object *far = object_intern(window->objects, (struct object_key){ OBJECT_NETNS, 8, 0, 0 }, NULL);
	const struct object *other =
		object_intern(window->objects, (struct object_key){ OBJECT_SOCKET, 8, 2, 17 }, NULL);
	const struct object *third =
		object_intern(window->objects, (struct object_key){ OBJECT_SOCKET, 7, 3, 17 }, NULL);

	for (uint64_t step = 0; step < 2; step++) {
		struct snapshot *snapshot = read_begin(window, step * 100);

		snapshot_add(snapshot, C_SOCK_DROPS, window->socket, 10 + step * 5);
		snapshot_add(snapshot, C_SOCK_DROPS, other, step * 70);
		snapshot_add(snapshot, C_SOCK_DROPS, third, step);
		read_end(window);
	}
	assert_int_equal(series_increase_in(window->series, C_SOCK_DROPS, window->netns->id), 6);
	assert_int_equal(series_increase_in(window->series, C_SOCK_DROPS, far->id), 70);
	assert_int_equal(series_increase_in(window->series, C_SOCK_DROPS, OBJECT_HOST_ID), 76);
	assert_int_equal(series_cells(window->series), 3);
	assert_ptr_equal(series_cell_at(window->series, C_SOCK_DROPS, 1),
			 series_cell(window->series, C_SOCK_DROPS, other->id));
	assert_null(series_cell_at(window->series, C_SOCK_DROPS, 3));
	assert_null(series_cell_at(window->series, COUNTER_NONE, 0));
}

/* More cells than one chunk and than the first hash table hold: none is lost and pointers stay. */
static void many_cells_are_all_found(void **state)
{
	struct window *window = *state;
	struct snapshot *snapshot = read_begin(window, 0);
	const struct cell *first;

	snapshot_add(snapshot, C_SOCK_DROPS, window->socket, 1);
	read_end(window);
	first = series_cell(window->series, C_SOCK_DROPS, window->socket->id);
	snapshot = read_begin(window, 100);
	for (uint64_t i = 0; i < 5000; i++)
		snapshot_add(snapshot, C_SOCK_DROPS,
			     object_intern(window->objects, (struct object_key){ OBJECT_SOCKET, 7, 100 + i, 17 }, NULL),
			     i);
	read_end(window);
	assert_int_equal(series_cells(window->series), 5001);
	for (uint64_t i = 0; i < 5000; i++) {
		const struct object *object =
			object_find(window->objects, (struct object_key){ OBJECT_SOCKET, 7, 100 + i, 17 });

		assert_int_equal(series_last(window->series, C_SOCK_DROPS, object->id), i);
	}
	assert_ptr_equal(series_cell(window->series, C_SOCK_DROPS, window->socket->id), first);
}

#define WITH_WINDOW(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* Very many counters that move for long: their course gets coarser, their sums stay, and the memory has a bound. */
static void points_of_all_cells_have_a_budget(void **state)
{
	enum { CELLS = 12000, STEPS = 600 };
	struct window *window = *state;
	size_t capacity = 0;

	for (uint64_t i = 0; i < CELLS; i++)
		(void)object_intern(window->objects, (struct object_key){ OBJECT_LINK, 7, i + 1, 0 }, NULL);
	for (uint64_t step = 0; step <= STEPS; step++) {
		struct snapshot *snapshot = read_begin(window, step);

		for (uint64_t i = 0; i < CELLS; i++)
			snapshot_add(snapshot, C_LINK_RX_PACKETS,
				     object_find(window->objects, (struct object_key){ OBJECT_LINK, 7, i + 1, 0 }),
				     1000 + step * 2);
		read_end(window);
	}
	for (size_t i = 0; i < series_cells(window->series); i++) {
		const struct cell *cell = series_cell_by_index(window->series, i);

		capacity += cell->points.capacity;
		assert_int_equal(cell->increase, 2 * STEPS);
		assert_int_equal(points_sum(cell), 2 * STEPS);
	}
	assert_int_equal(series_cells(window->series), CELLS);
	assert_true(capacity <= 2 * POINTS_BUDGET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WINDOW(a_total_rises_by_its_difference),
		WITH_WINDOW(a_loss_is_known_where_and_when_it_was),
		WITH_WINDOW(a_gauge_keeps_extremes_and_levels),
		WITH_WINDOW(thirty_two_bits_wrap_exactly),
		WITH_WINDOW(thirty_two_bits_may_start_again),
		WITH_WINDOW(sixty_four_bits_never_wrap),
		WITH_WINDOW(a_widened_total_is_reset_not_wrapped),
		WITH_WINDOW(a_small_fall_is_no_start_from_zero),
		WITH_WINDOW(what_was_born_in_the_window_counts_from_zero),
		WITH_WINDOW(what_merely_appears_does_not),
		WITH_WINDOW(a_source_that_starts_late_has_nothing_new),
		WITH_WINDOW(a_born_gauge_is_only_a_level),
		WITH_WINDOW(what_the_last_reading_lacks_vanished),
		WITH_WINDOW(what_was_not_looked_for_did_not_vanish),
		WITH_WINDOW(points_merge_and_lose_nothing),
		WITH_WINDOW(odd_clocks_do_no_harm),
		WITH_WINDOW(observations_keep_failures_and_gaps),
		WITH_WINDOW(sums_go_by_namespace),
		WITH_WINDOW(many_cells_are_all_found),
		WITH_WINDOW(points_of_all_cells_have_a_budget),
	};

	return cmocka_run_group_tests_name("series", tests, NULL, NULL);
}
