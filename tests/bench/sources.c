/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a reading of each source costs, for scripts/bench.sh; not installed and not a test.
 *
 *	bench-sources [READINGS [SYSROOT]]
 *
 * One line per source: its id and class, what a reading takes of a CPU in this namespace (user and kernel, ns), how
 * many numbers it brings, and what it takes to put them into the series. The first reading, which learns layouts and
 * names, is not counted. With a SYSROOT files are read below it.
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

static void measure(struct bench *bench, const struct source *source)
{
	struct rusage before, after;
	uint64_t read_ns = 0, add_ns = 0;
	size_t numbers = 0;

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
		read_ns += read_done_ns - begun_ns;
		add_ns += thread_cpu_ns() - read_done_ns;
		numbers = bench->snapshot.samples.count;
	}
	getrusage(RUSAGE_SELF, &after);
	printf("%s %s read_ns %llu kernel_permille %.0f numbers %zu series_ns %llu\n", source_id_name(source->id),
	       class_name(source->cost), (unsigned long long)(read_ns / bench->readings),
	       1000 * kernel_share(&before, &after), numbers, (unsigned long long)(add_ns / bench->readings));
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
		measure(&bench, source);
	snapshot_free(&bench.snapshot);
	return fflush(stdout) ? 2 : 0;
}
