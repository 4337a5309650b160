/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source/sampler and source/helper with made-up sources: what is read when, what happens to one that hangs or dies,
 * and that a helper leaves no trace in its parent. With a sysroot no namespace is looked for.
 */
#include "source/helper.h"
#include "source/sampler.h"
#include "unit/unit.h"

#include "base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROOT "/does/not/exist"

static struct objects *objects;
static struct series *series;
static struct sampler_result result;
static volatile sig_atomic_t stop;
static uint64_t reads; /* of the counting source, in this process */

static int setup(void **state)
{
	objects = objects_new();
	series = series_new(objects);
	stop = 0;
	reads = 0;
	return 0;
}

static int teardown(void **state)
{
	series_free(series);
	objects_free(objects);
	return 0;
}

static counter_id counter(enum source_id source, const char *name)
{
	return counter_intern(source, name, strlen(name), DOMAIN_NONE, "");
}

static void give(const struct source_context *context, struct snapshot *snapshot, enum source_id source,
		 const char *name, uint64_t value)
{
	snapshot_add(snapshot, counter(source, name), context->netns, value);
	snapshot_covered(snapshot, source, context->netns);
}

static void read_counting(const struct source_context *context, struct snapshot *snapshot)
{
	give(context, snapshot, SOURCE_SNMP, "test.reads", ++reads);
}

static void read_middle(const struct source_context *context, struct snapshot *snapshot)
{
	give(context, snapshot, SOURCE_SOCKET, "test.pid", (uint64_t)getpid());
}

static void read_dear(const struct source_context *context, struct snapshot *snapshot)
{
	give(context, snapshot, SOURCE_NFTABLES, "test.helper", (uint64_t)getpid());
}

static void read_hanging(const struct source_context *context, struct snapshot *snapshot)
{
	for (;;)
		pause();
}

static void read_crashing(const struct source_context *context, struct snapshot *snapshot)
{
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
}

static uint64_t burn_ns; /* at each reading, so that a share is passed whatever the machine */

static void read_burning(const struct source_context *context, struct snapshot *snapshot)
{
	uint64_t until_ns = clock_cpu_ns() + burn_ns;

	while (clock_cpu_ns() < until_ns)
		;
	give(context, snapshot, SOURCE_LINK, "test.burnt", 1);
}

static void read_stopping(const struct source_context *context, struct snapshot *snapshot)
{
	if (++reads == 3)
		stop = 1;
	snapshot_covered(snapshot, SOURCE_SNMP, context->netns);
}

static const struct source counting = { SOURCE_SNMP, SCOPE_NETNS, COST_CHEAP, read_counting };
static const struct source middle = { SOURCE_SOCKET, SCOPE_NETNS, COST_MIDDLE, read_middle };
static const struct source dear = { SOURCE_NFTABLES, SCOPE_NETNS, COST_DEAR, read_dear };
static const struct source hanging = { SOURCE_ETHTOOL, SCOPE_NETNS, COST_DEAR, read_hanging };
static const struct source crashing = { SOURCE_IPTABLES, SCOPE_HOST, COST_DEAR, read_crashing };
static const struct source burning = { SOURCE_LINK, SCOPE_NETNS, COST_CHEAP, read_burning };
static const struct source stopping = { SOURCE_SNMP, SCOPE_NETNS, COST_CHEAP, read_stopping };

static int run(const struct source *const *sources, uint64_t duration_ms)
{
	const struct sampler_options options = {
		.duration_ns = duration_ms * NS_PER_MS,
		.interval_ns = 20 * NS_PER_MS,
		.deadline_ns = 300 * NS_PER_MS,
		.sysroot = ROOT,
		.sources = sources,
		.stop = &stop,
	};

	return sampler_run(&options, series, &result);
}

static const struct object *namespace(void)
{
	return object_find(objects, (struct object_key){ .kind = OBJECT_NETNS, .netns = objects_home(objects) });
}

static const struct observation *observed(enum source_id source)
{
	return series_observation(series, source, namespace()->id);
}

static const struct cell *cell_of(enum source_id source, const char *name)
{
	return series_cell(series, counter(source, name), namespace()->id);
}

static void cheap_sources_are_read_at_every_tick(void **state)
{
	const struct source *const sources[] = { &counting, NULL };

	assert_int_equal(run(sources, 200), 0);
	assert_int_equal(reads, result.ticks);
	assert_true(result.ticks >= 3); /* the first, the last, and the last again */
	assert_int_equal(cell_of(SOURCE_SNMP, "test.reads")->first, 1);
	assert_int_equal(cell_of(SOURCE_SNMP, "test.reads")->last, reads);
	assert_int_equal(cell_of(SOURCE_SNMP, "test.reads")->increase, reads - 1);
	assert_int_equal(result.namespaces, 1);
	assert_true(series_seconds(series) >= 0.2);
	assert_false(result.stopped);
}

static void middle_sources_are_read_here_and_dear_ones_in_a_helper(void **state)
{
	const struct source *const sources[] = { &counting, &middle, &dear, NULL };

	assert_int_equal(run(sources, 200), 0);
	assert_int_equal(cell_of(SOURCE_SOCKET, "test.pid")->last, getpid());
	assert_true(cell_of(SOURCE_NFTABLES, "test.helper")->last != (uint64_t)getpid());
	assert_true(observed(SOURCE_NFTABLES)->readings >= 2);
	assert_int_equal(observed(SOURCE_NFTABLES)->failures, 0);
}

static void totals_enclose_what_helpers_read(void **state)
{
	const struct source *const sources[] = { &dear, &counting, NULL };

	assert_int_equal(run(sources, 100), 0);
	assert_true(observed(SOURCE_SNMP)->first_ns < observed(SOURCE_NFTABLES)->first_ns);
	assert_true(observed(SOURCE_SNMP)->last_ns > observed(SOURCE_NFTABLES)->last_ns);
}

static void a_source_that_hangs_is_missed_and_the_rest_goes_on(void **state)
{
	const struct source *const sources[] = { &hanging, &dear, &counting, NULL };

	assert_int_equal(run(sources, 500), 0);
	assert_int_equal(observed(SOURCE_ETHTOOL)->readings, 0);
	assert_int_equal(observed(SOURCE_ETHTOOL)->failures, 1);
	assert_int_equal(observed(SOURCE_ETHTOOL)->error, -ETIMEDOUT);
	assert_string_equal(observed(SOURCE_ETHTOOL)->reason, "took longer than 0.3 s");
	assert_true(observed(SOURCE_NFTABLES)->readings >= 2);
	assert_true(observed(SOURCE_SNMP)->readings >= 3);
	assert_int_equal(result.helper_failures, 1);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left */
}

static void a_source_that_crashes_is_missed_with_its_signal(void **state)
{
	const struct source *const sources[] = { &crashing, &dear, &counting, NULL };
	const struct observation *observation;

	assert_int_equal(run(sources, 100), 0);
	observation = series_observation(series, SOURCE_IPTABLES, OBJECT_HOST_ID);
	assert_int_equal(observation->error, -ECHILD);
	assert_string_equal(observation->reason, "its helper process died of SIGSEGV");
	assert_true(observed(SOURCE_NFTABLES)->readings >= 1);
}

static void read_many(const struct source_context *context, struct snapshot *snapshot)
{
	for (uint64_t i = 1; i <= 20; i++) {
		struct object_key key = { OBJECT_LINK, context->netns->key.netns, i, 0 };

		snapshot_add(snapshot, counter(SOURCE_LINK, "test.many"), object_intern(context->objects, key, NULL),
			     i);
	}
	snapshot_covered(snapshot, SOURCE_LINK, context->netns);
}

static void what_is_too_much_to_keep_is_missed(void **state)
{
	static const struct source many = { SOURCE_LINK, SCOPE_NETNS, COST_CHEAP, read_many };
	const struct source *const sources[] = { &many, NULL };

	objects_limit(objects, 22); /* the host, the namespace, and 20 links */
	assert_int_equal(run(sources, 50), 0);
	assert_null(series_observation(series, SOURCE_LINK, OBJECT_HOST_ID));
	teardown(state);
	setup(state);
	objects_limit(objects, 21);
	assert_int_equal(run(sources, 50), 0);
	assert_int_equal(observed(SOURCE_LINK)->failures, 0);
	assert_int_equal(series_observation(series, SOURCE_LINK, OBJECT_HOST_ID)->error, -ENOSPC);
	assert_int_equal(series_observation(series, SOURCE_NFTABLES, OBJECT_HOST_ID)->readings, 0);
	assert_string_equal(series_observation(series, SOURCE_SNMP, OBJECT_HOST_ID)->reason,
			    "there is more on this host than is kept of one window");
}

static void the_stop_flag_ends_the_window_with_a_last_reading(void **state)
{
	const struct source *const sources[] = { &stopping, &dear, NULL };

	assert_int_equal(run(sources, 60000), 0);
	assert_true(result.stopped);
	assert_true(observed(SOURCE_SNMP)->readings >= 5);
	assert_true(observed(SOURCE_NFTABLES)->readings >= 1);
}

/* At 1 % of a CPU 5 ms are worth two readings in a second; what is cheap goes on at every tick. */
static void a_cheap_source_that_is_dear_here_is_read_less_often(void **state)
{
	const struct source *const sources[] = { &burning, &counting, NULL };

	burn_ns = 5 * NS_PER_MS;
	assert_int_equal(run(sources, 1000), 0);
	assert_true(observed(SOURCE_LINK)->readings >= 3);
	assert_true(observed(SOURCE_SNMP)->readings > observed(SOURCE_LINK)->readings);
	assert_true(result.thinned & SAMPLER_THINNED_TICKS);
}

static void a_costly_tick_is_stretched_and_the_bound_thins_the_dear_out(void **state)
{
	const struct source *const sources[] = { &burning, &dear, NULL };

	burn_ns = 150 * NS_PER_MS;
	assert_int_equal(run(sources, 4000), 0);
	assert_true(result.interval_ns >= 40 * NS_PER_MS);
	assert_true(result.thinned & SAMPLER_THINNED_DEAR);
	assert_true(observed(SOURCE_NFTABLES)->partial);
	assert_true(observed(SOURCE_NFTABLES)->readings >= 2);
}

static void an_unknown_namespace_is_an_error_with_a_phrase(void **state)
{
	const struct source *const sources[] = { &counting, NULL };
	const struct sampler_options options = { .netns = "no such name", .sources = sources };

	assert_int_equal(sampler_run(&options, series, &result), -ENOENT);
	assert_string_equal(result.error, "no such network namespace");
	assert_int_equal(reads, 0);
}

static void the_home_namespace_is_read_without_any_right(void **state)
{
	const struct source *const sources[] = { &counting, NULL };
	const struct sampler_options options = {
		.netns = "",
		.sources = sources,
		.duration_ns = 50 * NS_PER_MS,
		.interval_ns = 20 * NS_PER_MS,
	};

	assert_int_equal(sampler_run(&options, series, &result), 0);
	assert_true(observed(SOURCE_SNMP)->readings >= 3);
	assert_string_equal(object_text(namespace(), LABEL_NAME), "");
	assert_int_equal(result.namespaces, 1);
}

/* Helpers alone. */

static void count_descriptors(void *argument, size_t index, struct snapshot *snapshot)
{
	DIR *folder = opendir("/proc/self/fd");
	uint64_t open = 0;

	while (folder && readdir(folder))
		open++;
	snapshot_add(snapshot, counter(SOURCE_SNMP, "test.open"), object_get(objects, OBJECT_HOST_ID), open);
}

static enum helper_event wait_for(struct helper *helper, struct snapshot *snapshot, struct helper_answer *answer)
{
	enum helper_event event;

	while ((event = helper_poll(helper, snapshot, answer)) == HELPER_NOTHING && helper->pid)
		(void)clock_sleep_until(clock_monotonic_ns() + NS_PER_MS);
	return event;
}

static struct helper_job job_of(void (*work)(void *argument, size_t index, struct snapshot *snapshot), size_t count)
{
	return (struct helper_job){
		.work = work,
		.count = count,
		.objects = objects,
		.budget_ns = 5 * NS_PER_S,
		.keep_fd = -1,
	};
}

static void a_helper_keeps_no_descriptors_and_writes_nothing_of_its_parent(void **state)
{
	const struct helper_job job = job_of(count_descriptors, 2);
	struct helper helper = HELPER_IDLE;
	struct helper_answer answer;
	struct snapshot snapshot = { 0 };
	FILE *file = tmpfile(), *more = tmpfile();

	assert_true(file && more);
	fputs("once", file);
	snapshot_begin(&snapshot, objects);
	assert_int_equal(helper_start(&helper, &job), 0);
	assert_int_equal(wait_for(&helper, &snapshot, &answer), HELPER_ANSWER);
	assert_int_equal(wait_for(&helper, &snapshot, &answer), HELPER_ANSWER);
	assert_int_equal(helper_poll(&helper, &snapshot, &answer), HELPER_NOTHING);
	assert_int_equal(snapshot.samples.count, 2);
	/* ".", "..", the standard three, the pipe and the folder itself */
	assert_int_equal(snapshot.samples.data[0].value, 7);
	fclose(more);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	assert_int_equal(ftell(file), 4);
	fclose(file);
	snapshot_free(&snapshot);
	helper_free(&helper);
}

static void much_to_say(void *argument, size_t index, struct snapshot *snapshot)
{
	for (uint64_t i = 0; i < 50000; i++) /* more than a pipe holds */
		snapshot_add(snapshot, counter(SOURCE_SNMP, "test.much"), object_get(objects, OBJECT_HOST_ID), i);
}

static void long_answers_come_whole_and_in_order(void **state)
{
	const struct helper_job job = job_of(much_to_say, 3);
	struct helper helper = HELPER_IDLE;
	struct helper_answer answer;
	struct snapshot snapshot = { 0 };

	assert_int_equal(helper_start(&helper, &job), 0);
	for (size_t i = 0; i < 3; i++) {
		snapshot_begin(&snapshot, objects);
		assert_int_equal(wait_for(&helper, &snapshot, &answer), HELPER_ANSWER);
		assert_int_equal(helper.answered, i + 1);
		assert_int_equal(snapshot.samples.count, 50000);
		assert_int_equal(snapshot.samples.data[49999].value, 49999);
	}
	assert_int_equal(helper.pid, 0);
	snapshot_free(&snapshot);
	helper_free(&helper);
}

/* Nobody listened for longer than its time: what it says then is taken all the same. */
static void a_helper_that_talks_does_not_hang(void **state)
{
	struct helper_job job = job_of(much_to_say, 1);
	struct helper helper = HELPER_IDLE;
	struct helper_answer answer;
	struct snapshot snapshot = { 0 };

	job.budget_ns = 500 * NS_PER_MS;
	assert_int_equal(helper_start(&helper, &job), 0);
	(void)clock_sleep_until(clock_monotonic_ns() + NS_PER_S);
	snapshot_begin(&snapshot, objects);
	assert_int_equal(wait_for(&helper, &snapshot, &answer), HELPER_ANSWER);
	assert_int_equal(snapshot.samples.count, 50000);
	snapshot_free(&snapshot);
	helper_free(&helper);
}

/* Takes 200 ms in steps, so that a process that was stopped still has some before it. */
static void read_slowly(const struct source_context *context, struct snapshot *snapshot)
{
	for (int i = 0; i < 20; i++)
		(void)clock_sleep_until(clock_monotonic_ns() + 10 * NS_PER_MS);
	give(context, snapshot, SOURCE_NFTABLES, "test.slow", 1);
}

static void a_window_that_is_stopped_for_a_while_goes_on(void **state)
{
	static const struct source slow = { SOURCE_NFTABLES, SCOPE_NETNS, COST_DEAR, read_slowly };
	const struct source *const sources[] = { &slow, &counting, NULL };
	const struct sampler_options options = {
		.duration_ns = 2 * NS_PER_S,
		.interval_ns = 20 * NS_PER_MS,
		.deadline_ns = NS_PER_S,
		.sysroot = ROOT,
		.sources = sources,
	};
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) { /* a group of its own, with its helpers */
		setpgid(0, 0);
		_exit(sampler_run(&options, series, &result) || result.helper_failures ? 1 : 0);
	}
	(void)clock_sleep_until(clock_monotonic_ns() + 100 * NS_PER_MS);
	assert_int_equal(kill(-pid, SIGSTOP), 0);
	(void)clock_sleep_until(clock_monotonic_ns() + 1500 * NS_PER_MS);
	assert_int_equal(kill(-pid, SIGCONT), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
#define WINDOW_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
	const struct CMUnitTest tests[] = {
		WINDOW_TEST(cheap_sources_are_read_at_every_tick),
		WINDOW_TEST(middle_sources_are_read_here_and_dear_ones_in_a_helper),
		WINDOW_TEST(totals_enclose_what_helpers_read),
		WINDOW_TEST(a_source_that_hangs_is_missed_and_the_rest_goes_on),
		WINDOW_TEST(a_source_that_crashes_is_missed_with_its_signal),
		WINDOW_TEST(what_is_too_much_to_keep_is_missed),
		WINDOW_TEST(the_stop_flag_ends_the_window_with_a_last_reading),
		WINDOW_TEST(a_cheap_source_that_is_dear_here_is_read_less_often),
		WINDOW_TEST(a_costly_tick_is_stretched_and_the_bound_thins_the_dear_out),
		WINDOW_TEST(an_unknown_namespace_is_an_error_with_a_phrase),
		WINDOW_TEST(the_home_namespace_is_read_without_any_right),
		WINDOW_TEST(a_helper_keeps_no_descriptors_and_writes_nothing_of_its_parent),
		WINDOW_TEST(long_answers_come_whole_and_in_order),
		WINDOW_TEST(a_helper_that_talks_does_not_hang),
		WINDOW_TEST(a_window_that_is_stopped_for_a_while_goes_on),
	};

	return cmocka_run_group_tests_name("source/sampler", tests, NULL, NULL);
}
