/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diagnose/timeline: causes and effects laid over each other, each read when there was time. */
#include "base/clock.h"
#include "diagnose/timeline.h"
#include "unit/unit.h"

#define START_NS (10 * NS_PER_S)
#define REACH_MS 300

struct scene {
	struct objects *objects;
	struct object *netns;
	struct series *series;
};

static struct scene scene_new(void)
{
	struct scene scene = { .objects = objects_new() };

	scene.series = series_new(scene.objects);
	scene.netns = object_intern(scene.objects, (struct object_key){ OBJECT_NETNS, 7, 0, 0 }, NULL);
	assert_non_null(scene.netns);
	return scene;
}

static void scene_free(struct scene *scene)
{
	series_free(scene->series);
	objects_free(scene->objects);
}

static void read_at(const struct scene *scene, uint64_t ms, enum source_id source, counter_id counter, uint64_t value)
{
	struct snapshot snapshot = { 0 };

	snapshot_begin(&snapshot, scene->objects);
	snapshot.time_ns = START_NS + ms * NS_PER_MS;
	snapshot_add(&snapshot, counter, scene->netns, value);
	snapshot_covered(&snapshot, source, scene->netns);
	snapshot.coverage.data[0].time_ns = snapshot.time_ns;
	series_add(scene->series, &snapshot);
	snapshot_free(&snapshot);
}

/*
 * Ten losses, each sent again at once. The count of losses is read every 100 ms, but once only after 900: by then most was sent
 * again, which is told from the last reading before that, and not from the mean time between two.
 */
static void a_pause_between_two_readings_counts(void **state)
{
	struct scene scene = scene_new();
	const struct cell *lost, *resent;
	struct timeline losses, again;

	(void)state;
	for (uint64_t ms = 0; ms <= 3000; ms += 100) {
		uint64_t happened = ms < 500 ? 0 : ms < 1000 ? (ms - 400) / 100 * 10 : 60;

		read_at(&scene, ms, SOURCE_SNMP, C_TCP_RETRANS_SEGS, happened);
		if (ms <= 400 || ms >= 1300)
			read_at(&scene, ms, SOURCE_SNMP6, C_IP6_IN_NO_ROUTES, happened);
	}
	series_finish(scene.series);
	lost = series_cell(scene.series, C_IP6_IN_NO_ROUTES, scene.netns->id);
	resent = series_cell(scene.series, C_TCP_RETRANS_SEGS, scene.netns->id);
	assert_in_range(cell_interval_ms(lost), 100, 200);
	assert_int_equal(cell_unread_ms(scene.series, lost), 900);
	assert_int_equal(cell_unread_ms(scene.series, resent), 100);

	timeline_init(&losses, scene.series, TIMELINE_STEP_MS);
	timeline_init(&again, scene.series, TIMELINE_STEP_MS);
	timeline_add(&losses, lost, 60, cell_unread_ms(scene.series, lost));
	timeline_add(&again, resent, 60, 0);
	assert_int_equal(timeline_follow(&losses, &again, cell_unread_ms(scene.series, lost) + REACH_MS), 60);
	timeline_free(&losses);
	timeline_free(&again);
	scene_free(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pause_between_two_readings_counts),
	};

	return cmocka_run_group_tests_name("timeline", tests, NULL, NULL);
}
