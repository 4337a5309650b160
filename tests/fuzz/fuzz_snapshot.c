/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * model/snapshot_wire over any bytes, as a helper process that was killed in the
 * middle of a write would leave them: refused bytes change nothing, accepted ones
 * can be encoded again and mean the same.
 */
#include "base/text.h"
#include "fuzz/fuzz.h"
#include "model/snapshot.h"

#include "base/alloc.h"

#include <errno.h>
#include <stdlib.h>

#define REQUIRE(condition)        \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

/* Everything that was taken over must be usable: ids in range, and text for everything. */
static void walk(const struct snapshot *snapshot)
{
	const struct sample *sample;
	const struct coverage *coverage;

	vec_each(&snapshot->samples, sample) {
		CLEANUP_TEXT struct text text = { 0 };

		REQUIRE(sample->object < objects_count(snapshot->objects) && sample->counter < counter_total());
		object_describe_placed(snapshot->objects, object_get(snapshot->objects, sample->object), &text);
		counter_check(snapshot->objects, sample->counter, object_get(snapshot->objects, sample->object), &text);
	}
	vec_each(&snapshot->coverage, coverage)
		REQUIRE(coverage->object < objects_count(snapshot->objects) && coverage->source < SOURCE_COUNT);
}

static void send_on(const struct snapshot *snapshot)
{
	struct objects *objects = objects_new();
	CLEANUP_TEXT struct text bytes = { 0 };
	struct snapshot copy = { 0 };

	snapshot_begin(&copy, objects);
	snapshot_encode(snapshot, &bytes);
	REQUIRE(snapshot_decode(&copy, text_string(&bytes), bytes.length) == 0);
	REQUIRE(copy.samples.count == snapshot->samples.count && copy.coverage.count == snapshot->coverage.count);
	snapshot_free(&copy);
	objects_free(objects);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct objects *objects = objects_new();
	struct snapshot snapshot = { 0 };
	int result;

	snapshot_begin(&snapshot, objects);
	snapshot_add(&snapshot, C_SOFTNET_DROPPED, object_get(objects, OBJECT_HOST_ID), 77);
	result = snapshot_decode(&snapshot, (const char *)data, size);
	REQUIRE(result == 0 || result == -EPROTO);
	REQUIRE(result == 0 || (snapshot.samples.count == 1 && snapshot.coverage.count == 0));
	REQUIRE(snapshot.samples.data[0].value == 77);
	walk(&snapshot);
	if (result == 0)
		send_on(&snapshot);
	snapshot_free(&snapshot);
	objects_free(objects);
	return 0;
}
