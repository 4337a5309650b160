/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Choosing the way, and reading what all ways count alike. */
#include "source/drops_parts.h"

#include "base/alloc.h"
#include "base/vec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t pages(size_t bytes)
{
	return (bytes + 4095) & ~(size_t)4095;
}

size_t drops_slots_bytes(const struct drops *drops)
{
	return pages(drops->cpu_count * DROP_SLOTS * sizeof(struct drop_slot));
}

size_t drops_flows_bytes(const struct drops *drops)
{
	return pages(drops->flow_count * sizeof(struct drop_flow));
}

size_t drops_cpus_bytes(const struct drops *drops)
{
	return pages(drops->cpu_count * sizeof(struct drop_cpu));
}

static const char *reason_of(int error, int perf_error)
{
	if (perf_error == -ENOENT && geteuid() == 0) /* others need more than that */
		return "BPF programs are refused here, and perf events need tracefs: mount -t tracefs nodev /sys/kernel/tracing";
	if (error == -EPERM || error == -EACCES)
		return "the kernel refuses BPF programs and perf events to this user (needs root, or CAP_BPF and CAP_PERFMON)";
	if (error == -ENOMEM)
		return "no memory for the counts";
	return "this kernel takes neither the BPF probe nor a perf event at skb:kfree_skb";
}

static const char *reason_of_fallback(int error)
{
	if (error == -EPERM || error == -EACCES)
		return "BPF programs are refused here (lockdown, or CAP_BPF and CAP_PERFMON are missing)";
	return "this kernel does not load the BPF probe (no BTF in /sys/kernel/btf/vmlinux, or too old)";
}

static int attach(struct drops *drops, const struct drops_options *options, enum drops_way way)
{
	drops->way = way;
	return way == DROPS_PERF ? drops_perf_attach(drops, options) : drops_bpf_attach(drops, options, way);
}

int drops_attach(const struct drops_options *options, struct drops **ret, const char **ret_why)
{
	static const enum drops_way ways[] = { DROPS_TYPED, DROPS_RAW, DROPS_PERF };
	struct drops *drops = NEW(struct drops);
	int error = -EOPNOTSUPP, first = 0; /* what the best way lacks is what would have to change */
	int perf_error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(ways) && error; i++) {
		if (options->way != DROPS_BEST && options->way != ways[i])
			continue;
		error = attach(drops, options, ways[i]);
		first = first && first != -EOPNOTSUPP ? first : error;
		perf_error = ways[i] == DROPS_PERF ? error : 0;
	}
	if (error) {
		error = first;
		free(drops);
		*ret_why = reason_of(error, perf_error);
		return error;
	}
	*ret_why = drops->way == DROPS_PERF && first ? reason_of_fallback(first) : NULL;
	*ret = drops;
	return 0;
}

void drops_stop(struct drops *drops)
{
	if (drops->perf)
		drops_perf_stop(drops);
	else
		drops_bpf_stop(drops);
}

void drops_detach(struct drops *drops)
{
	if (!drops)
		return;
	if (drops->perf)
		drops_perf_free(drops);
	else
		drops_bpf_free(drops);
	free(drops);
}

enum drops_way drops_way(const struct drops *drops)
{
	return drops->way;
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

/* What the entry holds now; false for a free one, and for one that another flow takes at this moment. */
static bool flow_read(const struct drop_flow *flow, struct drop_flow *ret)
{
	if (!__atomic_load_n(&flow->skbs, __ATOMIC_ACQUIRE))
		return false;
	*ret = *flow;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return ret->skbs && memcmp(&ret->key, &flow->key, sizeof(ret->key)) == 0 &&
	       __atomic_load_n(&flow->skbs, __ATOMIC_RELAXED) >= ret->skbs;
}

static int by_key(const void *a, const void *b)
{
	return memcmp(&((const struct drop_flow *)a)->key, &((const struct drop_flow *)b)->key,
		      sizeof(struct drop_flow_key));
}

static int most_first(const void *a, const void *b)
{
	const struct drop_flow *x = a, *y = b;

	if (x->skbs != y->skbs)
		return x->skbs > y->skbs ? -1 : 1;
	return by_key(a, b);
}

/* Those of one key, which are neighbours, become one. Returns how many are left. */
static size_t flows_join(struct drop_flow *flows, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (kept && by_key(&flows[kept - 1], &flows[i]) == 0) {
			flows[kept - 1].skbs += flows[i].skbs;
			flows[kept - 1].segments += flows[i].segments;
		} else {
			flows[kept++] = flows[i];
		}
	}
	return kept;
}

size_t drops_flows(const struct drops *drops, struct drop_flow **ret)
{
	VEC(struct drop_flow) list = { 0 };
	struct drop_flow one, *slot;

	for (size_t i = 0; i < drops->flow_count; i++) {
		slot = flow_read(&drops->flows[i], &one) ? vec_add(&list, drops->flow_count) : NULL;
		if (slot)
			*slot = one;
	}
	*ret = list.data;
	if (!list.count)
		return 0;
	vec_sort(&list, by_key);
	list.count = flows_join(list.data, list.count);
	vec_sort(&list, most_first);
	return list.count;
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
	ret->missed = drops->perf ? drops_perf_missed(drops) : drops_bpf_missed(drops);
}

int drops_poll(struct drops *drops, int timeout_ms, void (*each)(void *argument, const struct drop_sample *sample),
	       void *argument)
{
	drops->each = each;
	drops->argument = argument;
	return drops->perf ? drops_perf_poll(drops, timeout_ms) : drops_bpf_poll(drops, timeout_ms);
}

size_t drops_memory(const struct drops *drops)
{
	return drops_slots_bytes(drops) + drops_flows_bytes(drops) + drops_cpus_bytes(drops) +
	       DROPS_RING_BYTES * (drops->perf ? drops->cpu_count : 1);
}
