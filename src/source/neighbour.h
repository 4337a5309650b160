/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the neighbour source that work without a kernel. */
#pragma once

#include "source/netlink.h"
#include "source/source.h"

/*
 * Messages of an RTM_GETNEIGHTBL dump: the statistics and limits of the ARP and IPv6 tables, which all namespaces
 * share, so the objects have no namespace. False when the bytes end in the middle of a message or hold one that
 * is too short.
 */
bool neighbour_parse_tables(const struct source_context *context, struct snapshot *snapshot, const void *bytes,
			    size_t length);

#define NEIGHBOURS_NAMED 256  /* unresolved ones that become objects in one reading */
#define NEIGHBOURS_READ 65536 /* entries looked at in one reading */

struct neighbour_counts {
	uint32_t seen, failed, incomplete;
	uint32_t named;
	bool broken;
};

/*
 * Messages of an RTM_GETNEIGH dump of the context's namespace, one datagram after the other. Entries that failed or
 * are incomplete become objects, the first NEIGHBOURS_NAMED of them; all are counted. False when there is no use in
 * going on.
 */
bool neighbour_parse_entries(const struct source_context *context, struct snapshot *snapshot, const void *bytes,
			     size_t length, struct neighbour_counts *counts);
