/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process's control groups allow it: /proc/PID/cgroup, then below
 * /sys/fs/cgroup cpu.max, cpu.stat, the pressure files, memory.events and
 * memory.stat (version 2), or cpu/{cpu.cfs_quota_us,cpu.cfs_period_us,cpu.stat}
 * and memory/{memory.failcnt,memory.oom_control,…} (version 1;
 * Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst,
 * scheduler/sched-bwc.rst).
 *
 * Hybrid hosts have the controllers in version 1 and version 2 beside them at
 * /sys/fs/cgroup/unified, where the pressure files are. So a process has two
 * groups here, often one and the same: its parent, which limits its CPU time,
 * and its peer, which tells of memory and storage. A CPU limit may be set on any
 * group above: the nearest one with a limit counts. Paths are relative to this
 * process's own cgroup namespace; one that leads out of it ("/../…") cannot be
 * read from here.
 */
#include "source/process.h"

#include "source/container.h"
#include "source/proc_pressure.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEVELS_MAX 64
#define PATH_LENGTH_MAX 2048

struct hierarchy {
	const char *root;	    /* below which `path` lies; NULL: the process is in none */
	char path[PATH_LENGTH_MAX]; /* "/system.slice/x.service"; "/" is the root */
	bool unified;		    /* version 2 */
};

/* Where a process is. */
struct groups {
	struct hierarchy cpu, memory;	 /* version 1, if that has the controller */
	struct hierarchy unified, named; /* named: version 1 without a controller, systemd's own */
	struct container container;
};

/* ---- /proc/PID/cgroup ---- */

static bool controllers_have(struct slice controllers, const char *name)
{
	struct cursor cursor = cursor_of(controllers.data, controllers.length);
	struct slice one;

	while (cursor_until(&cursor, ',', &one)) {
		if (slice_is(one, name))
			return true;
	}
	return slice_is(cursor.rest, name);
}

static void set_hierarchy(struct hierarchy *hierarchy, const char *root, struct slice path, bool unified)
{
	hierarchy->root = root;
	hierarchy->unified = unified;
	snprintf(hierarchy->path, sizeof(hierarchy->path), "%.*s", (int)path.length, path.data);
}

/* Runtimes put a container into some hierarchies only: what the others say is about the runtime. */
static void take_container(struct slice path, struct container *container)
{
	struct container here = { .id = "" };

	container_of_path(path, &here);
	if (container_known(container) && !container_known(&here))
		return;
	if (container_known(&here) && !container_known(container))
		*container = here;
	else
		container_of_path(path, container);
}

/* "0::/path" is version 2; "4:cpu,cpuacct:/path" is version 1. */
static void take_line(struct slice line, struct groups *groups)
{
	struct cursor cursor = cursor_of(line.data, line.length);
	struct slice id, controllers;

	if (!cursor_until(&cursor, ':', &id) || !cursor_until(&cursor, ':', &controllers) ||
	    !slice_starts(cursor.rest, "/") || cursor.rest.length >= PATH_LENGTH_MAX)
		return;
	take_container(cursor.rest, &groups->container);
	if (slice_is(controllers, "name=systemd"))
		set_hierarchy(&groups->named, "/sys/fs/cgroup/systemd", cursor.rest, false);
	if (controllers.length == 0)
		set_hierarchy(&groups->unified, "/sys/fs/cgroup", cursor.rest, true);
	if (controllers_have(controllers, "cpu"))
		set_hierarchy(&groups->cpu, "/sys/fs/cgroup/cpu", cursor.rest, false);
	if (controllers_have(controllers, "memory"))
		set_hierarchy(&groups->memory, "/sys/fs/cgroup/memory", cursor.rest, false);
}

static bool is_there(const struct source_context *context, const struct hierarchy *hierarchy, const char *name)
{
	char path[PATH_MAX];
	int length =
		snprintf(path, sizeof(path), "%s%s%s/%s", context->sysroot, hierarchy->root, hierarchy->path, name);

	return length < (int)sizeof(path) && access(path, F_OK) == 0;
}

static bool groups_read(const struct source_context *context, pid_t pid, struct groups *ret)
{
	static const char hybrid[] = "/sys/fs/cgroup/unified";
	struct cursor cursor;
	struct slice line;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	if (source_read_file(context, path) < 0)
		return false;
	cursor = cursor_of(text_string(context->buffer), context->buffer->length);
	while (cursor_line(&cursor, &line))
		take_line(line, ret);
	snprintf(path, sizeof(path), "%s%s", context->sysroot, hybrid);
	if (ret->unified.root && access(path, F_OK) == 0)
		ret->unified.root = hybrid;
	return true;
}

/* ---- files of a cgroup ---- */

static int read_cgroup_file(const struct source_context *context, const struct hierarchy *hierarchy, const char *name,
			    struct cursor *ret)
{
	char path[PATH_MAX];
	int error;

	snprintf(path, sizeof(path), "%s%s/%s", hierarchy->root, hierarchy->path, name);
	error = source_read_file(context, path);
	if (!error)
		*ret = cursor_of(text_string(context->buffer), context->buffer->length);
	return error;
}

/* The CPU limit in thousandths of a CPU; false when there is none. */
static bool read_quota(const struct source_context *context, const struct hierarchy *hierarchy, uint64_t *ret)
{
	struct cursor cursor;
	struct slice quota;
	uint64_t quota_us, period_us;

	if (read_cgroup_file(context, hierarchy, hierarchy->unified ? "cpu.max" : "cpu.cfs_quota_us", &cursor) < 0)
		return false;
	if (!cursor_word(&cursor, &quota) || parse_u64(slice_trim(quota), &quota_us) < 0)
		return false; /* "max" and "-1" say that there is no limit */
	if (!hierarchy->unified && read_cgroup_file(context, hierarchy, "cpu.cfs_period_us", &cursor) < 0)
		return false;
	if (!cursor_word(&cursor, &quota) || parse_u64(slice_trim(quota), &period_us) < 0 || !period_us ||
	    quota_us > UINT64_MAX / 1000)
		return false;
	*ret = quota_us * 1000 / period_us;
	return true;
}

/* Cuts the last component off; false at the root. */
static bool path_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || !slash[1])
		return false;
	slash[slash == path ? 1 : 0] = '\0';
	return true;
}

/* Moves to the nearest cgroup with a CPU limit; stays where it is when none has one. */
static bool find_limit(const struct source_context *context, struct hierarchy *hierarchy, uint64_t *ret_quota)
{
	struct hierarchy at = *hierarchy;

	for (unsigned int level = 0; level < LEVELS_MAX; level++) {
		if (read_quota(context, &at, ret_quota)) {
			*hierarchy = at;
			return true;
		}
		if (!path_up(at.path))
			return false;
	}
	return false;
}

static void add_cpu_stat(const struct source_context *context, struct snapshot *snapshot, const struct object *cgroup,
			 const struct hierarchy *hierarchy)
{
	static const struct {
		const char *name;
		counter_id counter;
		uint64_t unit;
	} rows[] = {
		{ "nr_periods", C_CGROUP_CPU_PERIODS, 1 },
		{ "nr_throttled", C_CGROUP_NR_THROTTLED, 1 },
		{ "throttled_usec", C_CGROUP_CPU_THROTTLED_NS, NS_PER_US },
		{ "throttled_time", C_CGROUP_CPU_THROTTLED_NS, 1 },
	};
	struct cursor cursor;
	struct slice line;

	if (read_cgroup_file(context, hierarchy, "cpu.stat", &cursor) < 0)
		return;
	while (cursor_line(&cursor, &line)) {
		struct cursor words = cursor_of(line.data, line.length);
		struct slice name;
		uint64_t value;

		if (!cursor_word(&words, &name))
			continue;
		value = cursor_u64(&words);
		for (size_t i = 0; i < ARRAY_SIZE(rows) && !words.error; i++) {
			if (slice_is(name, rows[i].name))
				snapshot_add(snapshot, rows[i].counter, cgroup, value * rows[i].unit);
		}
	}
}

static void add_stall(const struct source_context *context, struct snapshot *snapshot, const struct object *cgroup,
		      const struct hierarchy *hierarchy, const char *name, counter_id counter)
{
	struct pressure pressure;
	struct cursor cursor;

	if (read_cgroup_file(context, hierarchy, name, &cursor) || pressure_parse(cursor.rest, &pressure))
		return; /* no PSI in this kernel, or switched off */
	if (counter == C_CGROUP_CPU_WAIT_NS && pressure.has_some)
		snapshot_add(snapshot, counter, cgroup, pressure.some_ns); /* for a CPU hardly ever all wait at once */
	else if (pressure.has_full)
		snapshot_add(snapshot, counter, cgroup, pressure.full_ns);
}

/* A file of names and numbers, or of one number, which then has the name "". */
static void add_numbers(const struct source_context *context, struct snapshot *snapshot, const struct object *cgroup,
			const struct hierarchy *hierarchy, const char *file, const char *name, counter_id counter)
{
	struct cursor cursor;
	struct slice line, word;
	uint64_t value;

	if (read_cgroup_file(context, hierarchy, file, &cursor) < 0)
		return;
	while (cursor_line(&cursor, &line)) {
		struct cursor words = cursor_of(line.data, line.length);

		if (*name && (!cursor_word(&words, &word) || !slice_is(word, name)))
			continue;
		if (parse_u64(slice_trim(words.rest), &value) == 0) /* "max" is no limit */
			snapshot_add(snapshot, counter, cgroup, value);
	}
}

static void add_memory(const struct source_context *context, struct snapshot *snapshot, const struct object *cgroup,
		       const struct hierarchy *hierarchy)
{
	static const struct {
		const char *file, *name;
		counter_id counter;
		bool unified;
	} rows[] = {
		{ "memory.events", "high", C_CGROUP_MEMORY_HIGH, true },
		{ "memory.events", "max", C_CGROUP_MEMORY_REFUSED, true },
		{ "memory.events", "oom_kill", C_CGROUP_MEMORY_OOM_KILLS, true },
		{ "memory.events", "sock_throttled", C_CGROUP_SOCK_THROTTLED, true },
		{ "memory.stat", "sock", C_CGROUP_SOCK_BYTES, true },
		{ "memory.current", "", C_CGROUP_MEMORY_BYTES, true },
		{ "memory.max", "", C_CGROUP_MEMORY_LIMIT, true },
		{ "memory.failcnt", "", C_CGROUP_MEMORY_REFUSED, false },
		{ "memory.oom_control", "oom_kill", C_CGROUP_MEMORY_OOM_KILLS, false },
		{ "memory.kmem.tcp.usage_in_bytes", "", C_CGROUP_SOCK_BYTES, false },
		{ "memory.usage_in_bytes", "", C_CGROUP_MEMORY_BYTES, false },
		{ "memory.limit_in_bytes", "", C_CGROUP_MEMORY_LIMIT, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].unified == hierarchy->unified)
			add_numbers(context, snapshot, cgroup, hierarchy, rows[i].file, rows[i].name, rows[i].counter);
	}
	if (!hierarchy->unified)
		return;
	add_stall(context, snapshot, cgroup, hierarchy, "cpu.pressure", C_CGROUP_CPU_WAIT_NS);
	add_stall(context, snapshot, cgroup, hierarchy, "io.pressure", C_CGROUP_IO_STALL_NS);
	add_stall(context, snapshot, cgroup, hierarchy, "memory.pressure", C_CGROUP_MEMORY_STALL_NS);
}

/* The nearest group that tells of memory or storage: version 2 before version 1, the root of neither. False: none. */
static bool find_telling(const struct source_context *context, const struct groups *groups, struct hierarchy *ret)
{
	static const char *const files[] = { "memory.pressure", "io.pressure", "memory.events" };

	*ret = groups->unified;
	while (ret->root && !strstr(ret->path, "/..") && strcmp(ret->path, "/") != 0) {
		for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
			if (is_there(context, ret, files[i]))
				return true;
		}
		if (!path_up(ret->path))
			break;
	}
	*ret = groups->memory;
	return ret->root && !strstr(ret->path, "/..") && strcmp(ret->path, "/") != 0;
}

/* ---- the cgroup ---- */

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static struct object *cgroup_object(const struct source_context *context, const struct hierarchy *hierarchy)
{
	char path[PATH_MAX];
	struct stat status;
	struct object *cgroup;

	snprintf(path, sizeof(path), "%s%s%s", context->sysroot, hierarchy->root, hierarchy->path);
	if (stat(path, &status) < 0)
		return NULL;
	cgroup = object_intern(context->objects, (struct object_key){ OBJECT_CGROUP, 0, status.st_ino, status.st_dev },
			       NULL);
	if (!cgroup)
		return NULL;
	object_label(cgroup, LABEL_NAME, last_component(hierarchy->path));
	object_label(cgroup, LABEL_CGROUP, hierarchy->path);
	object_labelf(cgroup, LABEL_PATH, "%s%s", hierarchy->root,
		      strcmp(hierarchy->path, "/") == 0 ? "" : hierarchy->path);
	return cgroup;
}

/* The group that limits the CPU time, or the own one when none does. */
static void read_cpu_group(const struct source_context *context, struct snapshot *snapshot, struct object *process,
			   struct hierarchy *hierarchy)
{
	struct object *cgroup;
	uint64_t quota = 0;
	bool limited = find_limit(context, hierarchy, &quota);

	cgroup = cgroup_object(context, hierarchy);
	if (!cgroup)
		return;
	process->parent = cgroup->id;
	if (limited)
		snapshot_add(snapshot, C_CGROUP_CPU_QUOTA, cgroup, quota);
	add_cpu_stat(context, snapshot, cgroup, hierarchy);
}

static void read_memory_group(const struct source_context *context, struct snapshot *snapshot, struct object *process,
			      const struct groups *groups)
{
	struct hierarchy telling;
	struct object *cgroup = find_telling(context, groups, &telling) ? cgroup_object(context, &telling) : NULL;

	if (!cgroup)
		return;
	process->peer = cgroup->id;
	add_memory(context, snapshot, cgroup, &telling);
}

/* A process seldom changes its container, and to find its name takes several files: asked once. */
static void label_container(const struct source_context *context, const struct container *container,
			    struct object *process)
{
	CLEANUP_TEXT struct text name = { .max = CONTAINER_NAME_MAX };

	if (*object_text(process, LABEL_CONTAINER) || !container_known(container))
		return;
	container_describe(context, container, &name);
	object_label(process, LABEL_CONTAINER, text_string(&name));
}

/* The one that tells most: in the root of a hierarchy is whatever nobody has put elsewhere. */
static const char *own_path(const struct groups *groups)
{
	const struct hierarchy *const all[] = { &groups->cpu, &groups->unified, &groups->named };
	const char *path = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		if (all[i]->root && (!path || strcmp(path, "/") == 0))
			path = all[i]->path;
	}
	return path;
}

void process_cgroup_read(const struct source_context *context, struct snapshot *snapshot, struct object *process)
{
	struct groups groups = { .cpu = { .root = NULL } };
	struct hierarchy cpu;

	if (!groups_read(context, process->pid, &groups))
		return;
	cpu = groups.cpu.root ? groups.cpu : groups.unified;
	object_label(process, LABEL_CGROUP, own_path(&groups));
	object_label(process, LABEL_SERVICE, *groups.container.service ? groups.container.service : NULL);
	if (cpu.root && !strstr(cpu.path, "/.."))
		read_cpu_group(context, snapshot, process, &cpu);
	read_memory_group(context, snapshot, process, &groups);
	label_container(context, &groups.container, process);
}

void process_cgroup_container(const struct source_context *context, pid_t pid, struct container *ret)
{
	struct groups groups = { .cpu = { .root = NULL } };

	(void)groups_read(context, pid, &groups);
	*ret = groups.container;
}
