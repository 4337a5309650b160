/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sampler on a namespace that goes, and whose number another one gets: in the window, and between two. Needs the right to
 * make namespaces.
 */
#include "source/sampler.h"
#include "unit/unit.h"

#include "base/netns.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct objects *objects;
static struct series *series;
static struct sampler_result result;

static int setup(void **state)
{
	objects = objects_new();
	series = series_new(objects);
	return 0;
}

static int teardown(void **state)
{
	series_free(series);
	objects_free(objects);
	return 0;
}

static counter_id pod_counter(void)
{
	return counter_intern(SOURCE_SNMP, "test.pod", strlen("test.pod"), DOMAIN_NONE, "");
}

static struct {
	pid_t pid; /* of a process in the namespace that is there now */
	uint64_t inode, value;
	bool same_number; /* the second one got the number of the first */
} pod;

static uint64_t inode_of(pid_t pid)
{
	struct stat status;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	return stat(path, &status) == 0 ? status.st_ino : 0;
}

/* A process in a new namespace that waits to be killed. */
static pid_t pod_begin(void)
{
	uint64_t home = inode_of(getpid());
	pid_t pid = fork();

	if (pid == 0) {
		if (unshare(CLONE_NEWNET) == 0)
			pause();
		_exit(1);
	}
	for (int i = 0; i < 1000 && inode_of(pid) == home; i++)
		(void)clock_sleep_until(clock_monotonic_ns() + NS_PER_MS);
	return pid;
}

static void pod_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* The namespace goes, and another takes its number; the kernel frees numbers a little later. */
static void pod_exchange(void)
{
	pod_end(pod.pid);
	for (int i = 0; i < 100; i++) {
		(void)clock_sleep_until(clock_monotonic_ns() + 10 * NS_PER_MS);
		pod.pid = pod_begin();
		pod.same_number = inode_of(pod.pid) == pod.inode;
		if (pod.same_number)
			return;
		pod_end(pod.pid);
	}
}

static void exchange_at_fourth_tick(void *argument, const struct sampler_progress *progress)
{
	if (progress->ticks != 4)
		return;
	pod_exchange();
	pod.value = 1010;
}

static void read_pod(const struct source_context *context, struct snapshot *snapshot)
{
	snapshot_add(snapshot, pod_counter(), context->netns, pod.value);
	snapshot_covered(snapshot, SOURCE_SNMP, context->netns);
}

static const struct source pods = { SOURCE_SNMP, SCOPE_NETNS, COST_CHEAP, read_pod };

/* Skips where namespaces cannot be made. */
static void pod_make(void)
{
	pod.value = 1000;
	pod.pid = pod_begin();
	pod.inode = inode_of(pod.pid);
	pod.same_number = false;
	if (pod.inode && pod.inode != inode_of(getpid()))
		return;
	pod_end(pod.pid);
	skip();
}

static void pod_watch(void (*progress)(void *argument, const struct sampler_progress *progress))
{
	const struct source *const sources[] = { &pods, NULL };
	char word[16];
	const struct sampler_options options = {
		.duration_ns = 500 * NS_PER_MS,
		.interval_ns = 50 * NS_PER_MS,
		.netns = word,
		.sources = sources,
		.progress = progress,
	};

	snprintf(word, sizeof(word), "%d", (int)pod.pid);
	assert_int_equal(sampler_run(&options, series, &result), 0);
}

static const struct object *holder(uint64_t index)
{
	return object_find(objects,
			   (struct object_key){ .kind = OBJECT_NETNS, .netns = object_netns_key(pod.inode, index) });
}

static const struct cell *pod_cell(const struct object *object)
{
	return series_cell(series, pod_counter(), object->id);
}

/* Which holder of the number was there first in this window: earlier ones of this process may have seen others. */
static uint64_t first_holder(void)
{
	for (uint64_t i = 0; i < 10; i++) {
		if (holder(i) && pod_cell(holder(i)))
			return i;
	}
	fail_msg("the namespace was not read");
	return 0;
}

static void a_namespace_with_the_number_of_one_that_went_is_another(void **state)
{
	uint64_t first;

	pod_make();
	pod_watch(exchange_at_fourth_tick);
	pod_end(pod.pid);
	if (!pod.same_number || !netns_cookie())
		skip();
	first = first_holder();
	assert_int_equal(pod_cell(holder(first))->increase, 0);
	assert_int_equal(pod_cell(holder(first))->last, 1000);
	assert_false(holder(first)->born);
	assert_non_null(holder(first + 1));
	assert_int_equal(pod_cell(holder(first + 1))->increase, 1010);
	assert_true(holder(first + 1)->born);
	assert_int_equal(result.appeared, 1);
	assert_int_equal(result.vanished, 1);
}

static void a_namespace_that_stays_is_one(void **state)
{
	pod_make();
	pod_watch(NULL);
	pod_end(pod.pid);
	assert_null(holder(first_holder() + 1));
	assert_int_equal(pod_cell(holder(first_holder()))->last, 1000);
	assert_int_equal(result.appeared, 0);
	assert_int_equal(result.vanished, 0);
}

/* Between two windows: in the second it is another from its first reading on, and none that was born in it. */
static void a_number_is_remembered_from_window_to_window(void **state)
{
	uint64_t first;

	pod_make();
	pod_watch(NULL);
	first = first_holder();
	teardown(state);
	setup(state);
	pod_watch(NULL);
	assert_int_equal(first_holder(), first);
	teardown(state);
	setup(state);
	pod_exchange();
	if (pod.same_number)
		pod_watch(NULL);
	pod_end(pod.pid);
	if (!pod.same_number || !netns_cookie())
		skip();
	assert_int_equal(first_holder(), first + 1);
	assert_false(holder(first + 1)->born);
	assert_int_equal(pod_cell(holder(first + 1))->increase, 0);
	assert_int_equal(result.appeared, 0);
}

int main(void)
{
#define WINDOW_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
	const struct CMUnitTest tests[] = {
		WINDOW_TEST(a_namespace_with_the_number_of_one_that_went_is_another),
		WINDOW_TEST(a_namespace_that_stays_is_one),
		WINDOW_TEST(a_number_is_remembered_from_window_to_window),
	};

	return cmocka_run_group_tests_name("source/sampler numbers", tests, NULL, NULL);
}
