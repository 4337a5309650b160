/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attaching the drop probe (src/bpf/), the typed one where the kernel allows it, else the raw one; reading its counts. */
#include "source/drops.h"

#include "bpf/drop_raw.skel.h"
#include "bpf/drop_typed.skel.h"

#include "base/alloc.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/resource.h>

struct drops {
	enum drops_way way;
	struct drop_typed_bpf *typed;
	struct drop_raw_bpf *raw;
	int program;
	struct ring_buffer *ring;
	const struct drop_slot *slots;
	const struct drop_cpu *cpus;
	size_t cpu_count;
	void (*each)(void *argument, const struct drop_sample *sample);
	void *argument;
};

/* What the two skeletons have under the same names. */
struct parts {
	struct bpf_map *slots, *cpus, *ring;
};

static int be_silent(enum libbpf_print_level level __attribute__((unused)), const char *format __attribute__((unused)),
		     va_list arguments __attribute__((unused)))
{
	return 0;
}

/* How many arguments the tracepoint has on this kernel: packet, place, reason (5.17), receiving socket (6.11). */
static int arguments_of(const struct btf *btf)
{
	int id = btf__find_by_name_kind(btf, "btf_trace_kfree_skb", BTF_KIND_TYPEDEF);
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, (__u32)id) : NULL;

	type = type ? btf__type_by_id(btf, type->type) : NULL; /* a pointer to a function */
	type = type && btf_is_ptr(type) ? btf__type_by_id(btf, type->type) : NULL;
	return type && btf_is_func_proto(type) ? btf_vlen(type) - 1 : 0;
}

static int size_maps(const struct parts *parts, size_t cpu_count)
{
	int error = bpf_map__set_max_entries(parts->slots, (__u32)(cpu_count * DROP_SLOTS));

	return error ? error : bpf_map__set_max_entries(parts->cpus, (__u32)cpu_count);
}

#define SETTINGS(skeleton, options, argument_count)                                     \
	do {                                                                            \
		(skeleton)->rodata->has_reason = (argument_count) >= 3;                 \
		(skeleton)->rodata->has_receiver = (argument_count) >= 4;               \
		(skeleton)->rodata->only_netns = (options)->netns;                      \
		(skeleton)->rodata->only_ifindex = (options)->ifindex;                  \
		(skeleton)->rodata->samples_per_second = (options)->samples_per_second; \
		(skeleton)->rodata->want_stack = (options)->stacks;                     \
	} while (0)

static int attach_typed(struct drops *drops, const struct drops_options *options, int arguments, struct parts *ret)
{
	struct drop_typed_bpf *skeleton = drop_typed_bpf__open();
	int error;

	if (!skeleton)
		return -errno;
	drops->typed = skeleton;
	*ret = (struct parts){ skeleton->maps.slots, skeleton->maps.cpus, skeleton->maps.ring };
	SETTINGS(skeleton, options, arguments);
	error = size_maps(ret, drops->cpu_count);
	if (!error)
		error = drop_typed_bpf__load(skeleton);
	if (!error)
		error = drop_typed_bpf__attach(skeleton);
	if (error) {
		drop_typed_bpf__destroy(skeleton);
		drops->typed = NULL;
		return error;
	}
	drops->way = DROPS_TYPED;
	drops->program = bpf_program__fd(skeleton->progs.wd_drop_typed);
	return 0;
}

static int attach_raw(struct drops *drops, const struct drops_options *options, int arguments, struct parts *ret)
{
	struct drop_raw_bpf *skeleton = drop_raw_bpf__open();
	int error;

	if (!skeleton)
		return -errno;
	drops->raw = skeleton;
	*ret = (struct parts){ skeleton->maps.slots, skeleton->maps.cpus, skeleton->maps.ring };
	SETTINGS(skeleton, options, arguments);
	error = size_maps(ret, drops->cpu_count);
	if (!error)
		error = drop_raw_bpf__load(skeleton);
	if (!error)
		error = drop_raw_bpf__attach(skeleton);
	if (error) {
		drop_raw_bpf__destroy(skeleton);
		drops->raw = NULL;
		return error;
	}
	drops->way = DROPS_RAW;
	drops->program = bpf_program__fd(skeleton->progs.wd_drop_raw);
	return 0;
}

static size_t pages(size_t bytes)
{
	return (bytes + 4095) & ~(size_t)4095;
}

static size_t slots_bytes(const struct drops *drops)
{
	return pages(drops->cpu_count * DROP_SLOTS * sizeof(struct drop_slot));
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

static int map_counts(struct drops *drops, const struct parts *parts)
{
	void *slots, *cpus;

	slots = mmap(NULL, slots_bytes(drops), PROT_READ, MAP_SHARED, bpf_map__fd(parts->slots), 0);
	if (slots == MAP_FAILED)
		return -errno;
	drops->slots = slots;
	cpus = mmap(NULL, cpus_bytes(drops), PROT_READ, MAP_SHARED, bpf_map__fd(parts->cpus), 0);
	if (cpus == MAP_FAILED)
		return -errno;
	drops->cpus = cpus;
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
	struct btf *btf;
	struct parts parts;
	int arguments, error;

	libbpf_set_print(be_silent);
	btf = btf__load_vmlinux_btf();
	if (!btf) {
		free(drops);
		*ret_why = "this kernel does not describe its types (no /sys/kernel/btf/vmlinux)";
		return -ENOENT;
	}
	arguments = arguments_of(btf);
	btf__free(btf);
	drops->cpu_count = (size_t)libbpf_num_possible_cpus();
	error = attach_typed(drops, options, arguments, &parts);
	if (error)
		error = attach_raw(drops, options, arguments, &parts);
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

void drops_detach(struct drops *drops)
{
	if (!drops)
		return;
	ring_buffer__free(drops->ring);
	if (drops->slots)
		munmap((void *)drops->slots, slots_bytes(drops));
	if (drops->cpus)
		munmap((void *)drops->cpus, cpus_bytes(drops));
	drop_typed_bpf__destroy(drops->typed);
	drop_raw_bpf__destroy(drops->raw);
	free(drops);
}

enum drops_way drops_way(const struct drops *drops)
{
	return drops->way;
}

void drops_each(const struct drops *drops, void (*each)(void *argument, const struct drop_slot *slot), void *argument)
{
	for (size_t i = 0; i < drops->cpu_count * DROP_SLOTS; i++) {
		if (drops->slots[i].first_ns)
			each(argument, &drops->slots[i]);
	}
}

static void add_slot(void *argument, const struct drop_slot *slot)
{
	struct drops_totals *totals = argument;

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
	return slots_bytes(drops) + cpus_bytes(drops) + (1 << 20);
}
