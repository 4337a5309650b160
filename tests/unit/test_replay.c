/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clock of a replay: the same course whatever is done to it on the way, and no number that leaves its range. */
#include "unit/unit.h"

#include "cmd/replay.h"

#include "base/clock.h"

#define MEDIA (1000 * NS_PER_S)
#define NOW (5 * NS_PER_S)

static void test_runs_at_its_speed(void **state)
{
	struct replay replay;

	replay_start(&replay, MEDIA, 1, NOW);
	assert_int_equal(replay_media_ns(&replay, NOW), MEDIA);
	assert_int_equal(replay_media_ns(&replay, NOW + 3 * NS_PER_S), MEDIA + 3 * NS_PER_S);
	assert_int_equal(replay_wait_ns(&replay, MEDIA + 5 * NS_PER_S, NOW + 3 * NS_PER_S), 2 * NS_PER_S);
	replay_start(&replay, MEDIA, 10, NOW);
	assert_int_equal(replay_media_ns(&replay, NOW + NS_PER_S), MEDIA + 10 * NS_PER_S);
	assert_int_equal(replay_wait_ns(&replay, MEDIA + 10 * NS_PER_S, NOW), NS_PER_S);
}

static void test_what_is_over_is_not_waited_for(void **state)
{
	struct replay replay;

	replay_start(&replay, MEDIA, 1, NOW);
	assert_int_equal(replay_wait_ns(&replay, MEDIA - NS_PER_S, NOW), 0);
	assert_int_equal(replay_wait_ns(&replay, MEDIA, NOW), 0);
	replay_pause(&replay, NOW);
	assert_int_equal(replay_wait_ns(&replay, MEDIA, NOW), 0);
	/* What is to come is never waited for in no time, or a loop would spin. */
	replay_start(&replay, MEDIA, 1000000, NOW);
	assert_int_equal(replay_wait_ns(&replay, MEDIA + 1, NOW), 1);
}

static void test_stands_while_paused(void **state)
{
	struct replay replay;

	replay_start(&replay, MEDIA, 2, NOW);
	replay_pause(&replay, NOW + NS_PER_S);
	assert_true(replay.paused);
	assert_int_equal(replay_media_ns(&replay, NOW + 9 * NS_PER_S), MEDIA + 2 * NS_PER_S);
	assert_true(replay_wait_ns(&replay, MEDIA + 3 * NS_PER_S, NOW + 9 * NS_PER_S) == UINT64_MAX);
	replay_pause(&replay, NOW + 9 * NS_PER_S);
	assert_false(replay.paused);
	assert_int_equal(replay_media_ns(&replay, NOW + 10 * NS_PER_S), MEDIA + 4 * NS_PER_S);
}

static void test_changes_its_speed_without_a_jump(void **state)
{
	struct replay replay;

	replay_start(&replay, MEDIA, 1, NOW);
	replay_faster(&replay, NOW + NS_PER_S);
	assert_int_equal(replay_media_ns(&replay, NOW + NS_PER_S), MEDIA + NS_PER_S);
	assert_int_equal(replay_media_ns(&replay, NOW + 2 * NS_PER_S), MEDIA + 3 * NS_PER_S);
	replay_slower(&replay, NOW + 2 * NS_PER_S);
	replay_slower(&replay, NOW + 2 * NS_PER_S);
	assert_int_equal(replay_media_ns(&replay, NOW + 4 * NS_PER_S), MEDIA + 4 * NS_PER_S);
	/* Paused, the speed is that of later. */
	replay_pause(&replay, NOW + 4 * NS_PER_S);
	replay_faster(&replay, NOW + 5 * NS_PER_S);
	assert_int_equal(replay_media_ns(&replay, NOW + 6 * NS_PER_S), MEDIA + 4 * NS_PER_S);
	replay_pause(&replay, NOW + 6 * NS_PER_S);
	assert_int_equal(replay_media_ns(&replay, NOW + 7 * NS_PER_S), MEDIA + 5 * NS_PER_S);
}

static void test_speed_has_bounds(void **state)
{
	struct replay replay;

	replay_start(&replay, MEDIA, 0, NOW);
	assert_true(replay.speed == REPLAY_SLOWEST);
	replay_start(&replay, MEDIA, 1, NOW);
	for (int i = 0; i < 100; i++)
		replay_faster(&replay, NOW);
	assert_true(replay.speed == REPLAY_FASTEST);
	for (int i = 0; i < 100; i++)
		replay_slower(&replay, NOW);
	assert_true(replay.speed == REPLAY_SLOWEST);
}

static void test_steps_and_stays_there(void **state)
{
	struct replay replay;

	replay_start(&replay, MEDIA, 1, NOW);
	replay_pause(&replay, NOW);
	replay_step(&replay, MEDIA + 7 * NS_PER_S, NOW + NS_PER_S);
	assert_int_equal(replay_wait_ns(&replay, MEDIA + 7 * NS_PER_S, NOW + NS_PER_S), 0);
	assert_true(replay_wait_ns(&replay, MEDIA + 7 * NS_PER_S + 1, NOW + 2 * NS_PER_S) == UINT64_MAX);
	replay_step(&replay, MEDIA, NOW + 2 * NS_PER_S); /* never back */
	assert_int_equal(replay_media_ns(&replay, NOW + 2 * NS_PER_S), MEDIA + 7 * NS_PER_S);
	replay_pause(&replay, NOW + 3 * NS_PER_S);
	assert_int_equal(replay_media_ns(&replay, NOW + 4 * NS_PER_S), MEDIA + 8 * NS_PER_S);
	/* One that runs pauses there. */
	replay_step(&replay, MEDIA + 9 * NS_PER_S, NOW + 4 * NS_PER_S);
	assert_true(replay.paused);
	assert_int_equal(replay_media_ns(&replay, NOW + 9 * NS_PER_S), MEDIA + 9 * NS_PER_S);
}

static void test_numbers_out_of_range(void **state)
{
	struct replay replay;

	replay_start(&replay, UINT64_MAX - 5, REPLAY_FASTEST, 0);
	assert_true(replay_media_ns(&replay, UINT64_MAX) == UINT64_MAX);
	replay_start(&replay, 0, REPLAY_SLOWEST, 0);
	assert_true(replay_wait_ns(&replay, UINT64_MAX, 0) == INT64_MAX);
	replay_start(&replay, MEDIA, 1, NOW); /* a clock that was read before it started */
	assert_int_equal(replay_media_ns(&replay, NOW - 1), MEDIA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runs_at_its_speed),    cmocka_unit_test(test_what_is_over_is_not_waited_for),
		cmocka_unit_test(test_stands_while_paused),  cmocka_unit_test(test_changes_its_speed_without_a_jump),
		cmocka_unit_test(test_speed_has_bounds),     cmocka_unit_test(test_steps_and_stays_there),
		cmocka_unit_test(test_numbers_out_of_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
