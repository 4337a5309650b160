/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/net/stat/nf_conntrack (net/netfilter/nf_conntrack_standalone.c:
 * ct_cpu_seq_show), a row per CPU and namespace; its first column is the number
 * of entries, the same in each row. What the table may hold is read with the
 * settings (sysctl.c).
 *
 * Columns changed over the years: "searched" became "clashres", "delete_list"
 * became "chainlength" (it counts chains that were too long), several stand at 0
 * for good, and "icmp_error" counts every error. They are told by name.
 *
 * Where neither this file nor the count in /proc/sys exists there is no
 * connection tracking: nothing is missed, for nothing can be lost there.
 */
#include "source/procfs.h"

#include "base/alloc.h"

#include <errno.h>

#define STATISTICS "/proc/thread-self/net/stat/nf_conntrack"
#define COUNT "/proc/sys/net/netfilter/nf_conntrack_count"

static int add_statistics(const struct source_context *context, struct snapshot *snapshot)
{
	static const struct procfs_column columns[] = {
		{ "entries", C_CONNTRACK_COUNT },
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

/* Without the statistics (CONFIG_NF_CONNTRACK_PROCFS is off) the count alone tells that connections are tracked. */
static bool is_absent(const struct source_context *context)
{
	uint64_t count;

	return procfs_read_number(context, COUNT, &count) == -ENOENT;
}

static void conntrack_read(const struct source_context *context, struct snapshot *snapshot)
{
	int error = add_statistics(context, snapshot);

	if (!error || (error == -ENOENT && is_absent(context)))
		snapshot_covered(snapshot, SOURCE_CONNTRACK, context->netns);
	else
		procfs_missed(snapshot, SOURCE_CONNTRACK, context->netns, STATISTICS, error);
}

const struct source source_conntrack = { SOURCE_CONNTRACK, SCOPE_NETNS, COST_CHEAP, conntrack_read };
