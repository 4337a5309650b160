/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probe in the kernel (src/bpf/): typed, where programs that know the kernel's types are allowed, or raw. */
#include "source/drops_parts.h"

#include "bpf/drop_raw.skel.h"
#include "bpf/drop_typed.skel.h"

#include "base/alloc.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

struct drops_bpf {
	struct drop_typed_bpf *typed; /* one of the two */
	struct drop_raw_bpf *raw;
	int program;
	struct ring_buffer *ring;
};

/* What the two skeletons have under the same names. */
struct parts {
	struct bpf_map *slots, *flows, *cpus, *ring;
	struct bpf_program *program;
};

static int size_maps(const struct drops *drops, const struct parts *parts)
{
	int error = bpf_map__set_max_entries(parts->slots, (__u32)(drops->cpu_count * DROP_SLOTS));

	if (!error && drops->flow_count)
		error = bpf_map__set_max_entries(parts->flows, (__u32)drops->flow_count);
	return error ? error : bpf_map__set_max_entries(parts->cpus, (__u32)drops->cpu_count);
}

/* The skeletons' types differ and their members do not. */
#define OPEN(kind, bpf, options, ret_parts)                                                                     \
	do {                                                                                                    \
		struct drop_##kind##_bpf *skeleton = drop_##kind##_bpf__open();                                 \
                                                                                                                \
		if (!skeleton)                                                                                  \
			return -errno;                                                                          \
		(bpf)->kind = skeleton;                                                                         \
		*(ret_parts) = (struct parts){ skeleton->maps.slots, skeleton->maps.flows, skeleton->maps.cpus, \
					       skeleton->maps.ring, skeleton->progs.wd_drop_##kind };           \
		skeleton->rodata->only_netns = (options)->netns;                                                \
		if ((options)->device)                                                                          \
			snprintf((char *)skeleton->rodata->only_device, DROP_DEVICE, "%s", (options)->device);  \
		skeleton->rodata->filter_count = (__u32)(options)->filter_count;                                \
		if ((options)->filter)                                                                          \
			memcpy((void *)skeleton->rodata->filter, (options)->filter,                             \
			       (options)->filter_count * sizeof(*(options)->filter));                           \
		skeleton->rodata->samples_per_second = (options)->samples_per_second;                           \
		skeleton->rodata->want_stack = (options)->stacks;                                               \
		skeleton->rodata->want_firsts = (options)->firsts;                                              \
		skeleton->rodata->want_flows = (options)->flows;                                                \
	} while (0)

static int attach_typed(struct drops *drops, const struct drops_options *options, struct parts *ret)
{
	int error;

	OPEN(typed, drops->bpf, options, ret);
	error = size_maps(drops, ret);
	if (!error)
		error = drop_typed_bpf__load(drops->bpf->typed);
	return error ? error : drop_typed_bpf__attach(drops->bpf->typed);
}

static int attach_raw(struct drops *drops, const struct drops_options *options, struct parts *ret)
{
	int error;

	OPEN(raw, drops->bpf, options, ret);
	error = size_maps(drops, ret);
	if (!error)
		error = drop_raw_bpf__load(drops->bpf->raw);
	return error ? error : drop_raw_bpf__attach(drops->bpf->raw);
}

static int on_sample(void *context, void *data, size_t size)
{
	struct drops *drops = context;

	if (size >= sizeof(struct drop_sample))
		drops->each(drops->argument, data);
	return 0;
}

static int map_one(const struct bpf_map *map, size_t bytes, void *ret)
{
	void *mapped = bytes ? mmap(NULL, bytes, PROT_READ, MAP_SHARED, bpf_map__fd(map), 0) : NULL;

	if (mapped == MAP_FAILED)
		return -errno;
	*(const void **)ret = mapped;
	return 0;
}

static int map_counts(struct drops *drops, const struct parts *parts)
{
	int error = map_one(parts->slots, drops_slots_bytes(drops), &drops->slots);

	if (!error)
		error = map_one(parts->flows, drops_flows_bytes(drops), &drops->flows);
	if (!error)
		error = map_one(parts->cpus, drops_cpus_bytes(drops), &drops->cpus);
	if (error)
		return error;
	drops->bpf->program = bpf_program__fd(parts->program);
	drops->bpf->ring = ring_buffer__new(bpf_map__fd(parts->ring), on_sample, drops, NULL);
	return drops->bpf->ring ? 0 : -errno;
}

int drops_bpf_attach(struct drops *drops, const struct drops_options *options, enum drops_way way)
{
	struct parts parts = { 0 };
	int error;

	libbpf_set_print(NULL);
	drops->bpf = NEW(struct drops_bpf);
	drops->cpu_count = (size_t)libbpf_num_possible_cpus();
	drops->flow_count = options->flows ? drops->cpu_count * DROP_FLOWS : 0;
	error = way == DROPS_TYPED ? attach_typed(drops, options, &parts) : attach_raw(drops, options, &parts);
	if (!error)
		error = map_counts(drops, &parts);
	if (error)
		drops_bpf_free(drops);
	return error;
}

void drops_bpf_stop(struct drops *drops)
{
	if (drops->bpf->typed)
		drop_typed_bpf__detach(drops->bpf->typed);
	if (drops->bpf->raw)
		drop_raw_bpf__detach(drops->bpf->raw);
}

static void unmap(void *pointer, size_t bytes)
{
	const void **mapped = pointer;

	if (*mapped)
		munmap((void *)*mapped, bytes);
	*mapped = NULL;
}

void drops_bpf_free(struct drops *drops)
{
	struct drops_bpf *bpf = drops->bpf;

	ring_buffer__free(bpf->ring);
	unmap(&drops->slots, drops_slots_bytes(drops));
	unmap(&drops->flows, drops_flows_bytes(drops));
	unmap(&drops->cpus, drops_cpus_bytes(drops));
	if (bpf->typed)
		drop_typed_bpf__destroy(bpf->typed);
	if (bpf->raw)
		drop_raw_bpf__destroy(bpf->raw);
	free(bpf);
	drops->bpf = NULL;
}

int drops_bpf_poll(struct drops *drops, int timeout_ms)
{
	return ring_buffer__poll(drops->bpf->ring, timeout_ms);
}

uint64_t drops_bpf_missed(const struct drops *drops)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(drops->bpf->program, &info, &size) ? 0 : info.recursion_misses;
}
