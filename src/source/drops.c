/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attaching the drop probe (src/bpf/), the typed one where the kernel allows it, else the raw one; reading its counts. */
#include "source/drops.h"

#include "bpf/drop_raw.skel.h"
#include "bpf/drop_typed.skel.h"

#include "base/alloc.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define RING_BYTES (1 << 20) /* as in src/bpf/drop_probe.h */

struct drops {
	struct drop_typed_bpf *typed; /* one of the two */
	struct drop_raw_bpf *raw;
	int program;
	struct ring_buffer *ring;
	const struct drop_slot *slots;
	const struct drop_flow *flows;
	const struct drop_cpu *cpus;
	size_t cpu_count, flow_count;
	void (*each)(void *argument, const struct drop_sample *sample);
	void *argument;
};

/* What the two skeletons have under the same names. */
struct parts {
	struct bpf_map *slots, *flows, *cpus, *ring;
	struct bpf_program *program;
};

static int be_silent(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level;
	(void)format;
	(void)arguments;
	return 0;
}

static int size_maps(const struct drops *drops, const struct parts *parts)
{
	int error = bpf_map__set_max_entries(parts->slots, (__u32)(drops->cpu_count * DROP_SLOTS));

	if (!error && drops->flow_count)
		error = bpf_map__set_max_entries(parts->flows, (__u32)drops->flow_count);
	return error ? error : bpf_map__set_max_entries(parts->cpus, (__u32)drops->cpu_count);
}

/* The skeletons' types differ and their members do not. */
#define OPEN(kind, drops, options, ret_parts)                                                                   \
	do {                                                                                                    \
		struct drop_##kind##_bpf *skeleton = drop_##kind##_bpf__open();                                 \
                                                                                                                \
		if (!skeleton)                                                                                  \
			return -errno;                                                                          \
		(drops)->kind = skeleton;                                                                       \
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
		skeleton->rodata->want_flows = (options)->flows;                                                \
	} while (0)

static int attach_typed(struct drops *drops, const struct drops_options *options, struct parts *ret)
{
	int error;

	OPEN(typed, drops, options, ret);
	error = size_maps(drops, ret);
	if (!error)
		error = drop_typed_bpf__load(drops->typed);
	if (!error)
		error = drop_typed_bpf__attach(drops->typed);
	if (!error)
		return 0;
	drop_typed_bpf__destroy(drops->typed);
	drops->typed = NULL;
	return error;
}

static int attach_raw(struct drops *drops, const struct drops_options *options, struct parts *ret)
{
	int error;

	OPEN(raw, drops, options, ret);
	error = size_maps(drops, ret);
	if (!error)
		error = drop_raw_bpf__load(drops->raw);
	if (!error)
		error = drop_raw_bpf__attach(drops->raw);
	if (!error)
		return 0;
	drop_raw_bpf__destroy(drops->raw);
	drops->raw = NULL;
	return error;
}

static size_t pages(size_t bytes)
{
	return (bytes + 4095) & ~(size_t)4095;
}

static size_t slots_bytes(const struct drops *drops)
{
	return pages(drops->cpu_count * DROP_SLOTS * sizeof(struct drop_slot));
}

static size_t flows_bytes(const struct drops *drops)
{
	return pages(drops->flow_count * sizeof(struct drop_flow));
}

static size_t cpus_bytes(const struct drops *drops)
{
	return pages(drops->cpu_count * sizeof(struct drop_cpu));
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
	int error = map_one(parts->slots, slots_bytes(drops), &drops->slots);

	if (!error)
		error = map_one(parts->flows, flows_bytes(drops), &drops->flows);
	if (!error)
		error = map_one(parts->cpus, cpus_bytes(drops), &drops->cpus);
	if (error)
		return error;
	drops->program = bpf_program__fd(parts->program);
	drops->ring = ring_buffer__new(bpf_map__fd(parts->ring), on_sample, drops, NULL);
	return drops->ring ? 0 : -errno;
}

static const char *reason_of(int error)
{
	if (error == -EPERM || error == -EACCES)
		return "the kernel refuses BPF programs to this user (needs root, or CAP_BPF and CAP_PERFMON)";
	if (error == -ENOMEM)
		return "no memory for the counts";
	return "this kernel does not take the probe";
}

int drops_attach(const struct drops_options *options, struct drops **ret, const char **ret_why)
{
	struct drops *drops = NEW(struct drops);
	struct parts parts;
	int error;

	libbpf_set_print(be_silent);
	drops->cpu_count = (size_t)libbpf_num_possible_cpus();
	drops->flow_count = options->flows ? drops->cpu_count * DROP_FLOWS : 0;
	error = attach_typed(drops, options, &parts);
	if (error)
		error = attach_raw(drops, options, &parts);
	if (!error)
		error = map_counts(drops, &parts);
	if (error) {
		drops_detach(drops);
		*ret_why = reason_of(error);
		return error;
	}
	*ret = drops;
	return 0;
}

void drops_stop(struct drops *drops)
{
	if (drops->typed)
		drop_typed_bpf__detach(drops->typed);
	if (drops->raw)
		drop_raw_bpf__detach(drops->raw);
}

static void unmap(const void *mapped, size_t bytes)
{
	if (mapped)
		munmap((void *)mapped, bytes);
}

void drops_detach(struct drops *drops)
{
	if (!drops)
		return;
	ring_buffer__free(drops->ring);
	unmap(drops->slots, slots_bytes(drops));
	unmap(drops->flows, flows_bytes(drops));
	unmap(drops->cpus, cpus_bytes(drops));
	if (drops->typed)
		drop_typed_bpf__destroy(drops->typed);
	if (drops->raw)
		drop_raw_bpf__destroy(drops->raw);
	free(drops);
}

enum drops_way drops_way(const struct drops *drops)
{
	return drops->typed ? DROPS_TYPED : DROPS_RAW;
}

size_t drops_slots(const struct drops *drops)
{
	return drops->cpu_count * DROP_SLOTS;
}

size_t drops_slot_of(const struct drops *drops, const struct drop_sample *sample)
{
	uint32_t hash = drop_key_hash(&sample->key);

	for (uint32_t i = 0; i < DROP_TRIES && sample->cpu < drops->cpu_count; i++) {
		size_t index = sample->cpu * (size_t)DROP_SLOTS + ((hash + i) & (DROP_SLOTS - 1));

		if (drops->slots[index].is_used &&
		    memcmp(&drops->slots[index].key, &sample->key, sizeof(sample->key)) == 0)
			return index;
	}
	return drops_slots(drops);
}

void drops_each(const struct drops *drops, void (*each)(void *argument, size_t index, const struct drop_slot *slot),
		void *argument)
{
	for (size_t cpu = 0; cpu < drops->cpu_count; cpu++) {
		uint32_t at = __atomic_load_n(&drops->cpus[cpu].last, __ATOMIC_ACQUIRE);

		for (; at && at <= drops->cpu_count * DROP_SLOTS; at = drops->slots[at - 1].next)
			each(argument, at - 1, &drops->slots[at - 1]);
	}
}

/* An entry that another flow takes at this moment is read as neither. */
void drops_flows_each(const struct drops *drops, void (*each)(void *argument, const struct drop_flow *flow),
		      void *argument)
{
	for (size_t i = 0; i < drops->flow_count; i++) {
		const struct drop_flow *flow = &drops->flows[i];
		struct drop_flow copy;

		if (!__atomic_load_n(&flow->skbs, __ATOMIC_ACQUIRE))
			continue;
		copy = *flow;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (copy.skbs && memcmp(&copy.key, &flow->key, sizeof(copy.key)) == 0 &&
		    __atomic_load_n(&flow->skbs, __ATOMIC_RELAXED) >= copy.skbs)
			each(argument, &copy);
	}
}

static void add_slot(void *argument, size_t index, const struct drop_slot *slot)
{
	struct drops_totals *totals = argument;

	(void)index;
	totals->skbs += slot->skbs;
	totals->segments += slot->segments;
}

void drops_totals(const struct drops *drops, struct drops_totals *ret)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);

	*ret = (struct drops_totals){ 0 };
	drops_each(drops, add_slot, ret);
	for (size_t i = 0; i < drops->cpu_count; i++) {
		const struct drop_cpu *cpu = &drops->cpus[i];

		ret->keyless_skbs += cpu->skbs;
		ret->segments += cpu->segments;
		ret->flow_skbs_evicted += cpu->flow_skbs_evicted;
		ret->flow_skbs_none += cpu->flow_skbs_none;
		ret->samples_lost += cpu->samples_lost;
		ret->samples_left += cpu->samples_left;
	}
	ret->skbs += ret->keyless_skbs;
	if (bpf_obj_get_info_by_fd(drops->program, &info, &size) == 0)
		ret->missed = info.recursion_misses;
}

int drops_poll(struct drops *drops, int timeout_ms, void (*each)(void *argument, const struct drop_sample *sample),
	       void *argument)
{
	drops->each = each;
	drops->argument = argument;
	return ring_buffer__poll(drops->ring, timeout_ms);
}

size_t drops_memory(const struct drops *drops)
{
	return slots_bytes(drops) + flows_bytes(drops) + cpus_bytes(drops) + RING_BYTES;
}
