/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the address source that work without a kernel. */
#pragma once

#include "source/netlink.h"
#include "source/source.h"

/*
 * Messages of an RTM_GETADDR dump of the context's namespace: addresses that this host may not use because another has
 * them (IFA_F_DADFAILED) become objects. False when the bytes end in the middle of a message.
 */
bool address_parse(const struct source_context *context, struct snapshot *snapshot, const void *bytes, size_t length);

/* Which hardware address each neighbour had when it was last seen, and how often that changed. */
#define ADDRESS_SLOTS 16384

struct address_memory {
	struct address_slot {
		uint64_t neighbour; /* hash of namespace, device and address; 0: free */
		uint64_t hardware;
		uint32_t changes;
	} slots[ADDRESS_SLOTS];
};

#define ADDRESS_NEIGHBOURS_READ 65536 /* entries looked at in one reading */

struct address_reading {
	const struct source_context *context;
	struct snapshot *snapshot;
	struct address_memory *memory;
	uint32_t seen;
	bool broken;
};

/*
 * Messages of an RTM_GETNEIGH dump of the context's namespace. Neighbours whose hardware address is another one than
 * before become objects. False when there is no use in going on.
 */
bool address_parse_neighbours(struct address_reading *reading, const void *bytes, size_t length);
