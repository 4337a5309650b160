/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the traffic control filter source that work without a kernel. */
#pragma once

#include "source/netlink.h"
#include "source/source.h"

#include "base/vec.h"

#define FILTER_PLACES_MAX 16384
#define FILTERS_READ 20000 /* messages looked at in one reading */

/* Where filters hang: a device and the parent to ask for. */
struct filter_place {
	uint32_t ifindex, parent;
	const char *hook; /* "ingress", "egress", or "queue" for the filters of a classful qdisc */
};

struct filter_places {
	VEC(struct filter_place) list;
};

/* Adds the places that an RTM_GETQDISC dump tells of. False when the bytes end in the middle of a message. */
bool filter_parse_places(const void *bytes, size_t length, struct filter_places *places);

struct filter_reading {
	const struct source_context *context;
	struct snapshot *snapshot;
	struct filter_place place;
	uint32_t seen; /* messages of this reading, over all places */
	bool born;     /* what is new came into being since the last reading */
	bool broken;
};

/*
 * Messages of an RTM_GETTFILTER dump of reading->place: every action that counts becomes an object with its statistics.
 * False when there is no use in going on.
 */
bool filter_parse(struct filter_reading *reading, const void *bytes, size_t length);
