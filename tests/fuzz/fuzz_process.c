/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes: any bytes as /proc/PID/stat, as a cgroup's path and as
 * /proc/PID/cgroup. A name holds no control characters, a failure leaves the
 * result alone, and a cgroup outside the sysroot is never made an object.
 */
#include "fuzz/proc_file.h"
#include "source/process.h"

static void stat_text(struct slice text)
{
	struct process_stat stat = { .start_ticks = 4711 };

	if (process_stat_parse(text, &stat) < 0) {
		REQUIRE(stat.start_ticks == 4711 && !*stat.comm);
		return;
	}
	REQUIRE(memchr(stat.comm, '\0', sizeof(stat.comm)));
	for (const char *c = stat.comm; *c; c++)
		REQUIRE((unsigned char)*c >= ' ' && *c != 0x7f);
}

static void container(struct slice path)
{
	struct container container = { .id = "" };
	struct text text = { 0 };

	container_of_path(path, &container);
	REQUIRE(!*container.id || strlen(container.id) == CONTAINER_ID_LENGTH);
	REQUIRE(memchr(container.pod, '\0', sizeof(container.pod)) &&
		memchr(container.name, '\0', sizeof(container.name)));
	container_describe(&(struct source_context){ .sysroot = proc_root }, &container, &text);
	REQUIRE(text.length <= path.length + strlen("pod "));
	text_free(&text);
}

static void cgroup(const uint8_t *data, size_t size)
{
	struct text buffer = { 0 };
	struct snapshot snapshot = { 0 };
	struct source_context context = { .objects = objects_new(), .sysroot = proc_root, .buffer = &buffer };
	struct object *process = object_intern(context.objects, (struct object_key){ OBJECT_PROCESS, 0, 200, 1 }, NULL);

	proc_write("/proc/200/cgroup", data, size);
	process->pid = 200;
	snapshot_begin(&snapshot, context.objects);
	process_cgroup_read(&context, &snapshot, process);
	REQUIRE(!process->parent && !snapshot.samples.count);
	snapshot_free(&snapshot);
	text_free(&buffer);
	objects_free(context.objects);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };

	stat_text(text);
	container(text);
	cgroup(data, size);
	return 0;
}
