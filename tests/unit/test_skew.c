/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ledger_skew(): two counters of the same loss that were not read in the same instant. */
#include "base/clock.h"
#include "model/ledger.h"
#include "unit/unit.h"

#define START_NS (10 * NS_PER_S)

/* Two namespaces with a virtual pair, one end in each, and a queue on the near one. */
struct scene {
	struct objects *objects;
	struct object *near, *link, *peer, *queue, *cpu;
	struct series *series;
};

static struct object *make(const struct scene *scene, enum object_kind kind, uint64_t netns, uint64_t a)
{
	struct object *object = object_intern(scene->objects, (struct object_key){ kind, netns, a, 0 }, NULL);

	assert_non_null(object);
	return object;
}

static struct scene scene_new(void)
{
	struct scene scene = { .objects = objects_new() };

	scene.series = series_new(scene.objects);
	scene.near = make(&scene, OBJECT_NETNS, 7, 0);
	(void)make(&scene, OBJECT_NETNS, 8, 0);
	scene.link = make(&scene, OBJECT_LINK, 7, 2);
	scene.peer = make(&scene, OBJECT_LINK, 8, 3);
	scene.queue = make(&scene, OBJECT_QDISC, 7, 4);
	scene.cpu = make(&scene, OBJECT_CPU, 0, 0);
	object_label(scene.link, LABEL_KIND, "veth");
	scene.link->peer = scene.peer->id;
	scene.queue->parent = scene.link->id;
	return scene;
}

static void read_at(const struct scene *scene, uint64_t ms, counter_id counter, const struct object *object,
		    uint64_t value)
{
	struct snapshot snapshot = { 0 };

	snapshot_begin(&snapshot, scene->objects);
	snapshot.time_ns = START_NS + ms * NS_PER_MS;
	snapshot_add(&snapshot, counter, object, value);
	series_add(scene->series, &snapshot);
	snapshot_free(&snapshot);
}

/* What nobody else has of the counter. */
static uint64_t left_at_the_end(struct scene *scene, counter_id counter, const struct object *object)
{
	struct ledger *ledger;
	uint64_t left;

	series_finish(scene->series);
	ledger = ledger_new(scene->series);
	left = ledger_left(ledger, counter, object->id);
	ledger_free(ledger);
	series_free(scene->series);
	objects_free(scene->objects);
	return left;
}

/*
 * 2000 packets in a second that never stops: the queue was read 5 ms before the window's end, when ten of them were
 * still to come. As many, or a few more for what the clock cannot tell, are the same packets; a hundred are others.
 */
static uint64_t left_of_discards(uint64_t discards)
{
	struct scene scene = scene_new();

	read_at(&scene, 0, C_QDISC_DROPS, scene.queue, 0);
	read_at(&scene, 0, C_IP_OUT_DISCARDS, scene.near, 0);
	read_at(&scene, 995, C_QDISC_DROPS, scene.queue, 1990);
	read_at(&scene, 1000, C_IP_OUT_DISCARDS, scene.near, discards);
	return left_at_the_end(&scene, C_IP_OUT_DISCARDS, scene.near);
}

static void what_was_read_later_is_not_another_loss(void **state)
{
	(void)state;
	assert_int_equal(left_of_discards(1990), 0);
	assert_int_equal(left_of_discards(2000), 0);
	assert_int_equal(left_of_discards(2090), 100);
}

/*
 * Both are read in one go at the window's end, but the reader has to give up the processor for 30 ms in between, or while
 * it reads the second one: what is lost meanwhile, sixty packets at 2000 a second, is in the one and not in the other.
 */
static uint64_t left_after_a_pause(uint64_t between_ms, uint64_t within_ms, uint64_t discards)
{
	struct scene scene = scene_new();

	for (uint64_t ms = 0; ms <= 1000; ms += 1000) {
		struct snapshot snapshot = { 0 };
		uint64_t qdisc_ns = START_NS + (ms + 1) * NS_PER_MS, snmp_ns = qdisc_ns + NS_PER_MS;

		if (ms)
			snmp_ns += (between_ms + within_ms) * NS_PER_MS;
		snapshot_begin(&snapshot, scene.objects);
		snapshot.time_ns = START_NS + ms * NS_PER_MS;
		snapshot_add(&snapshot, C_QDISC_DROPS, scene.queue, ms * 2);
		snapshot_covered(&snapshot, SOURCE_QDISC, scene.near);
		snapshot_add(&snapshot, C_IP_OUT_DISCARDS, scene.near, ms ? discards : 0);
		snapshot_covered(&snapshot, SOURCE_SNMP, scene.near);
		snapshot.coverage.data[0].time_ns = qdisc_ns;
		snapshot.coverage.data[0].took_ns = NS_PER_MS;
		snapshot.coverage.data[1].time_ns = snmp_ns;
		snapshot.coverage.data[1].took_ns = (1 + (ms ? within_ms : 0)) * NS_PER_MS;
		series_add(scene.series, &snapshot);
		snapshot_free(&snapshot);
	}
	return left_at_the_end(&scene, C_IP_OUT_DISCARDS, scene.near);
}

static void what_a_busy_host_lets_pass_is_not_another_loss(void **state)
{
	(void)state;
	assert_int_equal(left_after_a_pause(30, 0, 2060), 0);
	assert_int_equal(left_after_a_pause(0, 30, 2060), 0);
	assert_int_equal(left_after_a_pause(30, 0, 2200), 200);
	assert_int_equal(left_after_a_pause(0, 0, 2060), 60);
}

/*
 * A pair of virtual interfaces goes with its namespaces in the middle of a window. What the far end dropped the near end
 * counts as well, and it was read 100 ms longer; in what it counts later than that, the far end had no part.
 */
static uint64_t left_of_sent(uint64_t then, uint64_t later)
{
	struct scene scene = scene_new();

	read_at(&scene, 100, C_LINK_RX_DROPPED, scene.peer, 0);
	read_at(&scene, 100, C_LINK_TX_DROPPED, scene.link, 0);
	read_at(&scene, 200, C_LINK_RX_DROPPED, scene.peer, 400);
	read_at(&scene, 200, C_LINK_TX_DROPPED, scene.link, 400);
	read_at(&scene, 300, C_LINK_TX_DROPPED, scene.link, 400 + then);
	read_at(&scene, 1500, C_LINK_TX_DROPPED, scene.link, 400 + then + later);
	read_at(&scene, 3000, C_SOFTNET_DROPPED, scene.cpu, 0);
	return left_at_the_end(&scene, C_LINK_TX_DROPPED, scene.link);
}

static void what_went_counts_no_more(void **state)
{
	(void)state;
	assert_int_equal(left_of_sent(0, 0), 0);
	assert_int_equal(left_of_sent(60, 0), 0);
	assert_int_equal(left_of_sent(60, 300), 360);
}

/*
 * 5000 packets in a second, read every 25 ms. Forty come at once while the second counter is being read, before it is: at
 * the start, in the middle or at the end. In the middle that is made up for by the next reading, or it is another loss.
 */
static uint64_t left_of_burst(uint64_t burst_ms, bool made_up_for)
{
	struct scene scene = scene_new();
	uint64_t more = 0;

	for (uint64_t ms = 0; ms <= 1000; ms += 25) {
		if (ms == burst_ms)
			more = 40;
		else if (made_up_for)
			more = 0;
		read_at(&scene, ms, C_QDISC_DROPS, scene.queue, ms * 5);
		read_at(&scene, ms, C_IP_OUT_DISCARDS, scene.near, ms * 5 + more);
	}
	return left_at_the_end(&scene, C_IP_OUT_DISCARDS, scene.near);
}

static void a_burst_between_two_readings_is_not_another_loss(void **state)
{
	(void)state;
	assert_int_equal(left_of_burst(25, false), 0);
	assert_int_equal(left_of_burst(1000, false), 0);
	assert_int_equal(left_of_burst(500, true), 0);
	assert_int_equal(left_of_burst(500, false), 40);
	assert_int_equal(left_of_burst(975, false), 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_read_later_is_not_another_loss),
		cmocka_unit_test(what_a_busy_host_lets_pass_is_not_another_loss),
		cmocka_unit_test(what_went_counts_no_more),
		cmocka_unit_test(a_burst_between_two_readings_is_not_another_loss),
	};

	return cmocka_run_group_tests_name("skew", tests, NULL, NULL);
}
