/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diagnose/detection: a level that was read seldom is laid over losses that were read often. */
#include "base/clock.h"
#include "diagnose/detection.h"
#include "unit/unit.h"

#define START_NS (1000 * (uint64_t)NS_PER_S)
#define LOSSES C_SOCK_DROPS
#define BLOCKED C_PROCESS_THREADS_BLOCKED

struct window {
	struct objects *objects;
	struct object *socket, *process;
	struct series *series;
};

static int setup(void **state)
{
	struct window *window = NEW(struct window);

	window->objects = objects_new();
	window->socket = object_intern(window->objects, (struct object_key){ OBJECT_SOCKET, 7, 1, 17 }, NULL);
	window->process = object_intern(window->objects, (struct object_key){ OBJECT_PROCESS, 0, 12, 1 }, NULL);
	window->series = series_new(window->objects);
	*state = window;
	return 0;
}

static int teardown(void **state)
{
	struct window *window = *state;

	series_free(window->series);
	objects_free(window->objects);
	free(window);
	return 0;
}

static void read_one(const struct window *window, uint64_t time_ms, counter_id counter, const struct object *object,
		     uint64_t value)
{
	struct snapshot snapshot = { 0 };

	snapshot_begin(&snapshot, window->objects);
	snapshot.time_ns = START_NS + time_ms * NS_PER_MS;
	snapshot_add(&snapshot, counter, object, value);
	series_add(window->series, &snapshot);
	snapshot_free(&snapshot);
}

/* Ten losses each 100 ms from 100 ms to 2 s, evenly. */
static void lose(const struct window *window)
{
	for (uint64_t time_ms = 0; time_ms <= 2000; time_ms += 100)
		read_one(window, time_ms, LOSSES, window->socket, time_ms / 10);
}

static double share(const struct window *window)
{
	return gauge_share_of(window->series, series_cell(window->series, BLOCKED, window->process->id), 1,
			      series_cell(window->series, LOSSES, window->socket->id));
}

static void test_read_as_often(void **state)
{
	const struct window *window = *state;

	lose(window);
	for (uint64_t time_ms = 0; time_ms <= 2000; time_ms += 100)
		read_one(window, time_ms, BLOCKED, window->process, time_ms > 1500);
	assert_float_equal(share(window), 0.25, 1e-6);
}

/* Idle at the start, blocked at the end, nothing in between: when it began cannot be told, so half the time. */
static void test_read_twice(void **state)
{
	const struct window *window = *state;

	lose(window);
	read_one(window, 0, BLOCKED, window->process, 0);
	read_one(window, 2000, BLOCKED, window->process, 1);
	assert_float_equal(share(window), 0.5, 0.06);
}

static void test_never_blocked(void **state)
{
	const struct window *window = *state;

	lose(window);
	read_one(window, 0, BLOCKED, window->process, 0);
	read_one(window, 2000, BLOCKED, window->process, 0);
	assert_float_equal(share(window), 0, 1e-6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_read_as_often, setup, teardown),
		cmocka_unit_test_setup_teardown(test_read_twice, setup, teardown),
		cmocka_unit_test_setup_teardown(test_never_blocked, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
