/* SPDX-License-Identifier: GPL-2.0-or-later */
/* More findings than there is room for: what hurts nobody does not take the place of a loss, and no packet is lost twice. */
#include "base/clock.h"
#include "diagnose/detection.h"
#include "unit/unit.h"

#define NAMESPACES 400u
#define FIRST_INODE 4026532000u

static void take(struct series *series, struct objects *objects, uint64_t time_ns, bool later)
{
	static const counter_id harmless[] = { C_TCP_OUT_RSTS, C_TCP_EXT_TCP_LOSS_PROBES,
					       C_TCP_EXT_TCP_DSACK_RECV_SEGS };
	struct snapshot snapshot = { 0 };
	const struct object *netns = NULL;

	snapshot_begin(&snapshot, objects);
	snapshot.time_ns = time_ns;
	for (uint32_t n = 0; n < NAMESPACES; n++) {
		const struct object_key key = { OBJECT_NETNS, FIRST_INODE + n, 0, 0 };

		netns = object_intern(objects, key, NULL);
		for (size_t i = 0; i < ARRAY_SIZE(harmless); i++)
			snapshot_add(&snapshot, harmless[i], netns, later);
	}
	snapshot_add(&snapshot, C_TCP_RETRANS_SEGS, netns, later ? 3001 : 0);
	snapshot_add(&snapshot, C_TCP_OUT_SEGS, netns, later ? 60000 : 0);
	snapshot_covered(&snapshot, SOURCE_SNMP, netns);
	series_add(series, &snapshot);
	snapshot_free(&snapshot);
}

static void harmless_ones_leave_room_for_a_loss(void **state)
{
	struct objects *objects = objects_new();
	struct series *series = series_new(objects);
	uint64_t start = clock_monotonic_ns();
	struct diagnosis diagnosis;

	for (unsigned int tick = 0; tick <= 20; tick++)
		take(series, objects, start + tick * 100 * NS_PER_MS, tick > 10);
	series_finish(series);
	diagnose(series, &(struct diagnose_options){ 0 }, &diagnosis);
	assert_non_null(diagnosis.first);
	assert_string_equal(cause_id(diagnosis.first->cause), "remote-loss");
	assert_int_equal(diagnosis.first->packets, 3000);
	assert_int_equal(diagnosis.findings.list.count, 1);
	assert_true(diagnosis.innocent.list.count >= 1000 && diagnosis.innocent.list.count < 1100);
	diagnosis_free(&diagnosis);
	series_free(series);
	objects_free(objects);
}

/* A series in which a queue dropped 100 packets. */
static struct series *dropped(struct objects *objects, uint32_t *ret_queue)
{
	const struct object *queue =
		object_intern(objects, (struct object_key){ OBJECT_QDISC, FIRST_INODE, 2, 1 }, NULL);
	struct series *series = series_new(objects);

	for (uint64_t tick = 0; tick < 2; tick++) {
		struct snapshot snapshot = { 0 };

		snapshot_begin(&snapshot, objects);
		snapshot.time_ns = (tick + 1) * NS_PER_S;
		snapshot_add(&snapshot, C_QDISC_DROPS, queue, tick * 100);
		series_add(series, &snapshot);
		snapshot_free(&snapshot);
	}
	series_finish(series);
	*ret_queue = queue->id;
	return series;
}

static void a_loss_without_room_explains_nothing(void **state)
{
	struct objects *objects = objects_new();
	struct findings found = { 0 };
	uint32_t queue;
	struct series *series = dropped(objects, &queue);
	struct ledger *ledger = ledger_new(series);
	struct detection detection = { .series = series, .objects = objects, .ledger = ledger, .found = &found };
	struct finding *finding;

	while (finding_add(&found, CAUSE_QDISC_QUEUE_FULL, queue))
		;
	finding = detect_add(&detection, CAUSE_QDISC_QUEUE_FULL, queue, UNIT_SKBS, DIRECTION_EGRESS);
	assert_non_null(finding);
	assert_int_equal(detect_claim(&detection, finding, C_QDISC_DROPS, queue, UINT64_MAX), 0);
	assert_int_equal(ledger_left(ledger, C_QDISC_DROPS, queue), 100);
	assert_int_equal(detect_claim(&detection, found.list.data[0], C_QDISC_DROPS, queue, UINT64_MAX), 100);
	assert_int_equal(ledger_left(ledger, C_QDISC_DROPS, queue), 0);
	ledger_free(ledger);
	findings_free(&found);
	series_free(series);
	objects_free(objects);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(harmless_ones_leave_room_for_a_loss),
		cmocka_unit_test(a_loss_without_room_explains_nothing),
	};

	return cmocka_run_group_tests_name("more findings than room", tests, NULL, NULL);
}
