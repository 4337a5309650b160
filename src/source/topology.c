/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the CPUs of the host are arranged and how deep they sleep: which node of memory each is on (only where there is
 * more than one), how long each was in idle states that take long to leave (drivers/cpuidle/sysfs.c), and whether
 * irqbalance runs (its socket below /run, named with its pid).
 *
 * Three files per CPU and state: on a large host that is dear, so only the first CPUs are read, and in a helper.
 */
#include "source/topology.h"

#include "source/procfs.h"

#include "base/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define SYSTEM "/sys/devices/system"
#define NODES_MAX 1024
#define IDLE_CPUS_MAX 256
#define IDLE_STATES_MAX 16
#define LONG_LATENCY_US \
	30 /* to leave a state: what a ring of 256 frames holds at a million frames per second is 256 us */

bool topology_next_range(struct cursor *list, uint32_t *ret_first, uint32_t *ret_last)
{
	struct cursor range;
	struct slice part, first;
	uint32_t from, to;

	if (!cursor_until(list, ',', &part)) {
		part = list->rest;
		list->rest.length = 0;
	}
	part = slice_trim(part);
	range = cursor_of(part.data, part.length);
	if (!cursor_until(&range, '-', &first)) {
		first = part;
		range.rest = part;
	}
	if (parse_u32(first, &from) || parse_u32(range.rest, &to) || to < from || to >= PROCFS_CPUS_MAX)
		return false;
	*ret_first = from;
	*ret_last = to;
	return true;
}

static struct cursor buffer_cursor(const struct source_context *context)
{
	return cursor_of(text_string(context->buffer), context->buffer->length);
}

/* ---- nodes ---- */

static void add_node(const struct source_context *context, struct snapshot *snapshot, uint32_t node)
{
	struct cursor list;
	uint32_t first, last;
	char path[64];

	snprintf(path, sizeof(path), SYSTEM "/node/node%u/cpulist", node);
	if (source_read_file(context, path))
		return;
	list = buffer_cursor(context);
	while (topology_next_range(&list, &first, &last)) {
		for (uint32_t cpu = first; cpu <= last; cpu++)
			snapshot_add(snapshot, C_TOPOLOGY_CPU_NODE, procfs_cpu(context, cpu), node);
	}
}

static void add_nodes(const struct source_context *context, struct snapshot *snapshot)
{
	bool online[NODES_MAX] = { false };
	struct cursor list;
	uint32_t first, last, count = 0;

	if (source_read_file(context, SYSTEM "/node/online"))
		return;
	list = buffer_cursor(context);
	while (topology_next_range(&list, &first, &last)) {
		for (uint32_t node = first; node <= last && node < NODES_MAX; node++, count++)
			online[node] = true;
	}
	for (uint32_t node = 0; count > 1 && node < NODES_MAX; node++) {
		if (online[node])
			add_node(context, snapshot, node);
	}
}

/* ---- idle states ---- */

static int read_state(const struct source_context *context, uint32_t cpu, uint32_t state, const char *name,
		      uint64_t *ret)
{
	char path[96];

	snprintf(path, sizeof(path), SYSTEM "/cpu/cpu%u/cpuidle/state%u/%s", cpu, state, name);
	return procfs_read_number(context, path, ret);
}

/* Adds what a CPU spent in states that take long to leave; 0 or the error of its first state. */
static int add_idle(const struct source_context *context, struct snapshot *snapshot, uint32_t cpu)
{
	uint64_t entries = 0, us = 0, longest = 0, latency, usage, time;

	for (uint32_t state = 0; state < IDLE_STATES_MAX; state++) {
		int error = read_state(context, cpu, state, "latency", &latency);

		if (error && !state)
			return error;
		if (error)
			break;
		if (latency < LONG_LATENCY_US || read_state(context, cpu, state, "usage", &usage) ||
		    read_state(context, cpu, state, "time", &time))
			continue;
		entries += usage;
		us += time;
		longest = latency > longest && usage ? latency : longest;
	}
	snapshot_add(snapshot, C_TOPOLOGY_DEEP_IDLE_ENTRIES, procfs_cpu(context, cpu), entries);
	snapshot_add(snapshot, C_TOPOLOGY_DEEP_IDLE_US, procfs_cpu(context, cpu), us);
	if (longest)
		snapshot_add(snapshot, C_TOPOLOGY_WAKE_LATENCY_US, procfs_cpu(context, cpu), longest);
	return 0;
}

/* True when there were more CPUs than were read. */
static bool add_idle_states(const struct source_context *context, struct snapshot *snapshot)
{
	struct cursor list;
	char copy[1024];
	uint32_t first, last, count = 0;

	if (source_read_file(context, SYSTEM "/cpu/online"))
		return false;
	snprintf(copy, sizeof(copy), "%s", text_string(context->buffer));
	list = cursor_of(copy, strlen(copy));
	while (topology_next_range(&list, &first, &last)) {
		for (uint32_t cpu = first; cpu <= last; cpu++, count++) {
			if (count >= IDLE_CPUS_MAX)
				return true;
			if (add_idle(context, snapshot, cpu))
				return false; /* this kernel does not manage idle states */
		}
	}
	return false;
}

/* ---- irqbalance ---- */

static bool is_irqbalance(const struct source_context *context, struct slice pid)
{
	uint32_t number;
	char path[32];

	if (parse_u32(pid, &number))
		return false;
	snprintf(path, sizeof(path), "/proc/%u/comm", number);
	return source_read_file(context, path) == 0 &&
	       slice_is(slice_trim(slice_of(text_string(context->buffer))), "irqbalance");
}

/* Its socket stays when it is killed: the pid in its name is looked at. */
static bool irqbalance_runs(const struct source_context *context)
{
	CLEANUP_DIRECTORY DIR *directory = NULL;
	const struct dirent *entry;
	char path[PATH_MAX];

	if (!source_read_file(context, "/run/irqbalance.pid") &&
	    is_irqbalance(context, slice_trim(slice_of(text_string(context->buffer)))))
		return true;
	snprintf(path, sizeof(path), "%s/run/irqbalance", context->sysroot);
	directory = opendir(path);
	while (directory && (entry = readdir(directory))) {
		struct cursor name = cursor_of(entry->d_name, strlen(entry->d_name));
		struct slice stem;

		if (cursor_until(&name, '.', &stem) && slice_starts(stem, "irqbalance") &&
		    is_irqbalance(context, (struct slice){ stem.data + strlen("irqbalance"),
							   stem.length - strlen("irqbalance") }))
			return true;
	}
	return false;
}

static void topology_source_read(const struct source_context *context, struct snapshot *snapshot)
{
	const struct object *host = procfs_host(context);

	add_nodes(context, snapshot);
	snapshot_add(snapshot, C_TOPOLOGY_IRQBALANCE, host, irqbalance_runs(context));
	if (add_idle_states(context, snapshot))
		snapshot_covered_partly(snapshot, SOURCE_TOPOLOGY, host,
					"idle states: read for the first 256 CPUs only");
	else
		snapshot_covered(snapshot, SOURCE_TOPOLOGY, host);
}

const struct source source_topology = { SOURCE_TOPOLOGY, SCOPE_HOST, COST_DEAR, topology_source_read };
