/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the route source that work without a kernel. */
#pragma once

#include "source/netlink.h"
#include "source/source.h"

#define ROUTES_NAMED 4096  /* refusing routes and rules that become objects in one reading */
#define ROUTES_READ 100000 /* messages looked at in one dump of those */
#define DEFAULTS_READ 2048 /* routes looked at in search of default ones */

struct route_counts {
	uint32_t seen, limit; /* messages of this dump, and after how many to stop */
	uint32_t named;
	uint32_t default_v4, default_v6; /* in the main table */
	struct route_default {
		uint32_t ifindex;	 /* of the first default route's first next hop; 0: none was seen */
		uint32_t nexthops, dead; /* of that route: how many it has, and how many of them lead nowhere now */
	} first_v4, first_v6;
	uint32_t rules; /* of this family's dump */
	bool broken;
};

/*
 * Messages of RTM_GETROUTE and RTM_GETRULE dumps of the context's namespace, one datagram after the other: routes and
 * rules that refuse traffic become objects, default routes are counted. False when there is no use in going on.
 */
bool route_parse(const struct source_context *context, struct snapshot *snapshot, const void *bytes, size_t length,
		 struct route_counts *counts);
