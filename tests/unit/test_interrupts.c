/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A signal that ends the window, at the moments in which a sleep could miss it: during a reading, and between the look at the
 * flag and the sleep. ppoll(2) is a stand-in here that raises the signal on its way into the kernel. With intervals of
 * minutes, a window that misses it runs into the alarm.
 */
#include "source/sampler.h"
#include "unit/unit.h"

#include "base/clock.h"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LONG_NS (1000 * NS_PER_S)
#define ALARM_S 60

static struct objects *objects;
static struct series *series;
static struct sampler_result result;
static volatile sig_atomic_t stop;
static sigset_t signals;
static int sleeps, raise_in_sleep; /* in which one, from 1 */
static int reads, raise_in_reading;

int ppoll(struct pollfd *fds, nfds_t nfds, const struct timespec *timeout, const sigset_t *ss)
{
	struct timespec left = *timeout; /* the system call changes it */

	if (++sleeps == raise_in_sleep)
		raise(SIGUSR1);
	return (int)syscall(SYS_ppoll, fds, nfds, &left, ss, _NSIG / 8);
}

static void on_signal(int number)
{
	stop = stop + 1;
}

static int setup(void **state)
{
	const struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGUSR1, &action, NULL);
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	objects = objects_new();
	series = series_new(objects);
	stop = 0;
	sleeps = raise_in_sleep = reads = raise_in_reading = 0;
	alarm(ALARM_S);
	return 0;
}

static int teardown(void **state)
{
	alarm(0);
	series_free(series);
	objects_free(objects);
	return 0;
}

static void read_raising(const struct source_context *context, struct snapshot *snapshot)
{
	if (++reads == raise_in_reading)
		raise(SIGUSR1);
	snapshot_covered(snapshot, SOURCE_SNMP, context->netns);
}

static void run(uint64_t duration_ns, uint64_t interval_ns)
{
	static const struct source raising = { SOURCE_SNMP, SCOPE_NETNS, COST_CHEAP, read_raising };
	const struct source *const sources[] = { &raising, NULL };
	const struct sampler_options options = {
		.duration_ns = duration_ns,
		.interval_ns = interval_ns,
		.sysroot = "/does/not/exist",
		.sources = sources,
		.stop = &stop,
		.stop_signals = &signals,
	};

	assert_int_equal(sampler_run(&options, series, &result), 0);
}

static void one_on_the_way_to_sleep_ends_the_window(void **state)
{
	raise_in_sleep = 1;
	run(LONG_NS, LONG_NS);
	assert_true(result.stopped);
	assert_int_equal(sleeps, 1);
	assert_int_equal(reads, 3); /* the first, the last, and the last again */
}

static void one_during_a_reading_ends_the_window(void **state)
{
	raise_in_reading = 1;
	run(LONG_NS, LONG_NS);
	assert_true(result.stopped);
	assert_int_equal(reads, 3);
}

static void without_one_the_window_has_its_time(void **state)
{
	run(300 * NS_PER_MS, 20 * NS_PER_MS);
	assert_false(result.stopped);
	assert_true(reads > 3);
	assert_true(series_seconds(series) >= 0.3);
}

/* Outside of its sleeps the sampler lets signals through as its caller does. */
static void signals_are_open_again_behind_the_window(void **state)
{
	sigset_t now;

	run(100 * NS_PER_MS, 20 * NS_PER_MS);
	assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &now), 0);
	assert_false(sigismember(&now, SIGUSR1));
}

int main(void)
{
#define SIGNAL_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
	const struct CMUnitTest tests[] = {
		SIGNAL_TEST(one_on_the_way_to_sleep_ends_the_window),
		SIGNAL_TEST(one_during_a_reading_ends_the_window),
		SIGNAL_TEST(without_one_the_window_has_its_time),
		SIGNAL_TEST(signals_are_open_again_behind_the_window),
	};

	return cmocka_run_group_tests_name("source/sampler interrupts", tests, NULL, NULL);
}
