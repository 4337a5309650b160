/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/stat, the lines "cpuN" (fs/proc/stat.c: show_stat): the time each CPU
 * spent, in ticks of USER_HZ, here as nanoseconds.
 *
 * idle and iowait of a CPU may fall by a few ticks (proc(5)); that is rounding,
 * not a reset, so they stand still until they have caught up.
 */
#include "source/procfs.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/vec.h"

#include <unistd.h>

#define COLUMNS_LEAST 4 /* user nice system idle */
#define FALL_MAX_NS NS_PER_S

enum { COLUMN_IDLE = 3, COLUMN_IOWAIT = 4 };

static const counter_id columns[] = {
	C_CPU_USER, C_CPU_NICE,	   C_CPU_SYSTEM, C_CPU_IDLE,  C_CPU_IOWAIT,
	C_CPU_IRQ,  C_CPU_SOFTIRQ, C_CPU_STEAL,	 C_CPU_GUEST, C_CPU_GUEST_NICE,
};

struct high_water {
	uint64_t idle_ns, iowait_ns;
};

/* `now`, or what it was before when it fell by very little. */
static uint64_t steady(uint64_t *before, uint64_t now)
{
	if (now >= *before || *before - now > FALL_MAX_NS)
		*before = now;
	return *before;
}

/* Idle times are kept by CPU; what is beyond any machine is not kept. Reading is single-threaded. */
static void steady_idle(uint32_t cpu, uint64_t *values)
{
	static VEC(struct high_water) waters;

	while (waters.count <= cpu) {
		if (!vec_add(&waters, PROCFS_CPUS_MAX))
			return;
	}
	values[COLUMN_IDLE] = steady(&waters.data[cpu].idle_ns, values[COLUMN_IDLE]);
	values[COLUMN_IOWAIT] = steady(&waters.data[cpu].iowait_ns, values[COLUMN_IOWAIT]);
}

/*
 * "cpu3 1260 0 1795 …"; later kernels may add columns at the end. CPUs come in
 * order, so `next` is the least that this one can be. False when malformed.
 */
static bool add_cpu(const struct source_context *context, struct snapshot *snapshot, struct slice line,
		    uint64_t tick_ns, uint32_t *next)
{
	struct cursor words = cursor_of(line.data, line.length);
	uint64_t values[ARRAY_SIZE(columns)] = { 0 };
	struct slice word = { 0 };
	const struct object *object;
	size_t count = 0;
	uint32_t cpu;

	if (!cursor_word(&words, &word) || parse_u32((struct slice){ word.data + 3, word.length - 3 }, &cpu) ||
	    cpu >= PROCFS_CPUS_MAX || cpu < *next)
		return false;
	for (; count < ARRAY_SIZE(columns) && cursor_word(&words, &word); count++) {
		if (parse_u64(word, &values[count]) || __builtin_mul_overflow(values[count], tick_ns, &values[count]))
			return false;
	}
	if (count < COLUMNS_LEAST)
		return false;
	*next = cpu + 1;
	steady_idle(cpu, values);
	object = procfs_cpu(context, cpu);
	for (size_t i = 0; i < count; i++)
		snapshot_add(snapshot, columns[i], object, values[i]);
	return true;
}

static void cpu_read(const struct source_context *context, struct snapshot *snapshot)
{
	const struct object *host = procfs_host(context);
	long ticks = sysconf(_SC_CLK_TCK);
	struct procfs_file file;
	struct slice line;
	uint32_t next = 0;

	if (!procfs_read(context, snapshot, SOURCE_CPU, host, "/proc/stat", &file))
		return;
	/* The first line is the sum, "cpu  …"; after the CPUs other things follow. */
	if (!cursor_line(&file.lines, &line) || !slice_starts(line, "cpu "))
		procfs_fault(&file, PROCFS_BAD_LINE);
	while (cursor_line(&file.lines, &line) && slice_starts(line, "cpu")) {
		if (!add_cpu(context, snapshot, line, NS_PER_S / (uint64_t)(ticks > 0 ? ticks : 100), &next))
			procfs_fault(&file, PROCFS_BAD_LINE);
	}
	procfs_covered(snapshot, SOURCE_CPU, host, &file);
}

const struct source source_cpu = { SOURCE_CPU, SCOPE_HOST, COST_CHEAP, cpu_read };
