/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One source read once, from a fixture below tests/fixtures/proc/ or from a file
 * that the test itself writes into a sysroot of its own.
 */
#pragma once

#include "base/parse.h"
#include "source/source.h"
#include "unit/unit.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIXTURE_NETNS 4026531840u

struct fixture {
	struct objects *objects;
	struct object *netns;
	struct snapshot snapshot;
	struct text buffer;
	char written[32];    /* own sysroot, "" when there is none */
	char file[PATH_MAX]; /* the file in it */
};

static inline void fixture_begin(struct fixture *fixture)
{
	*fixture = (struct fixture){ .objects = objects_new() };
	fixture->netns =
		object_intern(fixture->objects, (struct object_key){ OBJECT_NETNS, FIXTURE_NETNS, 0, 0 }, NULL);
	snapshot_begin(&fixture->snapshot, fixture->objects);
}

/* Reads again into an empty snapshot; objects stay. */
static inline void fixture_read_below(struct fixture *fixture, const struct source *source, const char *sysroot)
{
	struct source_context context = {
		.objects = fixture->objects,
		.netns = fixture->netns,
		.sysroot = sysroot,
		.buffer = &fixture->buffer,
	};

	snapshot_begin(&fixture->snapshot, fixture->objects);
	source->read(&context, &fixture->snapshot);
}

static inline void fixture_read(struct fixture *fixture, const struct source *source, const char *name)
{
	CLEANUP_FREE char *sysroot = text_format("tests/fixtures/proc/%s", name);

	fixture_read_below(fixture, source, sysroot);
}

/* Makes the folders above a path. */
static inline void fixture_folders(const char *path)
{
	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		CLEANUP_FREE char *folder = mem_strndup(path, (size_t)(slash - path));

		(void)mkdir(folder, 0700);
	}
}

static inline void fixture_read_bytes(struct fixture *fixture, const struct source *source, const char *path,
				      const char *bytes, size_t length)
{
	FILE *file;

	if (!*fixture->written) {
		snprintf(fixture->written, sizeof(fixture->written), "/tmp/wheredrop-test-XXXXXX");
		assert_non_null(mkdtemp(fixture->written));
	}
	if (*fixture->file)
		(void)unlink(fixture->file);
	snprintf(fixture->file, sizeof(fixture->file), "%s%s", fixture->written, path);
	fixture_folders(fixture->file);
	file = fopen(fixture->file, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
	fixture_read_below(fixture, source, fixture->written);
}

static inline void fixture_read_text(struct fixture *fixture, const struct source *source, const char *path,
				     const char *text)
{
	fixture_read_bytes(fixture, source, path, text, strlen(text));
}

static inline void fixture_end(struct fixture *fixture)
{
	if (*fixture->written) {
		(void)unlink(fixture->file);
		for (char *slash; (slash = strrchr(fixture->file, '/')) && slash > fixture->file + strlen("/tmp");) {
			*slash = '\0';
			(void)rmdir(fixture->file);
		}
	}
	snapshot_free(&fixture->snapshot);
	text_free(&fixture->buffer);
	objects_free(fixture->objects);
}

/* The sample of that counter and object key; it must be there exactly once. */
static inline uint64_t fixture_value(const struct fixture *fixture, counter_id counter, struct object_key key)
{
	const struct object *object = object_find(fixture->objects, key);
	const struct sample *sample;
	uint64_t value = 0;
	int found = 0;

	assert_non_null(object);
	vec_each(&fixture->snapshot.samples, sample) {
		if (sample->counter == counter && sample->object == object->id) {
			value = sample->value;
			found++;
		}
	}
	assert_int_equal(found, 1);
	return value;
}

static inline bool fixture_has(const struct fixture *fixture, counter_id counter)
{
	const struct sample *sample;

	vec_each(&fixture->snapshot.samples, sample) {
		if (sample->counter == counter)
			return true;
	}
	return false;
}

#define KEY_HOST ((struct object_key){ OBJECT_HOST, 0, 0, 0 })
#define KEY_NETNS ((struct object_key){ OBJECT_NETNS, FIXTURE_NETNS, 0, 0 })
#define KEY_CPU(cpu) ((struct object_key){ OBJECT_CPU, 0, (cpu), 0 })
#define KEY_LINK(index) ((struct object_key){ OBJECT_LINK, FIXTURE_NETNS, (index), 0 })
#define KEY_IRQ(irq, cpu) ((struct object_key){ OBJECT_IRQ, 0, (irq), (cpu) })

/* The one coverage record says: error (0 is read), partial, and a reason that contains `reason` (NULL: none). */
static inline void fixture_expect(const struct fixture *fixture, int error, bool partial, const char *reason)
{
	const struct coverage *coverage = fixture->snapshot.coverage.data;

	assert_int_equal(fixture->snapshot.coverage.count, 1);
	assert_int_equal(coverage->error, error);
	assert_int_equal(coverage->partial, partial);
	if (reason) {
		assert_non_null(coverage->reason);
		assert_non_null(strstr(coverage->reason, reason));
	} else {
		assert_null(coverage->reason);
	}
}

#define expect_read(fixture) fixture_expect((fixture), 0, false, NULL)
#define expect_partly(fixture, reason) fixture_expect((fixture), 0, true, (reason))
#define expect_missed(fixture, error, reason) fixture_expect((fixture), (error), false, (reason))
