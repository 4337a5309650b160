/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes into a bundle. A line of JSON for what is new: the registry's own facts, objects, counters, shapes; and one for
 * the snapshot itself. Numbers that did not change since they were written last are not written again.
 */
#include "evidence/bundle_parts.h"
#include "evidence/redact.h"

#include "base/alloc.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* An object as it was written last. */
struct written {
	bool there, born;
	uint32_t changes;
	pid_t pid;
	uint32_t relations[BUNDLE_RELATIONS];
};

struct bundle_writer {
	struct bundle_out *out;
	int error;
	enum bundle_part part;
	unsigned int window, snapshot;
	uint64_t home;
	bool all_known, has_registry;
	VEC(struct written) written; /* by object id */
	VEC(bool) counters;	     /* by counter id: written */
	struct shapes shapes;
	VEC(uint32_t) slots; /* of a hash table: shape + 1 */
	struct text lines;
	const struct redactor *redactor; /* NULL: what it is called stays */
	struct redactor own;
};

/* ---- JSON ---- */

json_t *string_or_bytes(const char *string)
{
	json_t *json = string ? json_string(string) : json_null();
	CLEANUP_TEXT struct text hex = { 0 };

	if (json)
		return json;
	for (const char *at = string; *at; at++)
		text_addf(&hex, "%02x", (unsigned int)(unsigned char)*at);
	json = json_object();
	json_object_set_new(json, "hex", json_string(text_string(&hex)));
	return json;
}

/* Keys use all 64 bits, which JSON's numbers do not have for everybody. */
static json_t *wide(uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, number);
	return json_string(text);
}

static void add_line(struct text *lines, json_t *json)
{
	char *line = json_dumps(json, JSON_COMPACT);

	if (line) {
		text_add(lines, line);
		text_add_bytes(lines, "\n", 1);
	}
	free(line);
	json_decref(json);
}

static json_t *named(const char *name, json_t *value)
{
	json_t *json = json_object();

	json_object_set_new(json, name, value);
	return json;
}

/* ---- what is known from the start, and at the end ---- */

static const char *prefix(const struct bundle_writer *writer)
{
	return writer->part == BUNDLE_DURING ? BUNDLE_DURING_PREFIX : "";
}

static int write_file(struct bundle_writer *writer, const char *name, json_t *json)
{
	CLEANUP_TEXT struct text text = { 0 };
	char full[64];

	add_line(&text, json);
	snprintf(full, sizeof(full), "%s%s", prefix(writer), name);
	return bundle_out_file(writer->out, full, &text);
}

/* What the host, or something on it, is called. */
static json_t *name_json(const struct redactor *redactor, const char *name)
{
	CLEANUP_TEXT struct text other = { 0 };

	if (!redactor || !*name)
		return string_or_bytes(name);
	redact_name(redactor, name, &other);
	return string_or_bytes(text_string(&other));
}

static json_t *label_json(const struct redactor *redactor, enum object_kind kind, enum label label, const char *text)
{
	CLEANUP_TEXT struct text other = { 0 };

	if (!redactor || !*text)
		return string_or_bytes(text);
	redact_label(redactor, kind, label, text, &other);
	return string_or_bytes(text_string(&other));
}

static json_t *about_json(const struct bundle_about *about, const struct redactor *redactor)
{
	json_t *json = json_object(), *host = json_object(), *asked = json_object(), *sources = json_array();
	const char *part = bundle_part_name(about->part);

	json_object_set_new(json, "format", json_string("wheredrop bundle"));
	json_object_set_new(json, "version", json_integer(part ? BUNDLE_VERSION : 1));
	if (part)
		json_object_set_new(json, "part", json_string(part));
	json_object_set_new(json, "tool", json_string(about->version));
	json_object_set_new(host, "hostname", name_json(redactor, about->hostname));
	json_object_set_new(host, "kernel", string_or_bytes(about->kernel));
	json_object_set_new(host, "boot_id", name_json(redactor, about->boot_id));
	json_object_set_new(host, "cpus", json_integer(about->cpus));
	json_object_set_new(json, "host", host);
	json_object_set_new(asked, "netns_inode", wide(about->netns));
	json_object_set_new(asked, "interface", label_json(redactor, OBJECT_LINK, LABEL_NAME, about->interface));
	json_object_set_new(asked, "target", label_json(redactor, OBJECT_SOCKET, LABEL_REMOTE, about->target));
	json_object_set_new(asked, "duration_ns", json_integer((json_int_t)about->duration_ns));
	json_object_set_new(asked, "interval_ns", json_integer((json_int_t)about->interval_ns));
	json_object_set_new(json, "asked", asked);
	json_object_set_new(json, "redacted", json_boolean(about->redacted));
	for (enum source_id source = 0; source < SOURCE_COUNT; source++)
		json_array_append_new(sources, json_string(source_id_name(source)));
	json_object_set_new(json, "sources", sources);
	return json;
}

static json_t *end_json(const struct bundle_end *end)
{
	const struct sampler_result *result = &end->result;
	const struct {
		const char *name;
		uint64_t value;
	} numbers[] = {
		{ "interval_ns", result->interval_ns },
		{ "max_gap_ns", result->max_gap_ns },
		{ "ticks", result->ticks },
		{ "late_ticks", result->late_ticks },
		{ "namespaces", result->namespaces },
		{ "helper_failures", result->helper_failures },
		{ "thinned", result->thinned },
		{ "stopped", result->stopped },
		{ "waited_ns", end->waited_ns },
		{ "max_rss_bytes", end->max_rss_bytes },
	};
	json_t *json = named("ended", json_string(end->ended));

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		json_object_set_new(json, numbers[i].name, json_integer((json_int_t)numbers[i].value));
	json_object_set_new(json, "cpu_seconds", json_real(end->cpu_seconds));
	return json;
}

/* `bytes` are there already, of a baseline; 0 for a new file. */
static int writer_new(const char *path, uint64_t bytes, const struct bundle_about *about, struct bundle_writer **ret)
{
	struct bundle_writer *writer = NEW(struct bundle_writer);
	int error = about->redacted ? redactor_make(&writer->own) : 0;

	if (!error)
		error = bytes ? bundle_out_append(path, bytes, &writer->out) : bundle_out_open(path, &writer->out);
	if (error) {
		free(writer);
		return error;
	}
	writer->part = about->part;
	if (writer->part == BUNDLE_BASELINE)
		bundle_out_leave_open(writer->out);
	writer->redactor = about->redacted ? &writer->own : NULL;
	writer->lines.max = BUNDLE_FILE_MOST_BYTES;
	writer->error = write_file(writer, BUNDLE_MANIFEST, about_json(about, writer->redactor));
	*ret = writer;
	return 0;
}

int bundle_create(const char *path, const struct bundle_about *about, struct bundle_writer **ret)
{
	return writer_new(path, 0, about, ret);
}

int bundle_append(const char *path, uint64_t bytes, const struct bundle_about *about, struct bundle_writer **ret)
{
	return writer_new(path, bytes, about, ret);
}

void bundle_window(struct bundle_writer *writer)
{
	writer->window++;
	writer->snapshot = 0;
	writer->has_registry = false;
	vec_clear(&writer->written);
	shapes_clear(&writer->shapes);
	vec_free(&writer->slots);
	vec_free(&writer->counters);
}

int bundle_error(const struct bundle_writer *writer)
{
	return writer->error;
}

static bool is_empty(const struct bundle_writer *writer)
{
	return writer->window <= 1 && writer->snapshot <= (writer->error ? 1 : 0);
}

int bundle_close(struct bundle_writer *writer, const struct bundle_end *end)
{
	bool undo = writer->part == BUNDLE_DURING && is_empty(writer);
	int error;

	if (!writer->error && !undo)
		writer->error = write_file(writer, BUNDLE_END, end_json(end));
	error = undo ? bundle_out_undo(writer->out) : bundle_out_close(writer->out);
	error = writer->error ? writer->error : error;
	vec_free(&writer->written);
	vec_free(&writer->counters);
	shapes_clear(&writer->shapes);
	vec_free(&writer->slots);
	text_free(&writer->lines);
	free(writer);
	return error;
}

/* ---- objects ---- */

static void written_of(const struct object *object, struct written *ret)
{
	const uint32_t relations[BUNDLE_RELATIONS] = { object->netns, object->link, object->parent, object->peer,
						       object->owner };

	*ret = (struct written){ .there = true, .born = object->born, .changes = object->changes, .pid = object->pid };
	memcpy(ret->relations, relations, sizeof(relations));
}

static bool is_same(const struct written *a, const struct written *b)
{
	return a->there == b->there && a->born == b->born && a->changes == b->changes && a->pid == b->pid &&
	       memcmp(a->relations, b->relations, sizeof(a->relations)) == 0;
}

/* The number as it is, or another one where it was made from what is not to be known. */
static json_t *key_json(const struct redactor *redactor, const struct object *object, bool second)
{
	uint64_t number = second ? object->key.b : object->key.a;

	return wide(redactor && redact_is_hash(object->key.kind, second) ? redact_number(redactor, number) : number);
}

static json_t *object_json(const struct redactor *redactor, const struct object *object, const struct written *now)
{
	static const char *const relations[] = BUNDLE_RELATION_NAMES;
	json_t *json = json_object(), *labels = json_object();

	json_object_set_new(json, "id", json_integer(object->id));
	json_object_set_new(json, "kind", json_string(object_kind_name(object->key.kind)));
	json_object_set_new(json, "netns_key", wide(object->key.netns));
	json_object_set_new(json, "a", key_json(redactor, object, false));
	json_object_set_new(json, "b", key_json(redactor, object, true));
	if (object->pid)
		json_object_set_new(json, "pid", json_integer(object->pid));
	if (object->born)
		json_object_set_new(json, "born", json_true());
	for (size_t r = 0; r < BUNDLE_RELATIONS; r++) {
		if (now->relations[r])
			json_object_set_new(json, relations[r], json_integer(now->relations[r]));
	}
	for (size_t l = 0; l < LABEL_COUNT; l++) {
		if (object->labels[l])
			json_object_set_new(labels, object_label_name((enum label)l),
					    label_json(redactor, object->key.kind, (enum label)l, object->labels[l]));
	}
	json_object_set_new(json, "labels", labels);
	return json;
}

/* Those that are new or have changed. They may name each other. */
static void put_objects(struct bundle_writer *writer, const struct objects *objects)
{
	json_t *changed = NULL;

	for (uint32_t id = 0; id < objects_count(objects); id++) {
		const struct object *object = object_get(objects, id);
		struct written now, *before;

		if (id >= writer->written.count && !vec_add(&writer->written, OBJECTS_MAX + 1))
			return;
		before = &writer->written.data[id];
		written_of(object, &now);
		if (is_same(before, &now))
			continue;
		*before = now;
		changed = changed ? changed : json_array();
		json_array_append_new(changed, object_json(writer->redactor, object, &now));
	}
	if (changed)
		add_line(&writer->lines, named("objects", changed));
}

static void put_registry(struct bundle_writer *writer, const struct objects *objects)
{
	uint64_t home = objects_home(objects);
	bool all_known = objects_all_known(objects);
	json_t *json;

	if (writer->has_registry && home == writer->home && all_known == writer->all_known)
		return;
	writer->has_registry = true;
	writer->home = home;
	writer->all_known = all_known;
	json = named("home", wide(home));
	json_object_set_new(json, "all_known", json_boolean(all_known));
	add_line(&writer->lines, named("registry", json));
}

/* ---- counters ---- */

/* A counter of the tables is known by its name; one that only this host has brings what it means along. */
static json_t *counter_json(counter_id id)
{
	const struct counter *counter = counter_get(id);
	json_t *json = named("id", json_integer(id));

	json_object_set_new(json, "source", json_string(source_id_name(counter->source)));
	json_object_set_new(json, "name", string_or_bytes(counter->name));
	if (id < COUNTER_STATIC)
		return json;
	json_object_set_new(json, "domain", json_string(domain_id(counter->domain)));
	if (!counter->unclassified)
		json_object_set_new(json, "kind", json_string(kind_name(counter->kind)));
	json_object_set_new(json, "check", string_or_bytes(counter->check));
	json_object_set_new(json, "meaning", string_or_bytes(counter->meaning));
	return json;
}

static void put_counters(struct bundle_writer *writer, const struct snapshot *snapshot)
{
	const struct sample *sample;
	json_t *fresh = NULL;

	while (writer->counters.count < counter_total() && vec_add(&writer->counters, UINT32_MAX))
		;
	vec_each(&snapshot->samples, sample) {
		if (writer->counters.data[sample->counter])
			continue;
		writer->counters.data[sample->counter] = true;
		fresh = fresh ? fresh : json_array();
		json_array_append_new(fresh, counter_json(sample->counter));
	}
	if (fresh)
		add_line(&writer->lines, named("counters", fresh));
}

/* ---- numbers ---- */

#define SLOTS (1u << 19) /* more than twice SHAPES_MAX */

static uint64_t hash_samples(const struct sample *samples, size_t count)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < count; i++)
		hash = (hash ^ ((uint64_t)samples[i].counter << 32 | samples[i].object)) * UINT64_C(1099511628211);
	return hash;
}

static bool has_shape(const struct shape *shape, uint64_t hash, const struct sample *samples, size_t count)
{
	if (shape->hash != hash || shape->count != count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (shape->cells[2 * i] != samples[i].counter || shape->cells[2 * i + 1] != samples[i].object)
			return false;
	}
	return true;
}

/* Where the shape is, or belongs, in the hash table. */
static uint32_t *slot_of(struct bundle_writer *writer, uint64_t hash, const struct sample *samples, size_t count)
{
	for (size_t at = hash % SLOTS;; at = (at + 1) % SLOTS) {
		uint32_t *slot = &writer->slots.data[at];

		if (!*slot || has_shape(&writer->shapes.list.data[*slot - 1], hash, samples, count))
			return slot;
	}
}

/* Before a snapshot: where there are many shapes already, all are forgotten, and so the reader is told. */
static void shapes_prepare(struct bundle_writer *writer)
{
	if (!writer->slots.data) {
		writer->slots.data = mem_new(SLOTS, sizeof(*writer->slots.data));
		writer->slots.count = writer->slots.capacity = SLOTS;
	}
	if (writer->shapes.list.count <= SHAPES_MAX / 2 && writer->shapes.cells <= SHAPE_CELLS_MAX / 2)
		return;
	text_add(&writer->lines, "{\"shapes\":0}\n");
	shapes_clear(&writer->shapes);
	memset(writer->slots.data, 0, SLOTS * sizeof(*writer->slots.data));
}

static void put_shape(struct bundle_writer *writer, const struct shape *shape)
{
	text_add(&writer->lines, "{\"shape\":[");
	for (size_t i = 0; i < 2 * shape->count; i++)
		text_addf(&writer->lines, "%s%" PRIu32, i ? "," : "", shape->cells[i]);
	text_add(&writer->lines, "]}\n");
}

/* The number of the shape of these samples, + 1; a new one is written. 0: there are too many. */
static uint32_t shape_of(struct bundle_writer *writer, const struct sample *samples, size_t count)
{
	uint64_t hash = hash_samples(samples, count);
	uint32_t *slot = slot_of(writer, hash, samples, count);
	struct shape *shape = *slot ? NULL : shapes_add(&writer->shapes, count);

	if (!shape)
		return *slot;
	shape->hash = hash;
	for (size_t i = 0; i < count; i++) {
		shape->cells[2 * i] = samples[i].counter;
		shape->cells[2 * i + 1] = samples[i].object;
	}
	*slot = (uint32_t)writer->shapes.list.count;
	put_shape(writer, shape);
	return *slot;
}

/* [shape, index, difference, index, difference, …] */
static void put_reading(struct bundle_writer *writer, uint32_t number, const struct sample *samples, bool first,
			struct text *ret)
{
	struct shape *shape = &writer->shapes.list.data[number - 1];

	text_addf(ret, "%s[%" PRIu32, first ? "" : ",", number);
	for (size_t i = 0; i < shape->count; i++) {
		if (samples[i].value == shape->values[i])
			continue;
		text_addf(ret, ",%zu,%" PRId64, i, (int64_t)(samples[i].value - shape->values[i]));
		shape->values[i] = samples[i].value;
	}
	text_add(ret, "]");
}

/* The samples that one source took one after the other in one namespace. */
static size_t reading_length(const struct snapshot *snapshot, size_t from)
{
	const struct sample *samples = snapshot->samples.data;
	enum source_id source = counter_get(samples[from].counter)->source;
	uint32_t netns = object_get(snapshot->objects, samples[from].object)->netns;
	size_t at = from + 1;

	while (at < snapshot->samples.count && counter_get(samples[at].counter)->source == source &&
	       object_get(snapshot->objects, samples[at].object)->netns == netns && at - from < SHAPE_CELLS_MAX)
		at++;
	return at - from;
}

/* Each as [source, object, since the one before, took]; those that failed, or were cut short, once more, with the reason. */
static void put_coverage(const struct snapshot *snapshot, struct text *ret)
{
	uint64_t before_ns = snapshot->time_ns;
	const struct coverage *coverage;
	json_t *missed = json_array(), *one;
	char *dumped;

	text_add(ret, ",\"coverage\":[");
	vec_each(&snapshot->coverage, coverage) {
		size_t index = (size_t)(coverage - snapshot->coverage.data);

		text_addf(ret, "%s%d,%" PRIu32 ",%" PRId64 ",%" PRIu64, index ? "," : "", (int)coverage->source,
			  coverage->object, (int64_t)(coverage->time_ns - coverage->took_ns - before_ns),
			  coverage->took_ns);
		before_ns = coverage->time_ns;
		if (!coverage->error && !coverage->partial)
			continue;
		one = json_array();
		json_array_append_new(one, json_integer((json_int_t)index));
		json_array_append_new(one, json_integer(coverage->error));
		json_array_append_new(one, json_boolean(coverage->partial));
		json_array_append_new(one, coverage->reason ? string_or_bytes(coverage->reason) : json_null());
		json_array_append_new(missed, one);
	}
	text_add(ret, "]");
	dumped = json_array_size(missed) ? json_dumps(missed, JSON_COMPACT) : NULL;
	if (dumped)
		text_addf(ret, ",\"missed\":%s", dumped);
	free(dumped);
	json_decref(missed);
}

static void put_snapshot(struct bundle_writer *writer, const struct snapshot *snapshot)
{
	CLEANUP_TEXT struct text line = { .max = BUNDLE_FILE_MOST_BYTES };

	shapes_prepare(writer);
	text_addf(&line, "{\"time_ns\":%" PRIu64 ",\"wall_ns\":%" PRIu64 ",\"truncated\":%s,\"readings\":[",
		  snapshot->time_ns, snapshot->wall_ns, snapshot->truncated ? "true" : "false");
	for (size_t at = 0, length; at < snapshot->samples.count; at += length) {
		const struct sample *samples = &snapshot->samples.data[at];
		uint32_t shape;

		length = reading_length(snapshot, at);
		shape = shape_of(writer, samples, length);
		if (shape)
			put_reading(writer, shape, samples, !at, &line);
	}
	text_add(&line, "]");
	put_coverage(snapshot, &line);
	bundle_events_put(snapshot, writer->redactor, &line);
	text_add(&line, "}\n");
	text_add_bytes(&writer->lines, text_string(&line), line.length);
}

void bundle_add(struct bundle_writer *writer, const struct snapshot *snapshot)
{
	char name[64];

	if (writer->error)
		return;
	text_clear(&writer->lines);
	put_registry(writer, snapshot->objects);
	put_objects(writer, snapshot->objects);
	put_counters(writer, snapshot);
	put_snapshot(writer, snapshot);
	snprintf(name, sizeof(name), "%s" BUNDLE_WINDOW_PREFIX "%u/%06u.jsonl", prefix(writer), writer->window,
		 ++writer->snapshot);
	writer->error = writer->lines.overflow ? -EFBIG : bundle_out_file(writer->out, name, &writer->lines);
}
