/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process's cgroup allows it: /proc/PID/cgroup, then below /sys/fs/cgroup
 * cpu.max, cpu.stat, io.pressure and memory.pressure (version 2), or
 * cpu/{cpu.cfs_quota_us,cpu.cfs_period_us,cpu.stat} (version 1;
 * Documentation/admin-guide/cgroup-v2.rst, scheduler/sched-bwc.rst).
 *
 * A CPU limit may be set on any cgroup above: the nearest one with a limit is the
 * one that is read. The path is relative to this process's own cgroup namespace;
 * one that leads out of it ("/../…") cannot be read from here.
 */
#include "source/process.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define LEVELS_MAX 64
#define PATH_LENGTH_MAX 2048

struct hierarchy {
	const char *root;	    /* below which `path` lies */
	char path[PATH_LENGTH_MAX]; /* "/system.slice/x.service"; "/" is the root */
	bool unified;		    /* version 2 */
};

/* ---- the container's name ---- */

static size_t hex_run(struct slice text)
{
	size_t length = 0;

	while (length < text.length && isxdigit((unsigned char)text.data[length]))
		length++;
	return length;
}

/* Docker, containerd, CRI-O and podman name their cgroups by 64 hexadecimal digits; twelve are what they print. */
static bool component_id(struct slice component, char ret[PROCESS_CONTAINER_SIZE])
{
	for (size_t at = 0; at + 64 <= component.length; at++) {
		struct slice rest = { component.data + at, component.length - at };

		if (hex_run(rest) == 64) {
			snprintf(ret, PROCESS_CONTAINER_SIZE, "%.12s", rest.data);
			return true;
		}
	}
	return false;
}

/* LXC, systemd-nspawn and machined name theirs: "lxc.payload.web", "machine-web.scope", "systemd-nspawn@web.service". */
static bool component_name(struct slice component, char ret[PROCESS_CONTAINER_SIZE])
{
	static const struct {
		const char *prefix, *suffix;
	} forms[] = {
		{ "lxc.payload.", "" },
		{ "machine-", ".scope" },
		{ "systemd-nspawn@", ".service" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		size_t prefix = strlen(forms[i].prefix), suffix = strlen(forms[i].suffix);

		if (!slice_starts(component, forms[i].prefix) || component.length <= prefix + suffix ||
		    memcmp(component.data + component.length - suffix, forms[i].suffix, suffix) != 0)
			continue;
		if (!isgraph((unsigned char)component.data[prefix]))
			return false;
		snprintf(ret, PROCESS_CONTAINER_SIZE, "%.*s", (int)(component.length - prefix - suffix),
			 component.data + prefix);
		return true;
	}
	return false;
}

bool process_cgroup_container(struct slice path, char ret[PROCESS_CONTAINER_SIZE])
{
	struct cursor cursor = cursor_of(path.data, path.length);
	struct slice component;
	bool found = false, more = true;

	while (more) {
		more = cursor_until(&cursor, '/', &component);
		if (!more)
			component = cursor.rest;
		found |= component_id(component, ret) || component_name(component, ret);
	}
	return found; /* the innermost one */
}

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

/* "0::/path" is version 2; "4:cpu,cpuacct:/path" is version 1, and has the CPU controller then. */
static void take_line(struct slice line, struct hierarchy *hierarchy, char container[PROCESS_CONTAINER_SIZE])
{
	struct cursor cursor = cursor_of(line.data, line.length);
	struct slice id, controllers;
	bool unified;

	if (!cursor_until(&cursor, ':', &id) || !cursor_until(&cursor, ':', &controllers) ||
	    !slice_starts(cursor.rest, "/") || cursor.rest.length >= sizeof(hierarchy->path))
		return;
	process_cgroup_container(cursor.rest, container);
	unified = controllers.length == 0;
	if (!controllers_have(controllers, "cpu") && !(unified && !hierarchy->root))
		return;
	hierarchy->root = unified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu";
	hierarchy->unified = unified;
	snprintf(hierarchy->path, sizeof(hierarchy->path), "%.*s", (int)cursor.rest.length, cursor.rest.data);
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

/* "full avg10=0.00 avg60=0.00 avg300=0.00 total=123": microseconds (kernel/sched/psi.c: psi_show). */
static void add_pressure(const struct source_context *context, struct snapshot *snapshot, const struct object *cgroup,
			 const struct hierarchy *hierarchy, const char *name, counter_id counter)
{
	struct cursor cursor;
	struct slice line, head;
	uint64_t total_us;

	if (read_cgroup_file(context, hierarchy, name, &cursor) < 0)
		return; /* no PSI in this kernel, or switched off */
	while (cursor_line(&cursor, &line)) {
		struct cursor words = cursor_of(line.data, line.length);

		if (!cursor_word(&words, &head) || !slice_is(head, "full"))
			continue;
		while (cursor_until(&words, '=', &head))
			;
		if (parse_u64(slice_trim(words.rest), &total_us) == 0)
			snapshot_add(snapshot, counter, cgroup, total_us * NS_PER_US);
	}
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
	cgroup = object_intern(context->objects, (struct object_key){ OBJECT_CGROUP, 0, status.st_ino, 0 }, NULL);
	if (!cgroup)
		return NULL;
	object_label(cgroup, LABEL_NAME, last_component(hierarchy->path));
	object_label(cgroup, LABEL_CGROUP, hierarchy->path);
	object_labelf(cgroup, LABEL_PATH, "%s%s", hierarchy->root,
		      strcmp(hierarchy->path, "/") == 0 ? "" : hierarchy->path);
	return cgroup;
}

static void read_cgroup(const struct source_context *context, struct snapshot *snapshot, struct object *process,
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
	if (!hierarchy->unified)
		return;
	add_pressure(context, snapshot, cgroup, hierarchy, "io.pressure", C_CGROUP_IO_STALL_NS);
	add_pressure(context, snapshot, cgroup, hierarchy, "memory.pressure", C_CGROUP_MEMORY_STALL_NS);
}

void process_cgroup_read(const struct source_context *context, struct snapshot *snapshot, struct object *process)
{
	struct hierarchy hierarchy = { .root = NULL };
	char container[PROCESS_CONTAINER_SIZE] = "", path[64];
	struct cursor cursor;
	struct slice line;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)process->pid);
	if (source_read_file(context, path) < 0)
		return;
	cursor = cursor_of(text_string(context->buffer), context->buffer->length);
	while (cursor_line(&cursor, &line))
		take_line(line, &hierarchy, container);
	if (*container)
		object_label(process, LABEL_CONTAINER, container);
	if (!hierarchy.root)
		return;
	object_label(process, LABEL_CGROUP, hierarchy.path);
	if (!strstr(hierarchy.path, "/.."))
		read_cgroup(context, snapshot, process, &hierarchy);
}
