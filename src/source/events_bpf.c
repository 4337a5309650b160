/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probes of src/bpf/events.bpf.c: loaded as far as asked for, their counts summed up over CPUs. */
#include "source/events.h"

#include "bpf/events.skel.h"

#include "base/alloc.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>

struct events {
	struct events_bpf *bpf;
	struct bpf_link *links[EVENT_KINDS]; /* NULL: not asked for, or lacking */
	struct ring_buffer *ring;
	size_t cpu_count;
	void (*each)(void *argument, const struct event_sample *sample); /* of the poll under way */
	void *argument;
};

static struct bpf_program *program_of(const struct events *events, enum event_kind kind)
{
	return bpf_object__find_program_by_name(events->bpf->obj, event_row(kind)->program);
}

static bool is_asked_for(const struct events_options *options, enum event_kind kind)
{
	return event_row(kind)->group & options->groups;
}

static int load(struct events *events, const struct events_options *options)
{
	events->bpf = events_bpf__open();
	if (!events->bpf)
		return -errno;
	events->bpf->rodata->only_netns = options->netns;
	events->bpf->rodata->samples_per_second = options->samples_per_second;
	if (options->device)
		snprintf((char *)events->bpf->rodata->only_device, DROP_DEVICE, "%s", options->device);
	for (int kind = 0; kind < EVENT_KINDS; kind++)
		bpf_program__set_autoload(program_of(events, (enum event_kind)kind),
					  is_asked_for(options, (enum event_kind)kind));
	return events_bpf__load(events->bpf);
}

static int on_sample(void *context, void *data, size_t size)
{
	struct events *events = context;

	if (size >= sizeof(struct event_sample))
		events->each(events->argument, data);
	return 0;
}

static void attach_all(struct events *events, const struct events_options *options)
{
	for (int kind = 0; kind < EVENT_KINDS; kind++) {
		if (!is_asked_for(options, (enum event_kind)kind))
			continue;
		events->links[kind] = bpf_program__attach(program_of(events, (enum event_kind)kind));
		if (!events->links[kind] && options->lacks)
			options->lacks(options->argument, event_row((enum event_kind)kind)->tracepoint, errno);
	}
}

int events_attach(const struct events_options *options, struct events **ret)
{
	struct events *events = NEW(struct events);
	int error;

	libbpf_set_print(NULL);
	events->cpu_count = (size_t)libbpf_num_possible_cpus();
	error = load(events, options);
	if (!error) {
		events->ring = ring_buffer__new(bpf_map__fd(events->bpf->maps.ring), on_sample, events, NULL);
		error = events->ring ? 0 : -errno;
	}
	if (error) {
		events_detach(events);
		return error;
	}
	attach_all(events, options);
	*ret = events;
	return 0;
}

void events_stop(struct events *events)
{
	for (int kind = 0; kind < EVENT_KINDS; kind++) {
		bpf_link__destroy(events->links[kind]);
		events->links[kind] = NULL;
	}
}

void events_detach(struct events *events)
{
	if (!events)
		return;
	events_stop(events);
	ring_buffer__free(events->ring);
	if (events->bpf)
		events_bpf__destroy(events->bpf);
	free(events);
}

void events_each(const struct events *events,
		 void (*each)(void *argument, const struct event_key *key, const struct event_count *count),
		 void *argument)
{
	CLEANUP_FREE struct event_count *counts = mem_new(events->cpu_count, sizeof(*counts));
	int map = bpf_map__fd(events->bpf->maps.counts);
	struct event_key key, *before = NULL;

	/* No key is ever taken out, so that each comes once. */
	while (bpf_map_get_next_key(map, before, &key) == 0) {
		struct event_count sum = { 0 };

		before = &key;
		if (bpf_map_lookup_elem(map, &key, counts))
			continue;
		for (size_t i = 0; i < events->cpu_count; i++) {
			sum.events += counts[i].events;
			sum.packets += counts[i].packets;
			sum.wanted += counts[i].wanted;
			sum.wanted_packets += counts[i].wanted_packets;
		}
		each(argument, &key, &sum);
	}
}

static uint64_t missed_by(const struct events *events, enum event_kind kind)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);
	int program = bpf_program__fd(program_of(events, kind));

	return program < 0 || bpf_obj_get_info_by_fd(program, &info, &size) ? 0 : info.recursion_misses;
}

void events_totals(const struct events *events, struct events_totals *ret)
{
	CLEANUP_FREE struct drop_cpu *cpus = mem_new(events->cpu_count, sizeof(*cpus));
	__u32 zero = 0;

	*ret = (struct events_totals){ 0 };
	if (bpf_map_lookup_elem(bpf_map__fd(events->bpf->maps.cpus), &zero, cpus) == 0) {
		for (size_t i = 0; i < events->cpu_count; i++) {
			ret->keyless += cpus[i].skbs;
			ret->samples_lost += cpus[i].samples_lost;
			ret->samples_left += cpus[i].samples_left;
		}
	}
	for (int kind = 0; kind < EVENT_KINDS; kind++)
		ret->missed += missed_by(events, (enum event_kind)kind);
}

int events_poll(struct events *events, void (*each)(void *argument, const struct event_sample *sample), void *argument)
{
	events->each = each;
	events->argument = argument;
	return ring_buffer__poll(events->ring, 0);
}
