/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A ruleset from a file, as objects and samples that a test asks for by name. */
#pragma once

#include "source/firewall.h"
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

#define FIXTURE_TEXTS 4
#define ABSENT UINT64_MAX

struct fixture {
	struct objects *objects;
	struct object *netns;
	struct snapshot snapshot;
	struct firewall firewall;
	struct text texts[FIXTURE_TEXTS]; /* the firewall points into them */
	size_t text_count;
};

struct expected {
	const char *object; /* its LABEL_NAME */
	counter_id counter;
	uint64_t value; /* or ABSENT */
};

static inline struct fixture *fixture_new(void)
{
	struct fixture *fixture = NEW(struct fixture);

	fixture->objects = objects_new();
	fixture->netns = object_intern(fixture->objects, (struct object_key){ OBJECT_NETNS, 7, 0, 0 }, NULL);
	snapshot_begin(&fixture->snapshot, fixture->objects);
	return fixture;
}

static inline void fixture_free(struct fixture **fixture)
{
	for (size_t i = 0; i < FIXTURE_TEXTS; i++)
		text_free(&(*fixture)->texts[i]);
	firewall_free(&(*fixture)->firewall);
	snapshot_free(&(*fixture)->snapshot);
	objects_free((*fixture)->objects);
	free(*fixture);
}

/* A file below the source root, kept with the fixture. */
static inline struct slice fixture_file(struct fixture *fixture, const char *path)
{
	struct text *text = &fixture->texts[fixture->text_count++];
	FILE *file = fopen(path, "re");
	char block[4096];
	size_t length;

	assert_true(fixture->text_count <= FIXTURE_TEXTS);
	assert_non_null(file);
	while ((length = fread(block, 1, sizeof(block), file)) > 0)
		text_add_bytes(text, block, length);
	fclose(file);
	return slice_of(text_string(text));
}

static inline void fixture_emit(struct fixture *fixture, const struct firewall_rows *rows)
{
	firewall_resolve(&fixture->firewall);
	firewall_emit(&fixture->firewall, rows, fixture->netns, &fixture->snapshot);
}

static inline const struct object *fixture_object(const struct fixture *fixture, const char *name)
{
	for (uint32_t i = 0; i < objects_count(fixture->objects); i++)
		if (strcmp(object_text(object_get(fixture->objects, i), LABEL_NAME), name) == 0)
			return object_get(fixture->objects, i);
	return NULL;
}

static inline const char *fixture_label(const struct fixture *fixture, const char *name, enum label label)
{
	const struct object *object = fixture_object(fixture, name);

	if (!object)
		fail_msg("no object \"%s\"", name);
	return object_text(object, label);
}

static inline uint64_t fixture_value(const struct fixture *fixture, const struct object *object, counter_id counter)
{
	const struct sample *sample;

	vec_each(&fixture->snapshot.samples, sample)
		if (sample->object == object->id && sample->counter == counter)
			return sample->value;
	return ABSENT;
}

static inline void fixture_expect(const struct fixture *fixture, const struct expected *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct object *object = fixture_object(fixture, rows[i].object);
		uint64_t value = object ? fixture_value(fixture, object, rows[i].counter) : ABSENT;

		if (!object || value != rows[i].value)
			fail_msg("%s, %s: %lld instead of %lld", rows[i].object, counter_name(rows[i].counter),
				 (long long)value, (long long)rows[i].value);
	}
}
