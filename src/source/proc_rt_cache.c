/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/net/stat/rt_cache: routing refusals and look-ups (net/ipv4/route.c:
 * rt_cpu_seq_show). Every namespace shows the file, but there is one set of
 * counters per CPU for the whole host (rt_cache_stat), so it is read once.
 */
#include "source/procfs.h"

#include "base/alloc.h"

static void route_cache_read(const struct source_context *context, struct snapshot *snapshot)
{
	static const char path[] = "/proc/thread-self/net/stat/rt_cache";
	static const struct procfs_column columns[] = {
		{ "entries", C_ROUTE_CACHE_ENTRIES },
		{ "in_hit", C_ROUTE_CACHE_IN_HIT },
		{ "in_slow_tot", C_ROUTE_CACHE_IN_SLOW_TOT },
		{ "in_slow_mc", C_ROUTE_CACHE_IN_SLOW_MC },
		{ "in_no_route", C_ROUTE_CACHE_IN_NO_ROUTE },
		{ "in_brd", C_ROUTE_CACHE_IN_BRD },
		{ "in_martian_dst", C_ROUTE_CACHE_IN_MARTIAN_DST },
		{ "in_martian_src", C_ROUTE_CACHE_IN_MARTIAN_SRC },
		{ "out_hit", C_ROUTE_CACHE_OUT_HIT },
		{ "out_slow_tot", C_ROUTE_CACHE_OUT_SLOW_TOT },
		{ "out_slow_mc", C_ROUTE_CACHE_OUT_SLOW_MC },
		{ "gc_dst_overflow", C_ROUTE_CACHE_GC_DST_OVERFLOW },
	};
	const struct object *host = procfs_host(context);
	struct procfs_file file;
	int error;

	if (!procfs_read(context, snapshot, SOURCE_ROUTE_CACHE, host, path, &file))
		return;
	error = procfs_add_columns(&file, snapshot, host, columns, ARRAY_SIZE(columns));
	if (error)
		procfs_missed(snapshot, SOURCE_ROUTE_CACHE, host, path, error);
	else
		procfs_covered(snapshot, SOURCE_ROUTE_CACHE, host, &file);
}

const struct source source_route_cache = { SOURCE_ROUTE_CACHE, SCOPE_HOST, COST_CHEAP, route_cache_read };
