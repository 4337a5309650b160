/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the neighbour source that work without a kernel. */
#pragma once

#include "source/netlink.h"
#include "source/source.h"

#include <linux/neighbour.h>

/*
 * Messages of an RTM_GETNEIGHTBL dump: the statistics and limits of the ARP and IPv6 tables, which all namespaces
 * share, so the objects have no namespace. False when the bytes end in the middle of a message or hold one that
 * is too short.
 */
bool neighbour_parse_tables(const struct source_context *context, struct snapshot *snapshot, const void *bytes,
			    size_t length);

#define NEIGHBOURS_NAMED 256  /* unresolved ones that become objects in one reading */
#define NEIGHBOURS_READ 65536 /* entries looked at in one reading */

/* Which hardware address each neighbour had when it was last seen, and how often that was another one in this window. */
#define NEIGHBOUR_SLOTS 16384

struct neighbour_memory {
	struct neighbour_slot {
		uint64_t neighbour; /* hash of namespace, device and address; 0: free */
		uint64_t hardware;
		uint32_t changes, window;
	} slots[NEIGHBOUR_SLOTS];
	uint32_t window; /* its number */
	bool begun;	 /* it is the window's first tick that is being read */
};

struct neighbour_counts {
	uint32_t seen, failed, incomplete;
	uint32_t named;
	struct neighbour_memory *memory; /* NULL: nothing is remembered */
	bool broken;
};

/*
 * Before each reading of a namespace: with the window's first tick the changes are counted anew, while the hardware
 * addresses stay known. `series` is the window so far.
 */
void neighbour_memory_begin(struct neighbour_memory *memory, const struct series *series);

/*
 * Compares a neighbour that answers with what is remembered of it; one that changed in this window becomes an object
 * (neighbour_memory.c).
 * Either attribute may be NULL.
 */
void neighbour_compare(const struct source_context *context, struct snapshot *snapshot, struct neighbour_memory *memory,
		       const struct ndmsg *header, const struct nlattr *address, const struct nlattr *hardware);

/*
 * Messages of an RTM_GETNEIGH dump of the context's namespace, one datagram after the other. Entries that failed or
 * are incomplete become objects, the first NEIGHBOURS_NAMED of them; all are counted. The others are compared with
 * counts->memory. False when there is no use in
 * going on.
 */
bool neighbour_parse_entries(const struct source_context *context, struct snapshot *snapshot, const void *bytes,
			     size_t length, struct neighbour_counts *counts);

/*
 * What a table gave up on because too much waited for an answer already (/proc/net/stat/arp_cache, ndisc_cache); only the
 * host's first namespace has it. False when it cannot be read.
 */
bool neighbour_read_discards(const struct source_context *context, struct snapshot *snapshot, int family)
	__attribute__((warn_unused_result));
