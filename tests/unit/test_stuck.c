/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Helpers that take no kill, as one in an uninterruptible sleep below a wedged driver: kill(2) is a stand-in here that does
 * nothing while `unkillable`. Window after window there are never more of them than were there after the first, and once
 * they are dead everything is asked again.
 */
#include "source/helper.h"
#include "source/sampler.h"
#include "unit/unit.h"

#include "base/clock.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MANY 20 /* sources, more than helpers may be stuck */

static bool unkillable;
static struct objects *objects;
static struct series *series;
static struct sampler_result result;
static pid_t killed[64];
static size_t kills;
static void (*lock_ask)(void);

int kill(pid_t pid, int sig)
{
	if (!unkillable)
		return (int)syscall(SYS_kill, pid, sig);
	assert_true(kills < ARRAY_SIZE(killed));
	killed[kills++] = pid;
	return 0;
}

static int setup(void **state)
{
	objects = objects_new();
	series = series_new(objects);
	unkillable = true;
	lock_ask = NULL;
	return 0;
}

static size_t stuck(void)
{
	pid_t pids[64];

	return helpers_reap(pids, ARRAY_SIZE(pids));
}

static void release(void)
{
	unkillable = false;
	while (kills)
		kill(killed[--kills], SIGKILL);
	for (int i = 0; i < 5000 && stuck(); i++)
		(void)clock_sleep_until(clock_monotonic_ns() + NS_PER_MS);
}

static int teardown(void **state)
{
	release();
	series_free(series);
	objects_free(objects);
	return 0;
}

static void next_window(void)
{
	series_free(series);
	objects_free(objects);
	objects = objects_new();
	series = series_new(objects);
}

static void read_hanging(const struct source_context *context, struct snapshot *snapshot)
{
	for (;;)
		pause();
}

static void read_well(const struct source_context *context, struct snapshot *snapshot)
{
	snapshot_covered(snapshot, SOURCE_NFTABLES, context->netns);
}

static void read_interfaces(const struct source_context *context, struct snapshot *snapshot)
{
	snapshot_covered(snapshot, SOURCE_QDISC, context->netns);
}

static const struct source hanging = { SOURCE_ETHTOOL, SCOPE_NETNS, COST_DEAR, read_hanging };
static const struct source well = { SOURCE_NFTABLES, SCOPE_NETNS, COST_DEAR, read_well };
static const struct source *const one_hangs[] = { &hanging, &well, NULL };

static void answer(void)
{
}

static void run(const struct source *const *sources)
{
	const struct sampler_options options = {
		.duration_ns = 150 * NS_PER_MS,
		.interval_ns = 20 * NS_PER_MS,
		.deadline_ns = 60 * NS_PER_MS,
		.sysroot = "/does/not/exist",
		.sources = sources,
		.lock_ask = lock_ask,
	};

	assert_int_equal(sampler_run(&options, series, &result), 0);
}

static const struct observation *observed(enum source_id source)
{
	struct object_key key = { .kind = OBJECT_NETNS, .netns = objects_home(objects) };

	return series_observation(series, source, object_find(objects, key)->id);
}

static void what_hangs_is_not_asked_again_in_later_windows(void **state)
{
	run(one_hangs);
	assert_string_equal(observed(SOURCE_ETHTOOL)->reason, "took longer than 0.06 s");
	assert_int_equal(stuck(), 1);
	for (int i = 0; i < 5; i++) {
		next_window();
		run(one_hangs);
		assert_int_equal(stuck(), 1);
		assert_int_equal(result.helper_failures, 0);
		assert_int_equal(observed(SOURCE_ETHTOOL)->readings, 0);
		assert_int_equal(observed(SOURCE_ETHTOOL)->failures, 1);
		assert_int_equal(observed(SOURCE_ETHTOOL)->error, -ETIMEDOUT);
		assert_string_equal(observed(SOURCE_ETHTOOL)->reason, "an earlier attempt to read it still hangs");
		assert_true(observed(SOURCE_NFTABLES)->readings >= 2);
	}
}

static void what_died_is_asked_again(void **state)
{
	run(one_hangs);
	assert_int_equal(stuck(), 1);
	release();
	assert_int_equal(stuck(), 0);
	next_window();
	run(one_hangs);
	assert_int_equal(result.helper_failures, 1);
	assert_string_equal(observed(SOURCE_ETHTOOL)->reason, "took longer than 0.06 s");
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void ask_forever(void)
{
	for (;;)
		pause();
}

/* The process that waits for the kernel's lock over interfaces: one, however many windows go by. */
static void one_process_waits_for_the_lock(void **state)
{
	static const struct source needing = { SOURCE_QDISC, SCOPE_NETNS, COST_CHEAP, read_interfaces };
	const struct source *const sources[] = { &needing, NULL };

	lock_ask = ask_forever;
	for (int i = 0; i < 3; i++) {
		next_window();
		run(sources);
		assert_int_equal(stuck(), 1);
		assert_int_equal(observed(SOURCE_QDISC)->readings, 0);
		assert_int_equal(observed(SOURCE_QDISC)->error, -ETIMEDOUT);
	}
	release();
	next_window();
	lock_ask = answer;
	run(sources);
	assert_int_equal(observed(SOURCE_QDISC)->failures, 0);
	assert_true(observed(SOURCE_QDISC)->readings >= 3);
}

/* However many devices are wedged: beyond the bound nothing is started, and what was not read is said. */
static void only_so_many_are_left_behind(void **state)
{
	struct source many[MANY];
	const struct source *sources[MANY + 2];
	size_t refused = 0;

	for (size_t i = 0; i < MANY; i++) {
		many[i] = (struct source){ (enum source_id)i, SCOPE_NETNS, COST_DEAR, read_hanging };
		sources[i] = &many[i];
	}
	sources[MANY] = NULL;
	for (int i = 0; i < 10; i++) {
		next_window();
		run(sources);
		assert_true(stuck() <= HELPERS_STUCK_MAX);
	}
	assert_int_equal(stuck(), HELPERS_STUCK_MAX);
	for (size_t i = 0; i < MANY; i++)
		refused += observed((enum source_id)i)->error == -EBUSY &&
			   strcmp(observed((enum source_id)i)->reason,
				  "devices that do not answer hold too many helper processes") == 0;
	/* two helpers may have hung at the same at a window's end */
	assert_in_range(refused, MANY - HELPERS_STUCK_MAX, MANY - HELPERS_STUCK_MAX / 2);
}

int main(void)
{
#define STUCK_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
	const struct CMUnitTest tests[] = {
		STUCK_TEST(what_hangs_is_not_asked_again_in_later_windows),
		STUCK_TEST(what_died_is_asked_again),
		STUCK_TEST(one_process_waits_for_the_lock),
		STUCK_TEST(only_so_many_are_left_behind),
	};

	return cmocka_run_group_tests_name("source/helper stuck", tests, NULL, NULL);
}
