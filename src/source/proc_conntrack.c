/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/net/stat/nf_conntrack (net/netfilter/nf_conntrack_standalone.c:
 * ct_cpu_seq_show) and the table's size from /proc/sys/net/netfilter.
 *
 * Columns changed over the years: "searched" became "clashres", "delete_list"
 * became "chainlength" (it counts chains that were too long), several stand at 0
 * for good, and "icmp_error" counts every error. They are told by name.
 *
 * Where neither file exists there is no connection tracking in this kernel or
 * namespace: nothing is missed, for nothing can be lost there.
 */
#include "source/procfs.h"

#include "base/alloc.h"

#include <errno.h>

#define STATISTICS "/proc/thread-self/net/stat/nf_conntrack"
#define SETTINGS "/proc/sys/net/netfilter/nf_conntrack_"

/* -ENOENT when there is no connection tracking, another -errno when the count could not be read. */
static int add_sizes(const struct source_context *context, struct snapshot *snapshot)
{
	static const struct {
		const char *path;
		counter_id counter;
	} sizes[] = {
		{ SETTINGS "count", C_CONNTRACK_COUNT },
		{ SETTINGS "max", C_CONNTRACK_MAX },
		{ SETTINGS "buckets", C_CONNTRACK_BUCKETS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		uint64_t value;
		int error = procfs_read_number(context, sizes[i].path, &value);

		if (error)
			return error;
		snapshot_add(snapshot, sizes[i].counter, context->netns, value);
	}
	return 0;
}

static int add_statistics(const struct source_context *context, struct snapshot *snapshot)
{
	static const struct procfs_column columns[] = {
		{ "found", C_CONNTRACK_FOUND },
		{ "invalid", C_CONNTRACK_INVALID },
		{ "insert", C_CONNTRACK_INSERT },
		{ "insert_failed", C_CONNTRACK_INSERT_FAILED },
		{ "drop", C_CONNTRACK_DROP },
		{ "early_drop", C_CONNTRACK_EARLY_DROP },
		{ "icmp_error", C_CONNTRACK_ERROR },
		{ "search_restart", C_CONNTRACK_SEARCH_RESTART },
		{ "clashres", C_CONNTRACK_CLASH_RESOLVE },
		{ "chainlength", C_CONNTRACK_CHAINTOOLONG },
		{ "expect_new", C_CONNTRACK_EXPECT_NEW },
		{ "expect_create", C_CONNTRACK_EXPECT_CREATE },
		{ "expect_delete", C_CONNTRACK_EXPECT_DELETE },
	};
	struct procfs_file file;
	int error = procfs_read_quietly(context, STATISTICS, &file);

	return error ? error : procfs_add_columns(&file, snapshot, context->netns, columns, ARRAY_SIZE(columns));
}

static void conntrack_read(const struct source_context *context, struct snapshot *snapshot)
{
	int statistics = add_statistics(context, snapshot);
	int sizes = add_sizes(context, snapshot);

	if (statistics == -ENOENT && sizes == -ENOENT)
		snapshot_covered(snapshot, SOURCE_CONNTRACK, context->netns);
	else if (statistics)
		procfs_missed(snapshot, SOURCE_CONNTRACK, context->netns, STATISTICS, statistics);
	else if (sizes)
		snapshot_covered_partly(snapshot, SOURCE_CONNTRACK, context->netns,
					"the size of the connection table could not be read");
	else
		snapshot_covered(snapshot, SOURCE_CONNTRACK, context->netns);
}

const struct source source_conntrack = { SOURCE_CONNTRACK, SCOPE_NETNS, COST_CHEAP, conntrack_read };
