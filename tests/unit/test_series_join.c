/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model/series_join: two windows, each with objects of its own, joined are what one long window would have been. */
#include "base/clock.h"
#include "model/series.h"
#include "unit/unit.h"

#include <errno.h>

#define START_NS (1000 * (uint64_t)NS_PER_S)
#define STEPS 40
#define SPLIT 17 /* the first reading of the later window */

/* Objects in another order, so that ids differ. */
struct window {
	struct objects *objects;
	struct object *netns, *link, *socket;
	struct series *series;
};

static void window_open(struct window *window, bool swapped)
{
	window->objects = objects_new();
	if (swapped)
		(void)object_intern(window->objects, (struct object_key){ OBJECT_CPU, 0, 3, 0 }, NULL);
	window->netns = object_intern(window->objects, (struct object_key){ OBJECT_NETNS, 7, 0, 0 }, NULL);
	for (int pass = 0; pass < 2; pass++) {
		if ((pass == 0) == swapped)
			window->link =
				object_intern(window->objects, (struct object_key){ OBJECT_LINK, 7, 2, 0 }, NULL);
		else
			window->socket =
				object_intern(window->objects, (struct object_key){ OBJECT_SOCKET, 7, 1, 17 }, NULL);
	}
	object_label(window->link, LABEL_NAME, "eth0");
	window->socket->owner = 0;
	window->socket->link = window->link->id;
	window->series = series_new(window->objects);
}

static void window_close(struct window *window)
{
	series_free(window->series);
	objects_free(window->objects);
}

/* A total that starts again, one that wraps, a level, and a socket that goes away. */
static void read_step(const struct window *window, uint64_t step)
{
	struct snapshot snapshot = { 0 };
	struct coverage *coverage;

	snapshot_begin(&snapshot, window->objects);
	snapshot.time_ns = START_NS + step * 100 * NS_PER_MS;
	snapshot_add(&snapshot, C_UDP_RCVBUF_ERRORS, window->netns, step < 25 ? 1000 + step * step : step * 3);
	snapshot_add(&snapshot, C_SOFTNET_DROPPED, window->netns, (UINT32_MAX - 100 + step * 10) & UINT32_MAX);
	snapshot_add(&snapshot, C_LINK_RX_PACKETS, window->link, step / 5 * 100);
	snapshot_covered(&snapshot, SOURCE_LINK, window->netns);
	if (step < 30)
		snapshot_add(&snapshot, C_SOCK_RMEM, window->socket, step * 7 % 50);
	if (step % 10 == 9)
		snapshot_missed(&snapshot, SOURCE_SOCKET, window->netns, -EAGAIN, "it was busy");
	else
		snapshot_covered(&snapshot, SOURCE_SOCKET, window->netns);
	vec_each(&snapshot.coverage, coverage)
		coverage->time_ns = snapshot.time_ns;
	series_add(window->series, &snapshot);
	snapshot_free(&snapshot);
}

static void fill(struct window *window, uint64_t from, uint64_t until)
{
	for (uint64_t step = from; step < until; step++)
		read_step(window, step);
	series_finish(window->series);
}

static void cells_same(const struct cell *a, const struct cell *b)
{
	assert_non_null(b);
	assert_int_equal(a->first, b->first);
	assert_int_equal(a->last, b->last);
	assert_int_equal(a->first_ns, b->first_ns);
	assert_int_equal(a->last_ns, b->last_ns);
	assert_int_equal(a->increase, b->increase);
	assert_int_equal(a->low, b->low);
	assert_int_equal(a->high, b->high);
	assert_int_equal(a->readings, b->readings);
	assert_int_equal(a->state, b->state);
	assert_int_equal(a->points.count, b->points.count);
	for (size_t i = 0; i < a->points.count; i++) {
		assert_int_equal(a->points.data[i].time_ms, b->points.data[i].time_ms);
		assert_int_equal(a->points.data[i].increase, b->points.data[i].increase);
	}
}

static void joined_as_one(void **state)
{
	static const counter_id of_netns[] = { C_UDP_RCVBUF_ERRORS, C_SOFTNET_DROPPED };
	struct window whole, earlier, later;
	const struct observation *a, *b;

	(void)state;
	window_open(&whole, false);
	window_open(&earlier, false);
	window_open(&later, true);
	fill(&whole, 0, STEPS);
	fill(&earlier, 0, SPLIT);
	fill(&later, SPLIT, STEPS);
	series_join(earlier.series, later.series);
	for (size_t i = 0; i < ARRAY_SIZE(of_netns); i++)
		cells_same(series_cell(whole.series, of_netns[i], whole.netns->id),
			   series_cell(earlier.series, of_netns[i], earlier.netns->id));
	cells_same(series_cell(whole.series, C_LINK_RX_PACKETS, whole.link->id),
		   series_cell(earlier.series, C_LINK_RX_PACKETS, earlier.link->id));
	cells_same(series_cell(whole.series, C_SOCK_RMEM, whole.socket->id),
		   series_cell(earlier.series, C_SOCK_RMEM, earlier.socket->id));
	assert_true(series_cell(earlier.series, C_SOCK_RMEM, earlier.socket->id)->state & CELL_VANISHED);
	assert_true(series_cell(earlier.series, C_UDP_RCVBUF_ERRORS, earlier.netns->id)->state & CELL_RESET);
	assert_int_equal(series_snapshots(earlier.series), STEPS);
	assert_int_equal(series_end_ns(earlier.series), series_end_ns(whole.series));
	a = series_observation(whole.series, SOURCE_SOCKET, whole.netns->id);
	b = series_observation(earlier.series, SOURCE_SOCKET, earlier.netns->id);
	assert_int_equal(a->readings, b->readings);
	assert_int_equal(a->failures, b->failures);
	assert_int_equal(a->gap_ns, b->gap_ns);
	assert_int_equal(a->last_ns, b->last_ns);
	window_close(&whole);
	window_close(&earlier);
	window_close(&later);
}

/* What only the later window knows comes along with its labels and relations. */
static void newcomers_come_along(void **state)
{
	struct window earlier, later;
	const struct object *process;
	struct object *reader;
	struct snapshot snapshot = { 0 };

	(void)state;
	window_open(&earlier, false);
	window_open(&later, true);
	fill(&earlier, 0, SPLIT);
	reader = object_intern(later.objects, (struct object_key){ OBJECT_PROCESS, 0, 12, 99 }, NULL);
	object_label(reader, LABEL_COMM, "reader");
	reader->pid = 12;
	later.socket->owner = reader->id;
	fill(&later, SPLIT, STEPS);
	snapshot_begin(&snapshot, later.objects);
	snapshot.time_ns = START_NS + STEPS * 100 * NS_PER_MS;
	snapshot_add(&snapshot, C_PROCESS_CPU_NS, reader, 5);
	series_add(later.series, &snapshot);
	snapshot_free(&snapshot);
	series_join(earlier.series, later.series);
	process = object_find(earlier.objects, (struct object_key){ OBJECT_PROCESS, 0, 12, 99 });
	assert_non_null(process);
	assert_string_equal(object_text(process, LABEL_COMM), "reader");
	assert_int_equal(process->pid, 12);
	assert_int_equal(earlier.socket->owner, process->id);
	assert_int_equal(earlier.socket->link, earlier.link->id);
	assert_int_equal(series_last(earlier.series, C_PROCESS_CPU_NS, process->id), 5);
	window_close(&earlier);
	window_close(&later);
}

/* A later window that ended before it had looked up the other end, or the owner, takes neither away. */
static void relations_stay_unless_there_are_newer_ones(void **state)
{
	const struct object_key keys[] = { { OBJECT_LINK, 8, 3, 0 }, { OBJECT_PROCESS, 0, 12, 99 } };
	struct window earlier, later;
	uint32_t peer, owner;

	(void)state;
	for (int newer = 0; newer < 2; newer++) {
		window_open(&earlier, false);
		window_open(&later, true);
		peer = earlier.link->peer = object_intern(earlier.objects, keys[0], NULL)->id;
		owner = earlier.socket->owner = object_intern(earlier.objects, keys[1], NULL)->id;
		if (newer) {
			later.link->peer =
				object_intern(later.objects, (struct object_key){ OBJECT_LINK, 9, 3, 0 }, NULL)->id;
			later.socket->owner =
				object_intern(later.objects, (struct object_key){ OBJECT_PROCESS, 0, 13, 99 }, NULL)->id;
		}
		fill(&earlier, 0, SPLIT);
		fill(&later, SPLIT, STEPS);
		series_join(earlier.series, later.series);
		if (newer) {
			assert_int_equal(object_get(earlier.objects, earlier.link->peer)->key.netns, 9);
			assert_int_equal(object_get(earlier.objects, earlier.socket->owner)->key.a, 13);
		} else {
			assert_int_equal(earlier.link->peer, peer);
			assert_int_equal(earlier.socket->owner, owner);
		}
		window_close(&earlier);
		window_close(&later);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joined_as_one),
		cmocka_unit_test(newcomers_come_along),
		cmocka_unit_test(relations_stay_unless_there_are_newer_ones),
	};

	return cmocka_run_group_tests_name("series_join", tests, NULL, NULL);
}
