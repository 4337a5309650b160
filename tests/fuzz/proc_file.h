/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as the content of one file below /proc, read by its source. Whatever
 * they are, the source says how it fared, names the reason when something is
 * wrong, adds samples of known counters and objects only, and says the same when
 * it reads them again with what it remembered.
 */
#pragma once

#include "base/alloc.h"
#include "fuzz/fuzz.h"
#include "source/source.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REQUIRE(condition)        \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

static char proc_root[] = "/tmp/wheredrop-fuzz-XXXXXX";
static char proc_file[PATH_MAX]; /* "" until the folders are there */

static void proc_remove(void)
{
	(void)unlink(proc_file);
	for (char *slash; (slash = strrchr(proc_file, '/')) && slash > proc_file + strlen("/tmp");) {
		*slash = '\0';
		(void)rmdir(proc_file);
	}
}

static void proc_write(const char *path, const uint8_t *data, size_t size)
{
	CLEANUP_CLOSE int fd = -1;

	if (!*proc_file) {
		REQUIRE(mkdtemp(proc_root));
		snprintf(proc_file, sizeof(proc_file), "%s%s", proc_root, path);
		for (char *slash = strchr(proc_file + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
			*slash = '\0';
			(void)mkdir(proc_file, 0700);
			*slash = '/';
		}
		atexit(proc_remove);
	}
	fd = open(proc_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	REQUIRE(fd >= 0 && (!size || write(fd, data, size) == (ssize_t)size));
}

static void proc_check(const struct snapshot *snapshot, const struct objects *objects)
{
	const struct sample *sample;
	const struct coverage *coverage;

	REQUIRE(snapshot->coverage.count == 1);
	vec_each(&snapshot->coverage, coverage) {
		REQUIRE(coverage->error <= 0 && coverage->object < objects_count(objects));
		REQUIRE(!(coverage->error || coverage->partial) == !coverage->reason);
	}
	vec_each(&snapshot->samples, sample)
		REQUIRE(sample->counter < counter_total() && sample->object < objects_count(objects));
}

static void proc_same(const struct snapshot *a, const struct snapshot *b)
{
	REQUIRE(a->samples.count == b->samples.count);
	for (size_t i = 0; i < a->samples.count; i++) {
		const struct sample *left = &a->samples.data[i], *right = &b->samples.data[i];

		REQUIRE(left->counter == right->counter && left->object == right->object &&
			left->value == right->value);
	}
	REQUIRE(a->coverage.data->error == b->coverage.data->error &&
		a->coverage.data->partial == b->coverage.data->partial);
}

static inline int proc_fuzz(const struct source *source, const char *path, const uint8_t *data, size_t size)
{
	struct text buffer = { 0 };
	struct snapshot first = { 0 }, second = { 0 };
	struct source_context context = { .objects = objects_new(), .sysroot = proc_root, .buffer = &buffer };

	context.netns = object_intern(context.objects, (struct object_key){ OBJECT_NETNS, 1, 0, 0 }, NULL);
	proc_write(path, data, size);
	snapshot_begin(&first, context.objects);
	source->read(&context, &first);
	proc_check(&first, context.objects);
	snapshot_begin(&second, context.objects);
	source->read(&context, &second);
	proc_check(&second, context.objects);
	proc_same(&first, &second);
	snapshot_free(&first);
	snapshot_free(&second);
	text_free(&buffer);
	objects_free(context.objects);
	return 0;
}
