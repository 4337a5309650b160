/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of the netlink parsers share: a namespace to parse in, answers that
 * were recorded from Linux 6.18 (tests/fixtures/netlink, one dump each), messages
 * made on the spot for what no kernel at hand says, and look-ups by name.
 */
#pragma once

#include "source/netlink.h"
#include "source/source.h"
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

#define FIXTURE_NETNS 4026532008u

struct fixture {
	struct objects *objects;
	struct snapshot snapshot;
	struct source_context context;
	struct text buffer;
	char *bytes; /* the recorded answer */
	size_t length;
};

static inline void fixture_begin(struct fixture *fixture)
{
	*fixture = (struct fixture){ .objects = objects_new() };
	snapshot_begin(&fixture->snapshot, fixture->objects);
	fixture->context = (struct source_context){
		.objects = fixture->objects,
		.netns =
			object_intern(fixture->objects, (struct object_key){ OBJECT_NETNS, FIXTURE_NETNS, 0, 0 }, NULL),
		.sysroot = "",
		.buffer = &fixture->buffer,
	};
}

static inline void fixture_load(struct fixture *fixture, const char *name)
{
	CLEANUP_FREE char *path = text_format("tests/fixtures/netlink/%s.bin", name);
	FILE *file = fopen(path, "rb");

	assert_non_null(file);
	free(fixture->bytes);
	fixture->bytes = mem_new(1 << 16, 1);
	fixture->length = fread(fixture->bytes, 1, 1 << 16, file);
	fclose(file);
	assert_true(fixture->length > 0 && fixture->length < 1 << 16);
}

static inline void fixture_end(struct fixture *fixture)
{
	free(fixture->bytes);
	text_free(&fixture->buffer);
	snapshot_free(&fixture->snapshot);
	objects_free(fixture->objects);
}

/* The object of that kind and LABEL_NAME. */
static inline struct object *fixture_object(const struct fixture *fixture, enum object_kind kind, const char *name)
{
	for (uint32_t id = 0; id < objects_count(fixture->objects); id++) {
		struct object *object = object_get(fixture->objects, id);

		if (object->key.kind == kind && strcmp(object_text(object, LABEL_NAME), name) == 0)
			return object;
	}
	return NULL;
}

/* How often a counter was sampled for an object, and its last value. */
static inline unsigned int fixture_samples(const struct fixture *fixture, counter_id counter,
					   const struct object *object, uint64_t *ret)
{
	const struct sample *sample;
	unsigned int count = 0;

	vec_each(&fixture->snapshot.samples, sample) {
		if (sample->counter != counter || sample->object != object->id)
			continue;
		*ret = sample->value;
		count++;
	}
	return count;
}

/* Its value; exactly one sample must be there. */
static inline uint64_t fixture_value(const struct fixture *fixture, counter_id counter, const struct object *object)
{
	uint64_t value = 0;

	assert_non_null(object);
	assert_int_equal(fixture_samples(fixture, counter, object, &value), 1);
	return value;
}

static inline bool fixture_has(const struct fixture *fixture, counter_id counter, const struct object *object)
{
	uint64_t value;

	assert_non_null(object);
	return fixture_samples(fixture, counter, object, &value) > 0;
}
