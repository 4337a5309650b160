/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Filling a snapshot. */
#include "model/snapshot.h"

#include "base/clock.h"

void snapshot_begin(struct snapshot *snapshot, struct objects *objects)
{
	snapshot->time_ns = clock_monotonic_ns();
	snapshot->reading_ns = snapshot->time_ns;
	snapshot->wall_ns = clock_wall_ns();
	snapshot->objects = objects;
	snapshot->truncated = snapshot->has_events = false;
	vec_clear(&snapshot->samples);
	vec_clear(&snapshot->coverage);
	vec_clear(&snapshot->events);
}

void snapshot_reading(struct snapshot *snapshot)
{
	snapshot->reading_ns = clock_monotonic_ns();
}

void snapshot_free(struct snapshot *snapshot)
{
	vec_free(&snapshot->samples);
	vec_free(&snapshot->coverage);
	vec_free(&snapshot->events);
}

void snapshot_add(struct snapshot *snapshot, counter_id counter, const struct object *object, uint64_t value)
{
	struct sample *sample;

	if (!object || counter == COUNTER_NONE)
		return;
	if (snapshot->samples.count < snapshot->samples.capacity) { /* hundreds at each tick: no call for these */
		snapshot->samples.data[snapshot->samples.count++] = (struct sample){ counter, object->id, value };
		return;
	}
	sample = vec_add(&snapshot->samples, SNAPSHOT_SAMPLES_MAX);
	if (sample)
		*sample = (struct sample){ counter, object->id, value };
	else
		snapshot->truncated = true;
}

static void cover(struct snapshot *snapshot, struct coverage coverage, const struct object *object)
{
	struct coverage *slot = vec_add(&snapshot->coverage, SNAPSHOT_COVERAGE_MAX);

	coverage.object = object ? object->id : OBJECT_HOST_ID;
	coverage.time_ns = clock_monotonic_ns();
	coverage.took_ns = coverage.time_ns - snapshot->reading_ns;
	if (slot)
		*slot = coverage;
	else
		snapshot->truncated = true;
}

void snapshot_covered(struct snapshot *snapshot, enum source_id source, const struct object *object)
{
	cover(snapshot, (struct coverage){ .source = source }, object);
}

void snapshot_covered_partly(struct snapshot *snapshot, enum source_id source, const struct object *object,
			     const char *reason)
{
	cover(snapshot, (struct coverage){ .source = source, .partial = true, .reason = reason }, object);
}

void snapshot_missed(struct snapshot *snapshot, enum source_id source, const struct object *object, int error,
		     const char *reason)
{
	cover(snapshot, (struct coverage){ .source = source, .error = error, .reason = reason }, object);
}
