/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's drop events: a probe that counts every freed packet exactly, by reason, place, namespace, device and
 * protocol, and hands out samples of packets. Attached it costs its time per drop and nothing else; it goes with the
 * process, whatever ends it.
 */
#pragma once

#include "bpf/drop.h"
#include "bpf/filter.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct drops;

enum drops_way {
	DROPS_BEST,  /* the first of the others that the kernel allows */
	DROPS_TYPED, /* a BPF program that knows the kernel's types (tp_btf) */
	DROPS_RAW,   /* one that does not (raw tracepoint) */
	DROPS_PERF,  /* perf events, read and counted by this process: reason, place and EtherType are all they tell */
};

struct drops_options {
	uint32_t netns;	    /* samples of this one only (inode); 0: of all. Counts are always of all */
	const char *device; /* samples of packets at devices of that name only, or NULL */
	const struct filter_instruction
		*filter; /* and those only for which it holds, or NULL; at most FILTER_INSTRUCTIONS */
	size_t filter_count;
	uint32_t samples_per_second; /* of each CPU, beside the first of each key */
	bool stacks;		     /* with every sample, not only the first of a key */
	bool firsts;		     /* samples of the first of each key, whichever are wanted of the others */
	bool flows;		     /* counted as well */
	enum drops_way way;
};

struct drops_totals {
	uint64_t skbs, segments;	     /* seen by the probe */
	uint64_t keyless_skbs;		     /* of those, the ones that found no room for their key */
	uint64_t flow_skbs_evicted;	     /* of flows that gave way to others */
	uint64_t flow_skbs_none;	     /* neither IPv4 nor IPv6 */
	uint64_t missed;		     /* not seen: the probe was interrupted by another drop on the same CPU */
	uint64_t samples_lost, samples_left; /* the buffer was full; left out to keep to the rate */
};

/*
 * Attaches the probe. 0 and *ret (owned by the caller), or -errno and *ret_why: one line about what is missing, static.
 * Nothing is attached or kept on failure. On success *ret_why is NULL, or why the best ways are refused: drops_way() tells
 * which was taken.
 */
int drops_attach(const struct drops_options *options, struct drops **ret, const char **ret_why)
	__attribute__((warn_unused_result));
void drops_detach(struct drops *drops);

/* Takes the probe off and leaves its counts to be read: from now on they stand still. */
void drops_stop(struct drops *drops);

enum drops_way drops_way(const struct drops *drops);

/*
 * Each key of each CPU, with what it counts since the probe was attached; a key may come once for each CPU. `index` is its
 * own for good, below drops_slots().
 */
void drops_each(const struct drops *drops, void (*each)(void *argument, size_t index, const struct drop_slot *slot),
		void *argument);
size_t drops_slots(const struct drops *drops);

/* The index of the slot that counts a sample's key; drops_slots() when it found none. */
size_t drops_slot_of(const struct drops *drops, const struct drop_sample *sample);
/*
 * Every flow, those that several CPUs counted as one, most packets first, where options.flows asked for them. Returns how
 * many; *ret is the caller's to free(), NULL when there are none.
 */
size_t drops_flows(const struct drops *drops, struct drop_flow **ret);
void drops_totals(const struct drops *drops, struct drops_totals *ret);

/* Hands out the samples that wait, waiting so long for the first; how many there were, or -errno (-EINTR). */
int drops_poll(struct drops *drops, int timeout_ms, void (*each)(void *argument, const struct drop_sample *sample),
	       void *argument);

/* Kernel memory of the counts and of the samples, in bytes. */
size_t drops_memory(const struct drops *drops);
