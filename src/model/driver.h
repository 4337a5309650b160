/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What network drivers call things (drivers.def): each `ethtool -S` name with
 * one meaning, and which other number counts the same packets.
 */
#pragma once

#include "model/cause.h"
#include "model/counter.h"

enum driver_overlap {
	OVERLAP_NONE,	/* its packets are in no other counter */
	OVERLAP_LINK,	/* the same packets are in the link counter named by `with` (rtnl_link_stats64) */
	OVERLAP_DRIVER, /* the same packets are in the driver counter named by `with`: do not add */
};

struct driver_counter {
	const char *driver;  /* "ixgbe", a pattern ("mlx5*"), or "*" for any */
	const char *pattern; /* the name; '#' stands for one or more digits, '*' for anything */
	enum counter_kind kind;
	enum cause cause; /* what a drop proves, what pressure hints at; CAUSE_NONE for traffic */
	enum driver_overlap overlap;
	const char *with;    /* the overlapping counter, "" if none */
	const char *basis;   /* "sample", "kernel" or "noted" */
	const char *meaning; /* one line */
};

/*
 * The row for a driver's counter, most specific first, or NULL when no row knows it. Walks the whole
 * table (some microseconds): once per name.
 */
const struct driver_counter *driver_counter_find(const char *driver, const char *name);

/* Whether the row's pattern stands for that name, whatever the driver. */
bool driver_counter_matches(const struct driver_counter *row, const char *name);

/* All rows, for listing and tests. `index` from 0; NULL past the last. */
const struct driver_counter *driver_counter_at(size_t index);
