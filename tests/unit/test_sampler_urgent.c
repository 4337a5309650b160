/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source/sampler: what a loss makes urgent is read at once although the tool uses more of a CPU than it may, and without
 * a loss it is not. Made-up sources lose datagrams, tell of the socket and of its process.
 */
#include "source/process.h"
#include "source/sampler.h"
#include "unit/unit.h"

#include "base/clock.h"

#include <netinet/in.h>

static struct objects *objects;
static struct series *series;
static struct sampler_result result;
static struct scene {
	bool loses;	  /* from when middle sources are thinned on */
	bool always;	  /* from the start */
	uint64_t burn_ns; /* what one reading of the sockets takes */
	uint64_t lost;
	uint64_t ticks, lost_at;      /* the tick of the first loss, 0 before */
	uint64_t reads, read_at;      /* of the sockets; the tick of the first one after that */
	uint32_t processes, asked_at; /* readings of processes by then; the tick in which there was one more */
} scene;

static int setup(void **state)
{
	objects = objects_new();
	series = series_new(objects);
	scene = (struct scene){ .burn_ns = 20 * NS_PER_MS };
	return 0;
}

static int teardown(void **state)
{
	series_free(series);
	objects_free(objects);
	return 0;
}

static void burn(uint64_t ns)
{
	uint64_t until_ns = clock_cpu_ns() + ns;

	while (clock_cpu_ns() < until_ns)
		;
}

static uint32_t readings_of(enum source_id source, uint32_t object)
{
	const struct observation *seen = series_observation(series, source, object);

	return seen ? seen->readings : 0;
}

static void note_processes(void)
{
	uint32_t processes = readings_of(SOURCE_PROCESS, OBJECT_HOST_ID);

	if (!scene.lost_at)
		scene.processes = processes;
	else if (processes > scene.processes && !scene.asked_at)
		scene.asked_at = scene.ticks;
}

/* Takes more of a CPU than the bound of the tests below allows, and not so much that it is not read at each tick. */
static void read_totals(const struct source_context *context, struct snapshot *snapshot)
{
	burn(NS_PER_MS / 10);
	scene.ticks++;
	note_processes();
	if (scene.always || (scene.loses && (result.thinned & SAMPLER_THINNED_MIDDLE)))
		scene.lost++;
	if (scene.lost && !scene.lost_at)
		scene.lost_at = scene.ticks;
	snapshot_add(snapshot, C_UDP_RCVBUF_ERRORS, context->netns, scene.lost);
	snapshot_covered(snapshot, SOURCE_SNMP, context->netns);
}

static void read_sockets(const struct source_context *context, struct snapshot *snapshot)
{
	struct object_key key = { OBJECT_SOCKET, context->netns->key.netns, 7, IPPROTO_UDP };
	const struct object *socket = object_intern(context->objects, key, NULL);

	burn(scene.burn_ns);
	scene.reads++;
	if (series_lost_ns(series, context->netns->id) && !scene.read_at)
		scene.read_at = scene.ticks;
	snapshot_add(snapshot, C_SOCK_DROPS, socket, scene.lost);
	snapshot_add(snapshot, C_SOCK_INODE, socket, 7);
	snapshot_covered(snapshot, SOURCE_SOCKET, context->netns);
}

static void read_processes(const struct source_context *context, struct snapshot *snapshot)
{
	snapshot_covered(snapshot, SOURCE_PROCESS, object_get(context->objects, OBJECT_HOST_ID));
}

static const struct source totals = { SOURCE_SNMP, SCOPE_NETNS, COST_CHEAP, read_totals };
static const struct source sockets = { SOURCE_SOCKET, SCOPE_NETNS, COST_MIDDLE, read_sockets };
static const struct source processes = { SOURCE_PROCESS, SCOPE_HOST, COST_DEAR, read_processes };

static int run(unsigned int bound_permille, uint64_t duration_ms)
{
	const struct source *const sources[] = { &processes, &totals, &sockets, NULL };
	const struct sampler_options options = {
		.duration_ns = duration_ms * NS_PER_MS,
		.interval_ns = 20 * NS_PER_MS,
		.cpu_bound_permille = bound_permille,
		.sysroot = "/does/not/exist",
		.sources = sources,
	};

	return sampler_run(&options, series, &result);
}

static void a_loss_brings_the_sockets_and_then_their_processes(void **state)
{
	scene.loses = true;
	assert_int_equal(run(1, 4000), 0);
	assert_true(result.thinned & SAMPLER_THINNED_MIDDLE);
	assert_true(scene.lost_at > 0);
	assert_in_range(scene.read_at, scene.lost_at, scene.lost_at + 1);
	assert_true(scene.asked_at >= scene.read_at);
	assert_true(readings_of(SOURCE_PROCESS, OBJECT_HOST_ID) > 2); /* not only at the start and at the end */
}

static void without_a_loss_nothing_is_urgent(void **state)
{
	uint32_t netns;

	assert_int_equal(run(1, 4000), 0);
	netns = object_find(objects, (struct object_key){ .kind = OBJECT_NETNS, .netns = objects_home(objects) })->id;
	assert_true(result.thinned & SAMPLER_THINNED_MIDDLE);
	assert_int_equal(readings_of(SOURCE_PROCESS, OBJECT_HOST_ID), 2);
	assert_in_range(readings_of(SOURCE_SOCKET, netns), 3, 6); /* the same, again, and seldom between */
}

/* 20 ms are worth no second reading in this window, 0.1 ms many: all of them below the share of a CPU that they may take. */
static void a_lasting_loss_is_not_read_without_end(void **state)
{
	uint64_t dear_reads;

	scene.always = true;
	assert_int_equal(run(1, 2000), 0);
	dear_reads = scene.reads;
	assert_in_range(dear_reads, 4,
			7); /* the start, twice the end, the first of the loss, and those whose turn it was */
	teardown(state);
	setup(state);
	scene.always = true;
	scene.burn_ns = NS_PER_MS / 10;
	assert_int_equal(run(1, 2000), 0);
	assert_true(scene.reads > dear_reads);
}

int main(void)
{
#define WINDOW_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
	const struct CMUnitTest tests[] = {
		WINDOW_TEST(a_loss_brings_the_sockets_and_then_their_processes),
		WINDOW_TEST(without_a_loss_nothing_is_urgent),
		WINDOW_TEST(a_lasting_loss_is_not_read_without_end),
	};

	return cmocka_run_group_tests_name("source/sampler, urgent", tests, NULL, NULL);
}
