/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/until: conditions of a recording, and when they are met. */
#include "cmd/until.h"
#include "unit/unit.h"

#include "base/clock.h"

struct fixture {
	struct objects *objects;
	struct object *netns;
	struct series *series;
};

static void begin(struct fixture *fixture)
{
	fixture->objects = objects_new();
	fixture->netns = object_intern(fixture->objects, (struct object_key){ OBJECT_NETNS, 7, 0, 0 }, NULL);
	fixture->series = series_new(fixture->objects);
}

static void end(struct fixture *fixture)
{
	series_free(fixture->series);
	objects_free(fixture->objects);
}

/* A reading at that second; the total began at 100. */
static bool met(struct fixture *fixture, struct until *until, unsigned int second, uint64_t risen)
{
	struct snapshot snapshot = { 0 };
	uint64_t now_ns = (10 + second) * NS_PER_S;

	snapshot_begin(&snapshot, fixture->objects);
	snapshot.time_ns = now_ns;
	snapshot_add(&snapshot, C_TCP_RETRANS_SEGS, fixture->netns, 100 + risen);
	series_add(fixture->series, &snapshot);
	snapshot_free(&snapshot);
	return until_is_met(until, fixture->series, now_ns);
}

static void test_rate(void **state)
{
	struct fixture fixture;
	struct until until;

	begin(&fixture);
	assert_int_equal(until_parse("retransmits>50/s", &until), 0);
	assert_false(met(&fixture, &until, 0, 0));
	assert_false(met(&fixture, &until, 1, 50)); /* not more than that */
	assert_false(met(&fixture, &until, 2, 90));
	assert_true(met(&fixture, &until, 3, 141));
	assert_int_equal(until.met_ns, 13 * NS_PER_S);
	assert_true(met(&fixture, &until, 4, 141)); /* it has been */
	end(&fixture);
}

/* What passes within a second is judged when the second is over: a burst of one tick is no rate. */
static void test_rate_is_of_a_second(void **state)
{
	struct fixture fixture;
	struct until until;

	begin(&fixture);
	assert_int_equal(until_parse("TcpRetransSegs > 50/s", &until), 0);
	assert_false(met(&fixture, &until, 0, 0));
	assert_false(met(&fixture, &until, 4, 160)); /* 40 in each */
	end(&fixture);
}

static void test_sum(void **state)
{
	struct fixture fixture;
	struct until until;

	begin(&fixture);
	assert_int_equal(until_parse("TcpRetransSegs>1000", &until), 0);
	assert_false(met(&fixture, &until, 0, 0));
	assert_false(met(&fixture, &until, 1, 1000));
	assert_true(met(&fixture, &until, 2, 1001));
	end(&fixture);
}

static void test_refused(void **state)
{
	static const char *const texts[] = { "retransmits", "retransmits>", "retransmits>x/s",
					     "blue>5",	    ">5",	    "retransmits>-1" };
	struct until until;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_not_equal(until_parse(texts[i], &until), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_rate_is_of_a_second),
		cmocka_unit_test(test_sum),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
