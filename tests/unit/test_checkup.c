/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diagnose/checkup: what one look could read, and what is made of what it could not. */
#include "base/alloc.h"
#include "base/clock.h"
#include "diagnose/checkup.h"
#include "diagnose/coverage.h"
#include "unit/unit.h"

#include <errno.h>
#include <string.h>

#define HOME 4026531840u

struct look {
	struct objects *objects;
	struct series *series;
	struct snapshot snapshot;
	struct object *netns;
};

static void look_begin(struct look *look)
{
	*look = (struct look){ .objects = objects_new() };
	look->series = series_new(look->objects);
	objects_set_home(look->objects, HOME);
	look->netns = object_intern(look->objects, (struct object_key){ .kind = OBJECT_NETNS, .netns = HOME }, NULL);
	snapshot_begin(&look->snapshot, look->objects);
}

/* Every source that some place needs was read there, but `except`. */
static void cover_all_but(struct look *look, const struct object *netns, enum source_id except)
{
	for (size_t s = 0; s < SOURCE_COUNT; s++) {
		if (s != except)
			snapshot_covered(&look->snapshot, (enum source_id)s, netns);
	}
}

static void look_end(struct look *look, const struct checkup_options *options, struct checkup *ret)
{
	series_add(look->series, &look->snapshot);
	series_finish(look->series);
	checkup_make(look->series, options, ret);
}

static void look_free(struct look *look, struct checkup *checkup)
{
	checkup_free(checkup);
	snapshot_free(&look->snapshot);
	series_free(look->series);
	objects_free(look->objects);
}

static const struct checkup_options as_root = { .root = true }, as_user = { .root = false };

static void one_reading_of_everything_is_enough(void **state)
{
	struct checkup checkup;
	struct look look;

	look_begin(&look);
	cover_all_but(&look, look.netns, SOURCE_COUNT);
	look_end(&look, &as_root, &checkup);
	assert_true(checkup.whole);
	assert_int_equal(checkup.obstacles.count, 0);
	for (size_t d = 0; d < DOMAIN_COUNT; d++)
		assert_int_equal(checkup.domains[d].sight, d == DOMAIN_PATH ? SIGHT_PARTLY : SIGHT_YES);
	look_free(&look, &checkup);
}

static void nothing_read_is_nothing_seen(void **state)
{
	struct checkup checkup;
	struct look look;

	look_begin(&look);
	for (size_t s = 0; s < SOURCE_COUNT; s++)
		snapshot_missed(&look.snapshot, (enum source_id)s, look.netns, -EPERM, "no permission");
	look_end(&look, &as_user, &checkup);
	assert_false(checkup.whole);
	assert_int_equal(checkup.domains[DOMAIN_LINK].sight, SIGHT_NO);
	assert_int_equal(checkup.domains[DOMAIN_SOCKET].sight, SIGHT_NO);
	assert_int_equal(checkup.sources[SOURCE_LINK].state, SOURCE_STATE_MISSED);
	assert_false(checkup_serves(&checkup, SOURCE_LINK, DOMAIN_LINK));
	look_free(&look, &checkup);
}

static void a_namespace_that_cannot_be_entered_is_one_obstacle(void **state)
{
	struct checkup checkup;
	struct look look;

	look_begin(&look);
	cover_all_but(&look, look.netns, SOURCE_COUNT);
	for (unsigned int n = 1; n <= 3; n++) {
		struct object *other = object_intern(
			look.objects, (struct object_key){ .kind = OBJECT_NETNS, .netns = HOME + n }, NULL);

		for (size_t s = 0; s < SOURCE_COUNT; s++)
			snapshot_missed(&look.snapshot, (enum source_id)s, other, -EPERM, "cannot enter");
	}
	look_end(&look, &as_root, &checkup);
	assert_int_equal(checkup.obstacles.count, 1);
	assert_int_equal(checkup.obstacles.data[0].objects.count, 3);
	assert_true(checkup.obstacles.data[0].counts && checkup.obstacles.data[0].lowers);
	assert_true(checkup.obstacles.data[0].domains[DOMAIN_QDISC]);
	assert_int_equal(checkup.domains[DOMAIN_LINK].sight, SIGHT_PARTLY);
	assert_int_equal(checkup.sources[SOURCE_LINK].state, SOURCE_STATE_PARTLY);
	look_free(&look, &checkup);
}

static void advice_depends_on_who_asks(void **state)
{
	for (int root = 0; root < 2; root++) {
		const struct checkup_options options = { .root = root };
		struct checkup checkup;
		struct look look;

		look_begin(&look);
		cover_all_but(&look, look.netns, SOURCE_NFTABLES);
		snapshot_missed(&look.snapshot, SOURCE_NFTABLES, look.netns, -EACCES, "no permission");
		look_end(&look, &options, &checkup);
		assert_int_equal(checkup.domains[DOMAIN_FILTER].sight, SIGHT_PARTLY);
		assert_non_null(strstr(checkup.obstacles.data[0].change, root ? "capability" : "sudo"));
		look_free(&look, &checkup);
	}
}

static void a_user_cannot_look_into_the_processes_of_others(void **state)
{
	struct checkup checkup;
	struct look look;

	look_begin(&look);
	cover_all_but(&look, look.netns, SOURCE_COUNT);
	look_end(&look, &as_user, &checkup);
	assert_false(checkup.whole);
	assert_int_equal(checkup.obstacles.count, 1);
	assert_true(checkup.obstacles.data[0].sources[SOURCE_PROCESS]);
	assert_false(checkup.obstacles.data[0].lowers);
	assert_int_equal(checkup.domains[DOMAIN_SOCKET].sight, SIGHT_PARTLY);
	look_free(&look, &checkup);
}

/* A kernel without IPsec statistics misses nothing; one without /proc/net/snmp is hidden by something. */
static void what_may_be_absent_is_no_obstacle(void **state)
{
	static const struct {
		enum source_id source;
		bool whole;
	} rows[] = { { SOURCE_CONNTRACK, true }, { SOURCE_SNMP, false }, { SOURCE_SOFTNET, false } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct checkup checkup;
		struct look look;

		look_begin(&look);
		cover_all_but(&look, look.netns, rows[i].source);
		snapshot_missed(&look.snapshot, rows[i].source, look.netns, -ENOENT, "not there");
		look_end(&look, &as_root, &checkup);
		assert_int_equal(checkup.whole, rows[i].whole);
		assert_int_equal(checkup.obstacles.count, rows[i].whole ? 0 : 1);
		look_free(&look, &checkup);
	}
}

static void a_device_without_statistics_hides_nothing(void **state)
{
	struct checkup checkup;
	struct object *link;
	struct look look;

	look_begin(&look);
	cover_all_but(&look, look.netns, SOURCE_COUNT);
	link = object_intern(look.objects, (struct object_key){ .kind = OBJECT_LINK, .netns = HOME, .a = 7 }, NULL);
	snapshot_missed(&look.snapshot, SOURCE_ETHTOOL, link, -EOPNOTSUPP, "not supported");
	look_end(&look, &as_root, &checkup);
	assert_true(checkup.whole);
	assert_int_equal(checkup.obstacles.count, 0);
	look_free(&look, &checkup);
}

static void an_xdp_program_that_nobody_counts_for_is_in_the_way(void **state)
{
	struct checkup checkup;
	struct object *link;
	struct look look;

	look_begin(&look);
	cover_all_but(&look, look.netns, SOURCE_COUNT);
	link = object_intern(look.objects, (struct object_key){ .kind = OBJECT_LINK, .netns = HOME, .a = 7 }, NULL);
	snapshot_add(&look.snapshot, C_LINK_XDP, link, 1);
	look_end(&look, &as_root, &checkup);
	assert_int_equal(checkup.obstacles.count, 1);
	assert_true(checkup.obstacles.data[0].lowers);
	assert_int_equal(checkup.domains[DOMAIN_FILTER].sight, SIGHT_PARTLY);
	assert_int_equal(checkup.domains[DOMAIN_LINK].sight, SIGHT_YES);
	look_free(&look, &checkup);
}

static void hidden_processes_are_told_and_do_not_count(void **state)
{
	const struct checkup_options options = { .root = true, .hidden_processes = 2 };
	struct checkup checkup;
	struct look look;

	look_begin(&look);
	cover_all_but(&look, look.netns, SOURCE_COUNT);
	look_end(&look, &options, &checkup);
	assert_true(checkup.whole);
	assert_int_equal(checkup.obstacles.count, 1);
	assert_non_null(strstr(checkup.obstacles.data[0].reason, "2 processes"));
	look_free(&look, &checkup);
}

static void a_source_without_numbers_is_nothing_there(void **state)
{
	struct checkup checkup;
	struct look look;

	look_begin(&look);
	cover_all_but(&look, look.netns, SOURCE_COUNT);
	snapshot_add(&look.snapshot, C_IP_IN_RECEIVES, look.netns, 5);
	look_end(&look, &as_root, &checkup);
	assert_int_equal(checkup.sources[SOURCE_SNMP].state, SOURCE_STATE_READ);
	assert_int_equal(checkup.sources[SOURCE_PRESSURE].state, SOURCE_STATE_EMPTY);
	assert_non_null(strstr(checkup.sources[SOURCE_PRESSURE].change, "psi=1"));
	look_free(&look, &checkup);
}

static void a_device_without_own_statistics_is_named(void **state)
{
	struct object *links[2];
	struct checkup checkup;
	counter_id counter;
	struct look look;

	look_begin(&look);
	cover_all_but(&look, look.netns, SOURCE_COUNT);
	counter = counter_intern(SOURCE_ETHTOOL, "rx_drops", strlen("rx_drops"), DOMAIN_NIC, "");
	for (unsigned int i = 0; i < ARRAY_SIZE(links); i++) {
		links[i] = object_intern(look.objects,
					 (struct object_key){ .kind = OBJECT_LINK, .netns = HOME, .a = i + 1 }, NULL);
		snapshot_add(&look.snapshot, C_LINK_RX_PACKETS, links[i], 1);
	}
	snapshot_add(&look.snapshot, counter, links[1], 1);
	look_end(&look, &as_root, &checkup);
	assert_int_equal(checkup.silent_links.count, 1);
	assert_int_equal(checkup.silent_links.data[0], links[0]->id);
	assert_true(checkup.whole);
	look_free(&look, &checkup);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_reading_of_everything_is_enough),
		cmocka_unit_test(nothing_read_is_nothing_seen),
		cmocka_unit_test(a_namespace_that_cannot_be_entered_is_one_obstacle),
		cmocka_unit_test(advice_depends_on_who_asks),
		cmocka_unit_test(a_user_cannot_look_into_the_processes_of_others),
		cmocka_unit_test(what_may_be_absent_is_no_obstacle),
		cmocka_unit_test(a_device_without_statistics_hides_nothing),
		cmocka_unit_test(an_xdp_program_that_nobody_counts_for_is_in_the_way),
		cmocka_unit_test(hidden_processes_are_told_and_do_not_count),
		cmocka_unit_test(a_source_without_numbers_is_nothing_there),
		cmocka_unit_test(a_device_without_own_statistics_is_named),
	};

	return cmocka_run_group_tests_name("diagnose/checkup", tests, NULL, NULL);
}
