/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the ways of watching drops share: drops.c (reading the counts), drops_bpf.c, drops_perf.c. Nobody else includes this. */
#pragma once

#include "source/drops.h"

struct drops {
	enum drops_way way;
	const struct drop_slot *slots; /* of all CPUs, as src/bpf/drop.h has them */
	const struct drop_flow *flows;
	const struct drop_cpu *cpus;
	size_t cpu_count, flow_count;
	void (*each)(void *argument, const struct drop_sample *sample); /* of the poll under way */
	void *argument;
	struct drops_bpf *bpf; /* one of the two */
	struct drops_perf *perf;
};

#define DROPS_RING_BYTES (1 << 20) /* as in src/bpf/drop_probe.h; perf: of each CPU */

size_t drops_slots_bytes(const struct drops *drops);
size_t drops_flows_bytes(const struct drops *drops);
size_t drops_cpus_bytes(const struct drops *drops);

/*
 * Attach one way, the counts found in `drops`; 0 or -errno, and then nothing is kept. Stop, free, poll (as drops_poll()) and
 * the number of drops that this way did not see at all.
 */
int drops_bpf_attach(struct drops *drops, const struct drops_options *options, enum drops_way way)
	__attribute__((warn_unused_result));
void drops_bpf_stop(struct drops *drops);
void drops_bpf_free(struct drops *drops);
int drops_bpf_poll(struct drops *drops, int timeout_ms);
uint64_t drops_bpf_missed(const struct drops *drops);

int drops_perf_attach(struct drops *drops, const struct drops_options *options) __attribute__((warn_unused_result));
void drops_perf_stop(struct drops *drops);
void drops_perf_free(struct drops *drops);
int drops_perf_poll(struct drops *drops, int timeout_ms);
uint64_t drops_perf_missed(const struct drops *drops);
