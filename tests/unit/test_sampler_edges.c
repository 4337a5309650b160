/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What encloses the other sources is read before and after them at both ends of a window, helpers included, and is told so:
 * made-up sources write down in which order they are read.
 */
#include "source/sampler.h"
#include "unit/unit.h"

#include "base/clock.h"

#include <string.h>
#include <unistd.h>

static struct objects *objects;
static struct series *series;
static struct sampler_result result;
static char
	order[4096]; /* "e", "E" at an edge: what encloses; "c": cheap; "." before each question whether it is enough */
static bool too_early; /* an edge was over before a helper had answered */
static size_t questions;

static int setup(void **state)
{
	objects = objects_new();
	series = series_new(objects);
	order[0] = '\0';
	too_early = false;
	questions = 0;
	return 0;
}

static int teardown(void **state)
{
	series_free(series);
	objects_free(objects);
	return 0;
}

static void note(char what)
{
	size_t length = strlen(order);

	assert_true(length + 1 < sizeof(order));
	order[length] = what;
	order[length + 1] = '\0';
}

static uint32_t dear_readings(const struct source_context *context)
{
	const struct object_key home = { OBJECT_NETNS, objects_home(objects), 0, 0 };
	const struct object *netns = object_find(objects, home);
	const struct observation *dear = series_observation(context->series, SOURCE_NFTABLES, netns->id);

	return dear ? dear->readings : 0;
}

static void read_enclosing(const struct source_context *context, struct snapshot *snapshot)
{
	too_early |= *order && !context->edge && !dear_readings(context);
	note(context->edge ? 'E' : 'e');
	snapshot_covered(snapshot, SOURCE_DROPS, object_get(objects, OBJECT_HOST_ID));
}

static void read_cheap(const struct source_context *context, struct snapshot *snapshot)
{
	note('c');
	snapshot_covered(snapshot, SOURCE_SNMP, context->netns);
}

static void read_slowly(const struct source_context *context, struct snapshot *snapshot)
{
	(void)clock_sleep_until(clock_monotonic_ns() + 100 * NS_PER_MS);
	snapshot_covered(snapshot, SOURCE_NFTABLES, context->netns);
}

static const struct source enclosing = { SOURCE_DROPS, SCOPE_HOST, COST_CHEAP, read_enclosing };
static const struct source cheap = { SOURCE_SNMP, SCOPE_NETNS, COST_CHEAP, read_cheap };
static const struct source slow = { SOURCE_NFTABLES, SCOPE_NETNS, COST_DEAR, read_slowly };

/* As soon as it is asked; what it then sees whole is not enough the first time. */
static bool second_time(void *argument, const struct series *now, bool complete)
{
	note('.');
	return !complete || ++questions > 1;
}

static void run(const struct source *const *sources, uint64_t duration_ms, bool until)
{
	const struct sampler_options options = {
		.duration_ns = duration_ms * NS_PER_MS,
		.interval_ns = 20 * NS_PER_MS,
		.deadline_ns = NS_PER_S,
		.sysroot = "/does/not/exist",
		.sources = sources,
		.enough = until ? second_time : NULL,
	};

	assert_int_equal(sampler_run(&options, series, &result), 0);
}

/* Whether `pattern` is what was written down; '*' stands for any number of the two characters before it. */
static bool order_is(const char *pattern)
{
	const char *at = order;

	for (; *pattern; pattern++) {
		if (pattern[1] && pattern[2] == '*') {
			for (; strncmp(at, pattern, 2) == 0; at += 2)
				;
			pattern += 2;
		} else if (*at++ != *pattern) {
			return false;
		}
	}
	return *at == '\0';
}

static void both_ends_are_enclosed(void **state)
{
	const struct source *const sources[] = { &cheap, &enclosing, NULL };

	run(sources, 100, false);
	/* The first reading of everything, up to the next one; the last of everything, and once more. */
	if (!order_is("ecEcec*cE"))
		fail_msg("%s", order);
}

static void an_edge_lasts_until_the_helpers_have_answered(void **state)
{
	const struct source *const sources[] = { &slow, &cheap, &enclosing, NULL };
	size_t edges = 0;

	run(sources, 600, false);
	assert_false(too_early);
	if (strncmp(order, "ecEcEc", 6) != 0 || strcmp(order + strlen(order) - 4, "EccE") != 0)
		fail_msg("%s", order);
	for (const char *at = order; *at; at++)
		edges += *at == 'E' && at[1] == 'c' && at[2] == 'e';
	assert_int_equal(edges, 1); /* after the first there was time in between */
}

static void what_was_no_end_after_all_is_an_edge_and_it_goes_on(void **state)
{
	const struct source *const sources[] = { &cheap, &enclosing, NULL };

	run(sources, 10000, true);
	assert_true(result.enough);
	/* asked before the first edge was over, all read, not enough; asked again, all read, enough */
	if (!order_is("ec.EccE.ec*.eccE."))
		fail_msg("%s", order);
}

int main(void)
{
#define WINDOW_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
	const struct CMUnitTest tests[] = {
		WINDOW_TEST(both_ends_are_enclosed),
		WINDOW_TEST(an_edge_lasts_until_the_helpers_have_answered),
		WINDOW_TEST(what_was_no_end_after_all_is_an_edge_and_it_goes_on),
	};

	return cmocka_run_group_tests_name("source/sampler edges", tests, NULL, NULL);
}
