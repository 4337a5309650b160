/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory of the host: /proc/meminfo, /proc/vmstat and /proc/sys/vm/min_free_kbytes.
 *
 * A packet that arrives cannot wait for memory: its buffer comes out of what is
 * free above the reserve or not at all. No file counts allocations that failed;
 * what is told is how much was free, how often tasks had to reclaim memory
 * themselves (allocstall, split by zone since 4.10) and whom the kernel killed.
 */
#include "source/procfs.h"

#include "base/alloc.h"

#define KIBIBYTE 1024

static const struct procfs_name meminfo[] = {
	{ "MemTotal", C_MEMORY_TOTAL, KIBIBYTE },
	{ "MemFree", C_MEMORY_FREE, KIBIBYTE },
	{ "MemAvailable", C_MEMORY_AVAILABLE, KIBIBYTE },
};

static const struct procfs_name vmstat[] = {
	{ "pgmajfault", C_MEMORY_MAJOR_FAULTS, 1 },
	{ "oom_kill", C_MEMORY_OOM_KILLS, 1 },
	{ "compact_fail", C_MEMORY_COMPACT_FAILS, 1 },
	{ "pgscan_direct", C_MEMORY_DIRECT_SCANS, 1 },
};

/* "allocstall_normal 3", "allocstall_movable 5", before 4.10 "allocstall 8": one number. */
static void add_stalls(struct cursor lines, struct snapshot *snapshot, const struct object *host)
{
	struct slice line, name;
	uint64_t sum = 0;
	bool any = false;

	while (cursor_line(&lines, &line)) {
		struct cursor words = cursor_of(line.data, line.length);
		uint64_t value;

		if (!slice_starts(line, "allocstall") || !cursor_word(&words, &name))
			continue;
		value = cursor_u64(&words);
		if (words.error)
			continue;
		sum += value;
		any = true;
	}
	if (any)
		snapshot_add(snapshot, C_MEMORY_ALLOCATION_STALLS, host, sum);
}

static void memory_read(const struct source_context *context, struct snapshot *snapshot)
{
	const struct object *host = procfs_host(context);
	struct procfs_file file, whole;
	uint64_t reserve_kib;

	if (!procfs_read(context, snapshot, SOURCE_MEMORY, host, "/proc/meminfo", &whole))
		return;
	if (!procfs_add_names(&whole, snapshot, host, meminfo, ARRAY_SIZE(meminfo)))
		procfs_fault(&whole, PROCFS_BAD_LINE);
	if (!procfs_read(context, snapshot, SOURCE_MEMORY, host, "/proc/vmstat", &file))
		return;
	add_stalls(file.lines, snapshot, host);
	procfs_add_names(&file, snapshot, host, vmstat, ARRAY_SIZE(vmstat));
	procfs_covered(snapshot, SOURCE_MEMORY, host, whole.fault ? &whole : &file);
	if (procfs_read_number(context, "/proc/sys/vm/min_free_kbytes", &reserve_kib) == 0 &&
	    reserve_kib < UINT64_MAX / KIBIBYTE)
		snapshot_add(snapshot, C_MEMORY_RESERVE, host, reserve_kib * KIBIBYTE);
}

const struct source source_memory = { SOURCE_MEMORY, SCOPE_HOST, COST_MIDDLE, memory_read };
