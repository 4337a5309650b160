/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's lock over interfaces in the hands of a wedged driver, by a stand-in: a flag in shared memory. The process that
 * asks for it waits while the flag is set; a source that needs it must not be read then, since it would not come back.
 */
#include "source/helper.h"
#include "source/sampler.h"
#include "unit/unit.h"

#include "base/clock.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile bool *held;
static struct objects *objects;
static struct series *series;
static struct sampler_result result;
static size_t caught; /* readings that would have waited in the kernel */
static size_t take_at, release_at;
static uint64_t deadline_ns;

static int setup(void **state)
{
	void *shared = mmap(NULL, sizeof(*held), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(shared, MAP_FAILED);
	held = shared;
	objects = objects_new();
	series = series_new(objects);
	caught = take_at = release_at = 0;
	deadline_ns = 200 * NS_PER_MS;
	return 0;
}

static int teardown(void **state)
{
	series_free(series);
	objects_free(objects);
	munmap((void *)held, sizeof(*held));
	return 0;
}

static void ask(void)
{
	while (*held)
		(void)clock_sleep_until(clock_monotonic_ns() + NS_PER_MS);
}

static void read_needing(const struct source_context *context, struct snapshot *snapshot)
{
	caught += *held;
	snapshot_covered(snapshot, SOURCE_QDISC, context->netns);
}

static void read_middle(const struct source_context *context, struct snapshot *snapshot)
{
	caught += *held;
	snapshot_covered(snapshot, SOURCE_ROUTE, context->netns);
}

static void read_other(const struct source_context *context, struct snapshot *snapshot)
{
	snapshot_covered(snapshot, SOURCE_SNMP, context->netns);
}

static void on_tick(void *argument, const struct sampler_progress *progress)
{
	if (progress->ticks == take_at)
		*held = true;
	if (progress->ticks == release_at)
		*held = false;
}

static const struct source needing = { SOURCE_QDISC, SCOPE_NETNS, COST_CHEAP, read_needing };
static const struct source middle = { SOURCE_ROUTE, SCOPE_NETNS, COST_MIDDLE, read_middle };
static const struct source other = { SOURCE_SNMP, SCOPE_NETNS, COST_CHEAP, read_other };

static void run(void)
{
	static const struct source *const sources[] = { &needing, &middle, &other, NULL };
	const struct sampler_options options = {
		.duration_ns = NS_PER_S,
		.interval_ns = 20 * NS_PER_MS,
		.deadline_ns = deadline_ns,
		.sysroot = "/does/not/exist",
		.sources = sources,
		.progress = on_tick,
		.lock_ask = ask,
	};

	assert_int_equal(sampler_run(&options, series, &result), 0);
}

static const struct observation *observed(enum source_id source)
{
	struct object_key key = { .kind = OBJECT_NETNS, .netns = objects_home(objects) };

	return series_observation(series, source, object_find(objects, key)->id);
}

static void a_free_lock_changes_nothing(void **state)
{
	deadline_ns = 20 * NS_PER_S; /* however slow the machine */
	run();
	assert_int_equal(observed(SOURCE_QDISC)->failures, 0);
	assert_int_equal(observed(SOURCE_QDISC)->readings, result.ticks);
	assert_int_equal(observed(SOURCE_ROUTE)->failures, 0);
	assert_true(observed(SOURCE_ROUTE)->readings >= 2);
	assert_int_equal(observed(SOURCE_SNMP)->readings, result.ticks);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left */
}

static void a_held_lock_is_a_miss_and_the_rest_goes_on(void **state)
{
	*held = true;
	run();
	assert_int_equal(caught, 0);
	assert_int_equal(observed(SOURCE_QDISC)->readings, 0);
	assert_int_equal(observed(SOURCE_QDISC)->error, -ETIMEDOUT);
	assert_string_equal(observed(SOURCE_QDISC)->reason,
			    "the kernel's list of interfaces is locked (rtnl): a driver does not answer");
	assert_int_equal(observed(SOURCE_ROUTE)->readings, 0);
	assert_int_equal(observed(SOURCE_ROUTE)->error, -ETIMEDOUT);
	assert_true(observed(SOURCE_SNMP)->readings >= 10);
	assert_int_equal(observed(SOURCE_SNMP)->failures, 0);
}

static void a_lock_that_comes_free_again_ends_it(void **state)
{
	take_at = 4;
	release_at = 12;
	run();
	assert_int_equal(caught, 0);
	assert_true(observed(SOURCE_QDISC)->failures >= release_at - take_at);
	assert_int_equal(observed(SOURCE_QDISC)->readings + observed(SOURCE_QDISC)->failures, result.ticks);
	assert_true(observed(SOURCE_QDISC)->readings > take_at);
	assert_int_equal(observed(SOURCE_SNMP)->failures, 0);
}

int main(void)
{
#define LOCK_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
	const struct CMUnitTest tests[] = {
		LOCK_TEST(a_free_lock_changes_nothing),
		LOCK_TEST(a_held_lock_is_a_miss_and_the_rest_goes_on),
		LOCK_TEST(a_lock_that_comes_free_again_ends_it),
	};

	return cmocka_run_group_tests_name("source/sampler lock", tests, NULL, NULL);
}
