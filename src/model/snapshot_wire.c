/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot as bytes, from a helper process to its parent on the same host.
 * Native byte order; every number is checked on reading all the same, because
 * the child may have died in the middle of a write.
 *
 *	magic, object count, { key, pid, flags, relations, labels }…,
 *	counter count, { static id or -1, source, domain, name, kind or -1, check, meaning }…,
 *	sample count, { counter index, object index, value }…,
 *	coverage count, { source, object index, time, duration, error, partial, reason }…
 *
 * Objects are written in an order in which relations point to objects of the
 * same list by index; only objects that samples, coverage or relations name are sent.
 */
#include "model/snapshot.h"

#include "base/alloc.h"
#include "base/intern.h"

#include <errno.h>
#include <string.h>

#define WIRE_MAGIC UINT32_C(0x31736477) /* "wds1" */
#define RELATIONS 5

static void put_u32(struct text *out, uint32_t value)
{
	text_add_bytes(out, (const char *)&value, sizeof(value));
}

static void put_u64(struct text *out, uint64_t value)
{
	text_add_bytes(out, (const char *)&value, sizeof(value));
}

/* NULL is told from "" by its length. */
static void put_string(struct text *out, const char *string)
{
	size_t length = string ? strlen(string) : 0;

	put_u32(out, string ? (uint32_t)length : UINT32_MAX);
	if (length)
		text_add_bytes(out, string, length);
}

/* Ids that are sent, and the index each has on the wire (+ 1; 0 is not sent). */
struct selection {
	uint32_t *index;
	uint32_t *ids;
	uint32_t count;
};

static void relations_of(const struct object *object, uint32_t ret[RELATIONS])
{
	const uint32_t all[RELATIONS] = { object->netns, object->link, object->parent, object->peer, object->owner };

	memcpy(ret, all, sizeof(all));
}

static void select_object(struct selection *selection, uint32_t id)
{
	if (selection->index[id])
		return;
	selection->ids[selection->count++] = id;
	selection->index[id] = selection->count;
}

static void select_all(struct selection *selection, const struct snapshot *snapshot)
{
	const struct sample *sample;
	const struct coverage *coverage;

	select_object(selection, OBJECT_HOST_ID);
	vec_each(&snapshot->coverage, coverage)
		select_object(selection, coverage->object);
	vec_each(&snapshot->samples, sample)
		select_object(selection, sample->object);
	for (uint32_t i = 0; i < selection->count; i++) { /* grows while it is walked */
		uint32_t relations[RELATIONS];

		relations_of(object_get(snapshot->objects, selection->ids[i]), relations);
		for (size_t r = 0; r < RELATIONS; r++)
			select_object(selection, relations[r]);
	}
}

static void put_object(struct text *out, const struct selection *selection, const struct object *object)
{
	uint32_t relations[RELATIONS];

	put_u32(out, (uint32_t)object->key.kind);
	put_u64(out, object->key.netns);
	put_u64(out, object->key.a);
	put_u64(out, object->key.b);
	put_u32(out, (uint32_t)object->pid);
	put_u32(out, object->born);
	relations_of(object, relations);
	for (size_t r = 0; r < RELATIONS; r++)
		put_u32(out, selection->index[relations[r]] - 1);
	for (size_t l = 0; l < LABEL_COUNT; l++)
		put_string(out, object->labels[l]);
}

static void put_counters(struct text *out, const struct snapshot *snapshot, uint32_t *ret_index)
{
	CLEANUP_TEXT struct text body = { 0 };
	const struct sample *sample;
	uint32_t count = 0;

	vec_each(&snapshot->samples, sample) {
		const struct counter *counter = counter_get(sample->counter);

		if (ret_index[sample->counter])
			continue;
		ret_index[sample->counter] = ++count;
		put_u32(&body, sample->counter < COUNTER_STATIC ? sample->counter : UINT32_MAX);
		put_u32(&body, (uint32_t)counter->source);
		put_u32(&body, (uint32_t)counter->domain);
		put_string(&body, counter->name);
		put_u32(&body, counter->unclassified ? UINT32_MAX : (uint32_t)counter->kind);
		put_string(&body, sample->counter < COUNTER_STATIC ? NULL : counter->check);
		put_string(&body, sample->counter < COUNTER_STATIC ? NULL : counter->meaning);
	}
	put_u32(out, count);
	text_add_bytes(out, text_string(&body), body.length);
}

void snapshot_encode(const struct snapshot *snapshot, struct text *ret_bytes)
{
	size_t objects = objects_count(snapshot->objects);
	CLEANUP_FREE uint32_t *index = mem_new(objects, sizeof(*index));
	CLEANUP_FREE uint32_t *ids = mem_new(objects, sizeof(*ids));
	CLEANUP_FREE uint32_t *counters = mem_new(counter_total(), sizeof(*counters));
	struct selection selection = { index, ids, 0 };
	const struct sample *sample;
	const struct coverage *coverage;

	select_all(&selection, snapshot);
	put_u32(ret_bytes, WIRE_MAGIC);
	put_u32(ret_bytes, selection.count);
	for (uint32_t i = 0; i < selection.count; i++)
		put_object(ret_bytes, &selection, object_get(snapshot->objects, ids[i]));
	put_counters(ret_bytes, snapshot, counters);
	put_u32(ret_bytes, (uint32_t)snapshot->samples.count);
	vec_each(&snapshot->samples, sample) {
		put_u32(ret_bytes, counters[sample->counter] - 1);
		put_u32(ret_bytes, index[sample->object] - 1);
		put_u64(ret_bytes, sample->value);
	}
	put_u32(ret_bytes, (uint32_t)snapshot->coverage.count);
	vec_each(&snapshot->coverage, coverage) {
		put_u32(ret_bytes, (uint32_t)coverage->source);
		put_u32(ret_bytes, index[coverage->object] - 1);
		put_u64(ret_bytes, coverage->time_ns);
		put_u64(ret_bytes, coverage->took_ns);
		put_u32(ret_bytes, (uint32_t)coverage->error);
		put_u32(ret_bytes, coverage->partial);
		put_string(ret_bytes, coverage->reason);
	}
}

/* A reader that cannot pass the end; `bad` latches. */
struct reader {
	const char *at, *end;
	bool bad;
};

static void get_bytes(struct reader *in, void *ret, size_t size)
{
	if (in->bad || (size_t)(in->end - in->at) < size) {
		in->bad = true;
		memset(ret, 0, size);
		return;
	}
	memcpy(ret, in->at, size);
	in->at += size;
}

static uint32_t get_u32(struct reader *in)
{
	uint32_t value;

	get_bytes(in, &value, sizeof(value));
	return value;
}

static uint64_t get_u64(struct reader *in)
{
	uint64_t value;

	get_bytes(in, &value, sizeof(value));
	return value;
}

/* A count of records of at least `size` bytes each: more than fit is hostile. */
static uint32_t get_count(struct reader *in, size_t size)
{
	uint32_t count = get_u32(in);

	if (in->bad || count > (size_t)(in->end - in->at) / size) {
		in->bad = true;
		return 0;
	}
	return count;
}

/* New memory, or NULL where NULL was written. */
static char *get_string(struct reader *in)
{
	uint32_t length = get_u32(in);
	char *string;

	if (in->bad || length == UINT32_MAX)
		return NULL;
	if (length > (size_t)(in->end - in->at)) {
		in->bad = true;
		return NULL;
	}
	string = mem_strndup(in->at, length);
	in->at += length;
	return string;
}

struct decoded {
	struct reader in;
	struct objects *objects;
	uint32_t *ids; /* wire index to object id */
	uint32_t object_count;
	uint32_t *relations; /* RELATIONS per object, wire indexes */
	counter_id *counters;
	uint32_t counter_count;
};

static void get_object(struct decoded *wire, uint32_t at)
{
	struct object_key key = { .kind = (enum object_kind)get_u32(&wire->in) };
	struct object *object;
	uint32_t pid, born;
	bool is_new;

	key.netns = get_u64(&wire->in);
	key.a = get_u64(&wire->in);
	key.b = get_u64(&wire->in);
	pid = get_u32(&wire->in);
	born = get_u32(&wire->in);
	for (size_t r = 0; r < RELATIONS; r++)
		wire->relations[at * RELATIONS + r] = get_u32(&wire->in);
	if (wire->in.bad || key.kind >= OBJECT_KIND_COUNT) {
		wire->in.bad = true;
		return;
	}
	object = object_intern(wire->objects, key, &is_new);
	if (!object) {
		wire->in.bad = true;
		return;
	}
	wire->ids[at] = object->id;
	if (pid)
		object->pid = (pid_t)pid;
	if (is_new)
		object->born = born;
	for (size_t l = 0; l < LABEL_COUNT; l++) {
		CLEANUP_FREE char *value = get_string(&wire->in);

		if (value)
			object_label(object, (enum label)l, value);
	}
}

static void relate(struct decoded *wire, uint32_t *field, uint32_t wire_index)
{
	if (wire_index >= wire->object_count)
		wire->in.bad = true;
	else if (wire->ids[wire_index] != OBJECT_HOST_ID)
		*field = wire->ids[wire_index];
}

static void get_objects(struct decoded *wire)
{
	for (uint32_t i = 0; i < wire->object_count && !wire->in.bad; i++)
		get_object(wire, i);
	for (uint32_t i = 0; i < wire->object_count && !wire->in.bad; i++) {
		struct object *object = object_get(wire->objects, wire->ids[i]);
		const uint32_t *relations = &wire->relations[i * RELATIONS];

		relate(wire, &object->netns, relations[0]);
		relate(wire, &object->link, relations[1]);
		relate(wire, &object->parent, relations[2]);
		relate(wire, &object->peer, relations[3]);
		relate(wire, &object->owner, relations[4]);
	}
}

static counter_id get_counter(struct decoded *wire)
{
	uint32_t id = get_u32(&wire->in), source = get_u32(&wire->in), domain = get_u32(&wire->in), kind;
	CLEANUP_FREE char *name = get_string(&wire->in);
	CLEANUP_FREE char *check = NULL;
	CLEANUP_FREE char *meaning = NULL;

	kind = get_u32(&wire->in);
	check = get_string(&wire->in);
	meaning = get_string(&wire->in);
	if (wire->in.bad || !name || source >= SOURCE_COUNT || domain > DOMAIN_NONE) {
		wire->in.bad = true;
		return COUNTER_NONE;
	}
	if (id < COUNTER_STATIC)
		return id;
	id = counter_intern((enum source_id)source, name, strlen(name), (enum domain)domain, text_intern(check));
	if (id != COUNTER_NONE && kind <= KIND_CONFIG && meaning)
		counter_classify(id, (enum counter_kind)kind, text_intern(meaning));
	return id;
}

static void get_counters(struct decoded *wire)
{
	for (uint32_t i = 0; i < wire->counter_count && !wire->in.bad; i++)
		wire->counters[i] = get_counter(wire);
}

static void get_samples(struct decoded *wire, struct snapshot *snapshot, uint32_t count)
{
	for (uint32_t i = 0; i < count && !wire->in.bad; i++) {
		uint32_t counter = get_u32(&wire->in), object = get_u32(&wire->in);
		uint64_t value = get_u64(&wire->in);

		if (counter >= wire->counter_count || object >= wire->object_count)
			wire->in.bad = true;
		else
			snapshot_add(snapshot, wire->counters[counter], object_get(wire->objects, wire->ids[object]),
				     value);
	}
}

static void get_coverage(struct decoded *wire, struct snapshot *snapshot)
{
	uint32_t count = get_count(&wire->in, 36);

	for (uint32_t i = 0; i < count && !wire->in.bad; i++) {
		uint32_t source = get_u32(&wire->in), object = get_u32(&wire->in);
		struct coverage coverage = { .time_ns = get_u64(&wire->in) };
		struct coverage *slot;

		coverage.took_ns = get_u64(&wire->in);
		coverage.error = (int)get_u32(&wire->in);
		coverage.partial = get_u32(&wire->in);
		CLEANUP_FREE char *reason = get_string(&wire->in);
		if (wire->in.bad || source >= SOURCE_COUNT || object >= wire->object_count) {
			wire->in.bad = true;
			return;
		}
		coverage.source = (enum source_id)source;
		coverage.object = wire->ids[object];
		coverage.reason = text_intern(reason);
		slot = vec_add(&snapshot->coverage, SNAPSHOT_COVERAGE_MAX);
		if (slot)
			*slot = coverage;
	}
}

int snapshot_decode(struct snapshot *snapshot, const char *bytes, size_t length)
{
	struct decoded wire = { .in = { bytes, bytes + length, false }, .objects = snapshot->objects };
	size_t samples = snapshot->samples.count, coverage = snapshot->coverage.count;

	if (get_u32(&wire.in) != WIRE_MAGIC)
		return -EPROTO;
	wire.object_count = get_count(&wire.in, 56);

	CLEANUP_FREE uint32_t *ids = mem_new(wire.object_count, sizeof(*ids));
	CLEANUP_FREE uint32_t *relations = mem_new(wire.object_count * (size_t)RELATIONS, sizeof(*relations));

	wire.ids = ids;
	wire.relations = relations;
	get_objects(&wire);
	wire.counter_count = get_count(&wire.in, 16);

	CLEANUP_FREE counter_id *counters = mem_new(wire.counter_count, sizeof(*counters));

	wire.counters = counters;
	get_counters(&wire);
	get_samples(&wire, snapshot, get_count(&wire.in, 16));
	get_coverage(&wire, snapshot);
	if (wire.in.bad || wire.in.at != wire.in.end) {
		snapshot->samples.count = samples;
		snapshot->coverage.count = coverage;
		return -EPROTO;
	}
	return 0;
}
