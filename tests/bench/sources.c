/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a reading of each source costs, for scripts/bench.sh; not installed and not a test.
 *
 *	bench-sources [READINGS [SYSROOT]]
 *
 * One line per source: its id, its class, how many numbers a whole reading brings, what that takes of a CPU in this
 * namespace (ns) and how much of it in the kernel (permille), what a reading between the window's ends takes when
 * nothing has moved (ns), and what it takes to put the numbers into the series (ns). The first reading, which learns
 * layouts and names, is not counted. With a SYSROOT files are read below it.
 */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/parse.h"
#include "model/series.h"
#include "source/source.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

struct bench {
	struct source_context context;
	struct snapshot snapshot;
	struct series *series;
	uint32_t readings;
};

static uint64_t thread_cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* The kernel's share of what this process has used, by its own accounting: true over many readings only. */
static double kernel_share(const struct rusage *before, const struct rusage *after)
{
	double user = (double)(after->ru_utime.tv_sec - before->ru_utime.tv_sec) * 1e6 +
		      (double)(after->ru_utime.tv_usec - before->ru_utime.tv_usec);
	double kernel = (double)(after->ru_stime.tv_sec - before->ru_stime.tv_sec) * 1e6 +
			(double)(after->ru_stime.tv_usec - before->ru_stime.tv_usec);

	return user + kernel > 0 ? kernel / (user + kernel) : 0;
}

static const char *class_name(enum source_cost cost)
{
	return cost == COST_CHEAP ? "cheap" : cost == COST_MIDDLE ? "middle" : "dear";
}

struct cost {
	uint64_t read_ns, series_ns;
	double kernel;
	size_t numbers;
};

static struct cost measure(struct bench *bench, const struct source *source, bool between)
{
	struct rusage before, after;
	struct cost cost = { 0 };

	bench->context.between = between;
	for (uint32_t i = 0; i <= bench->readings; i++) {
		uint64_t begun_ns, read_done_ns;

		if (i <= 1)
			getrusage(RUSAGE_SELF, &before);
		snapshot_begin(&bench->snapshot, bench->context.objects);
		begun_ns = thread_cpu_ns();
		source->read(&bench->context, &bench->snapshot);
		read_done_ns = thread_cpu_ns();
		series_add(bench->series, &bench->snapshot);
		if (!i)
			continue;
		cost.read_ns += read_done_ns - begun_ns;
		cost.series_ns += thread_cpu_ns() - read_done_ns;
		cost.numbers = bench->snapshot.samples.count;
	}
	getrusage(RUSAGE_SELF, &after);
	if (!bench->readings)
		return cost;
	cost.read_ns /= bench->readings;
	cost.series_ns /= bench->readings;
	cost.kernel = kernel_share(&before, &after);
	return cost;
}

static void report(struct bench *bench, const struct source *source)
{
	struct cost whole = measure(bench, source, false), between = measure(bench, source, true);

	printf("%s %s %zu %llu %.0f %llu %llu\n", source_id_name(source->id), class_name(source->cost), whole.numbers,
	       (unsigned long long)whole.read_ns, 1000 * whole.kernel, (unsigned long long)between.read_ns,
	       (unsigned long long)whole.series_ns);
}

int main(int argc, char **argv)
{
	CLEANUP(objects_free_ptr) struct objects *objects = objects_new();
	CLEANUP(series_free_ptr) struct series *series = series_new(objects);
	CLEANUP_TEXT struct text buffer = { 0 };
	struct bench bench = { .series = series, .readings = 1000 };
	const struct source *source;
	struct stat home;

	if ((argc > 1 && (parse_u32(slice_of(argv[1]), &bench.readings) || !bench.readings)) ||
	    stat("/proc/self/ns/net", &home)) {
		fprintf(stderr, "usage: bench-sources [READINGS [SYSROOT]]\n");
		return 2;
	}
	objects_set_home(objects, home.st_ino);
	bench.context = (struct source_context){
		.objects = objects,
		.netns =
			object_intern(objects, (struct object_key){ .kind = OBJECT_NETNS, .netns = home.st_ino }, NULL),
		.series = series,
		.sysroot = argc > 2 ? argv[2] : "",
		.buffer = &buffer,
	};
	for (size_t i = 0; (source = source_at(i)); i++)
		report(&bench, source);
	snapshot_free(&bench.snapshot);
	return fflush(stdout) ? 2 : 0;
}
