/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For developers and the engine's live tests, not installed: runs the sampler with all sources and prints what it
 * found and what it cost, one fact per line.
 *
 *	window [SECONDS [INTERVAL [NAMESPACE]]]		both times as the program takes them: 10s, 100ms
 *
 * A line "ready" comes out after the first tick; SIGINT ends the window.
 */
#include "base/alloc.h"
#include "base/parse.h"
#include "base/usage.h"
#include "source/sampler.h"

#include <stdio.h>
#include <string.h>

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
	(void)number;
	stop = stop + 1;
}

static void on_progress(void *argument, const struct sampler_progress *progress)
{
	(void)argument;
	if (progress->ticks != 1)
		return;
	puts("ready");
	fflush(stdout);
}

static void print_result(const struct sampler_result *result, const struct series *series)
{
	double seconds = series_seconds(series);

	printf("seconds %.3f\n", seconds);
	printf("ticks %zu late %zu tick_us %.0f interval_ms %.1f max_gap_ms %.1f\n", result->ticks, result->late_ticks,
	       (double)result->tick_ns / 1e3, (double)result->interval_ns / 1e6, (double)result->max_gap_ns / 1e6);
	printf("cells %zu observations %zu objects %zu\n", series_cells(series), series_observations(series),
	       objects_count(series_objects(series)));
	printf("cpu_ms %.1f share_percent %.2f max_rss_kib %llu\n", (double)result->cpu_ns / 1e6,
	       (double)result->cpu_ns / 1e7 / seconds, (unsigned long long)usage_max_rss_bytes() / 1024);
	printf("namespaces %zu appeared %zu vanished %zu refused %zu hidden_processes %zu\n", result->namespaces,
	       result->appeared, result->vanished, result->refused, result->hidden_processes);
	printf("thinned %u quiet_skipped %d stopped %d helper_failures %zu\n", result->thinned, result->quiet_skipped,
	       result->stopped, result->helper_failures);
}

static void print_sources(const struct series *series)
{
	for (size_t i = 0; i < SOURCE_COUNT; i++) {
		size_t readings = 0, failures = 0;

		for (size_t o = 0; o < series_observations(series); o++) {
			const struct observation *observation = series_observation_at(series, o);

			if (observation->source != (enum source_id)i)
				continue;
			readings += observation->readings;
			failures += observation->failures;
		}
		printf("source %s readings %zu failures %zu\n", source_id_name((enum source_id)i), readings, failures);
	}
}

static void print_namespaces(const struct series *series)
{
	const struct objects *objects = series_objects(series);

	for (uint32_t id = 0; id < objects_count(objects); id++) {
		const struct object *object = object_get(objects, id);
		const struct observation *seen;

		if (object->key.kind != OBJECT_NETNS)
			continue;
		seen = series_observation(series, SOURCE_SNMP, id);
		printf("netns %llu name \"%s\" path \"%s\" pid %d born %d readings %u failures %u no_ports %llu\n",
		       (unsigned long long)object->key.netns, object_text(object, LABEL_NAME),
		       object_text(object, LABEL_PATH), (int)object->pid, object->born, seen ? seen->readings : 0,
		       seen ? seen->failures : 0, (unsigned long long)series_increase(series, C_UDP_NO_PORTS, id));
	}
}

static void print_misses(const struct series *series)
{
	for (size_t i = 0; i < series_observations(series); i++) {
		const struct observation *observation = series_observation_at(series, i);

		if (observation->error)
			printf("miss %s on \"%s\": %d %s\n", source_id_name(observation->source),
			       object_text(object_get(series_objects(series), observation->object), LABEL_NAME),
			       observation->error, observation->reason);
	}
}

int main(int argc, char **argv)
{
	CLEANUP(objects_free_ptr) struct objects *objects = objects_new();
	CLEANUP(series_free_ptr) struct series *series = series_new(objects);
	struct sampler_options options = { .stop = &stop, .progress = on_progress };
	const struct sigaction action = { .sa_handler = on_signal };
	struct sampler_result result;

	if ((argc > 1 && parse_duration_ns(slice_of(argv[1]), &options.duration_ns)) ||
	    (argc > 2 && parse_duration_ns(slice_of(argv[2]), &options.interval_ns))) {
		fprintf(stderr, "usage: window [SECONDS [INTERVAL [NAMESPACE]]]\n");
		return 2;
	}
	if (argc > 3)
		options.netns = argv[3];
	sigaction(SIGINT, &action, NULL);
	if (sampler_run(&options, series, &result)) {
		fprintf(stderr, "window: %s\n", result.error);
		return 2;
	}
	print_result(&result, series);
	print_sources(series);
	print_namespaces(series);
	print_misses(series);
	return fflush(stdout) ? 2 : 0;
}
