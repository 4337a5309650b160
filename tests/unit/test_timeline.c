/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diagnose/timeline: causes and effects laid over each other, each read when there was time. */
#include "base/clock.h"
#include "diagnose/judge.h"
#include "diagnose/rise.h"
#include "diagnose/timeline.h"
#include "unit/unit.h"

#include <stdlib.h>

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

/*
 * 150 packets a second, then 20000 from 780 ms on. The reading at 800 ms has the very beginning; the next one comes late, so that
 * nothing seems to come for a while.
 */
static void a_reading_left_out_makes_no_second_beginning(void **state)
{
	static const counter_id counters[] = { C_IP_IN_RECEIVES };
	struct scene scene = scene_new();
	struct rise rise = { 0 };

	(void)state;
	for (uint64_t ms = 0; ms <= 2000; ms += 100) {
		uint64_t flood = ms < 780 ? 0 : (ms < 1400 ? ms : 1400) - 780;

		if (ms != 900)
			read_at(&scene, ms, SOURCE_SNMP, C_IP_IN_RECEIVES, ms * 15 / 100 + flood * 20);
	}
	series_finish(scene.series);
	assert_true(rise_find(scene.series, counters, 1, scene.netns->id, &rise));
	assert_in_range(rise.from_ms, 700, 900);
	assert_in_range((uint64_t)rise.before, 100, 200);
	assert_true(rise.during > 15000);
	scene_free(&scene);
}

static void burst_read_at(const uint64_t *times_ms, size_t count, struct finding *finding, struct scene *scene)
{
	uint64_t lost = 0;

	*scene = scene_new();
	for (size_t i = 0; i < count; i++) {
		lost += times_ms[i] > 500 && times_ms[i] < 900 ? 100 : 0;
		read_at(scene, times_ms[i], SOURCE_SNMP, C_UDP_RCVBUF_ERRORS, lost);
	}
	series_finish(scene->series);
	*finding = (struct finding){ .packets = lost };
	finding_evidence(finding, scene->series, C_UDP_RCVBUF_ERRORS, scene->netns->id, NULL);
	finding_spread(scene->series, finding);
	vec_free(&finding->evidence);
	free(finding->detail);
	scene_free(scene);
}

/* Readings at 599 and at 701 ms are two in a row, with an empty step between them. */
static void a_late_reading_makes_no_second_burst(void **state)
{
	static const uint64_t late[] = { 0, 100, 200, 300, 400, 500, 599, 701, 800, 900, 1000, 1100, 1200, 1300 };
	static const uint64_t regular[] = { 0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000, 1100, 1200, 1300 };
	struct finding finding;
	struct scene scene;

	(void)state;
	burst_read_at(late, sizeof(late) / sizeof(late[0]), &finding, &scene);
	assert_int_equal(finding.packets, 300);
	assert_int_equal(finding.spread.bursts, 1);
	assert_in_range(finding.spread.longest_ms, 300, 400);
	burst_read_at(regular, sizeof(regular) / sizeof(regular[0]), &finding, &scene);
	assert_int_equal(finding.spread.bursts, 1);
	assert_int_equal(finding.spread.longest_ms, 300);
}

static void two_bursts_stay_two(void **state)
{
	struct scene scene = scene_new();
	struct finding finding = { .packets = 200 };

	(void)state;
	for (uint64_t ms = 0; ms <= 1300; ms += 100)
		read_at(&scene, ms, SOURCE_SNMP, C_UDP_RCVBUF_ERRORS, ms < 600 ? 0 : ms < 800 ? 100 : 200);
	series_finish(scene.series);
	finding_evidence(&finding, scene.series, C_UDP_RCVBUF_ERRORS, scene.netns->id, NULL);
	finding_spread(scene.series, &finding);
	assert_int_equal(finding.spread.bursts, 2);
	vec_free(&finding.evidence);
	free(finding.detail);
	scene_free(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_late_reading_makes_no_second_burst),
		cmocka_unit_test(two_bursts_stay_two),
		cmocka_unit_test(a_reading_left_out_makes_no_second_beginning),
		cmocka_unit_test(a_pause_between_two_readings_counts),
	};

	return cmocka_run_group_tests_name("timeline", tests, NULL, NULL);
}
