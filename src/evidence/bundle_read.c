/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bundle becomes a series again. Nothing in it is believed: every number that names an object, a counter or a shape is
 * checked, and what this program does not know is left out and counted.
 */
#include "evidence/bundle_json.h"
#include "evidence/bundle_parts.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intern.h"
#include "base/parse.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define UNKNOWN BUNDLE_UNKNOWN

struct reading {
	struct bundle *bundle;
	bundle_taken *taken; /* of a replay; or NULL */
	void *argument;
	uint32_t window;
	struct objects *earlier_objects; /* the window before, whole */
	struct series *earlier;
	VEC(uint32_t) ids;	  /* object's number in the bundle: id here, or UNKNOWN */
	VEC(counter_id) counters; /* counter's number in the bundle: id here, or COUNTER_NONE */
	struct bundle_sources sources;
	struct shapes shapes;
	struct snapshot snapshot;
	bool bad;   /* a line that no writer makes */
	bool ended; /* nothing more is wanted */
};

/* ---- objects ---- */

static enum object_kind kind_of(const char *name)
{
	enum object_kind kind = 0;

	while (name && kind < OBJECT_KIND_COUNT && strcmp(object_kind_name(kind), name) != 0)
		kind++;
	return name ? kind : OBJECT_KIND_COUNT;
}

static uint32_t id_of(const struct reading *reading, uint64_t number)
{
	return number < reading->ids.count ? reading->ids.data[number] : UNKNOWN;
}

static void take_labels(struct object *object, const json_t *labels)
{
	for (size_t l = 0; l < LABEL_COUNT; l++) {
		CLEANUP_FREE char *text = text_of(json_object_get(labels, object_label_name((enum label)l)));

		object_label(object, (enum label)l, text);
	}
}

static void take_object(struct reading *reading, const json_t *json)
{
	struct object_key key = { kind_of(json_string_value(json_object_get(json, "kind"))), wide_of(json, "netns_key"),
				  wide_of(json, "a"), wide_of(json, "b") };
	uint64_t number = number_of(json, "id");
	struct object *object = NULL;

	if (number >= OBJECTS_MAX || !json_is_object(json)) {
		reading->bad = true;
		return;
	}
	while (reading->ids.count <= number)
		*vec_add(&reading->ids, OBJECTS_MAX) = UNKNOWN;
	if (key.kind < OBJECT_KIND_COUNT)
		object = object_intern(reading->bundle->objects, key, NULL);
	if (!object) {
		reading->bundle->skipped++;
		return;
	}
	reading->ids.data[number] = object->id;
	object->pid = (pid_t)number_of(json, "pid");
	object->born = number_of(json, "born");
	take_labels(object, json_object_get(json, "labels"));
}

static void relate(struct reading *reading, const json_t *json)
{
	static const char *const names[] = BUNDLE_RELATION_NAMES;
	uint32_t id = id_of(reading, number_of(json, "id"));
	struct object *object = id == UNKNOWN ? NULL : object_get(reading->bundle->objects, id);

	if (!object)
		return;

	uint32_t *fields[BUNDLE_RELATIONS] = { &object->netns, &object->link, &object->parent, &object->peer,
					       &object->owner };

	for (size_t r = 0; r < BUNDLE_RELATIONS; r++) {
		uint32_t other = id_of(reading, number_of(json, names[r]));

		*fields[r] = json_object_get(json, names[r]) && other != UNKNOWN ? other : OBJECT_HOST_ID;
	}
}

static void take_objects(struct reading *reading, const json_t *list)
{
	const json_t *json;
	size_t i;

	json_each(list, i, json) take_object(reading, json);
	json_each(list, i, json) relate(reading, json);
}

/* ---- counters ---- */

static enum domain domain_of(const char *name)
{
	enum domain domain = 0;

	while (name && domain < DOMAIN_NONE && strcmp(domain_id(domain), name) != 0)
		domain++;
	return name ? domain : DOMAIN_NONE;
}

static void classify(counter_id id, const json_t *json)
{
	const char *name = json_string_value(json_object_get(json, "kind"));
	const char *meaning = kept(json, "meaning");

	for (enum counter_kind kind = KIND_DROP; name && kind <= KIND_EVENT; kind++) {
		if (strcmp(kind_name(kind), name) == 0)
			counter_classify(id, kind, meaning);
	}
}

static counter_id counter_of(const json_t *json)
{
	enum source_id source = bundle_source(json_string_value(json_object_get(json, "source")));
	CLEANUP_FREE char *name = text_of(json_object_get(json, "name"));
	counter_id id;

	if (source == SOURCE_COUNT || !name || !*name)
		return COUNTER_NONE;
	id = counter_find(source, name, strlen(name));
	if (id != COUNTER_NONE && id < COUNTER_STATIC)
		return id;
	id = counter_intern(source, name, strlen(name), domain_of(json_string_value(json_object_get(json, "domain"))),
			    kept(json, "check"));
	if (id != COUNTER_NONE)
		classify(id, json);
	return id;
}

static void take_counters(struct reading *reading, const json_t *list)
{
	const json_t *json;
	size_t i;

	json_each(list, i, json)
	{
		uint64_t number = number_of(json, "id");

		if (number >= COUNTER_STATIC + COUNTER_DYNAMIC_MAX * 2) {
			reading->bad = true;
			return;
		}
		while (reading->counters.count <= number)
			*vec_add(&reading->counters, UINT32_MAX) = COUNTER_NONE;
		reading->counters.data[number] = counter_of(json);
		reading->bundle->skipped += reading->counters.data[number] == COUNTER_NONE;
	}
}

/* ---- numbers ---- */

static void take_shape(struct reading *reading, const json_t *list)
{
	size_t count = json_array_size(list) / 2;
	struct shape *shape = shapes_add(&reading->shapes, count);

	if (!shape) {
		reading->bad = true;
		return;
	}
	for (size_t i = 0; i < 2 * count; i++)
		shape->cells[i] = (uint32_t)json_integer_value(json_array_get(list, i));
}

static void take_samples(struct reading *reading, const struct shape *shape)
{
	for (size_t i = 0; i < shape->count; i++) {
		uint32_t number = shape->cells[2 * i], id = id_of(reading, shape->cells[2 * i + 1]);
		counter_id counter = number < reading->counters.count ? reading->counters.data[number] : COUNTER_NONE;

		if (counter == COUNTER_NONE || id == UNKNOWN)
			reading->bundle->skipped++;
		else
			snapshot_add(&reading->snapshot, counter, object_get(reading->bundle->objects, id),
				     shape->values[i]);
	}
}

/* [shape, index, difference, index, difference, …] */
static void take_reading(struct reading *reading, const json_t *list)
{
	uint64_t number = (uint64_t)json_integer_value(json_array_get(list, 0));
	struct shape *shape;

	if (!number || number > reading->shapes.list.count) {
		reading->bad = true;
		return;
	}
	shape = &reading->shapes.list.data[number - 1];
	for (size_t i = 1; i + 1 < json_array_size(list); i += 2) {
		uint64_t index = (uint64_t)json_integer_value(json_array_get(list, i));

		if (index >= shape->count) {
			reading->bad = true;
			return;
		}
		shape->values[index] += (uint64_t)json_integer_value(json_array_get(list, i + 1));
	}
	take_samples(reading, shape);
}

static void take_coverage(struct reading *reading, const json_t *list)
{
	uint64_t before_ns = reading->snapshot.time_ns;

	for (size_t i = 0; i + 3 < json_array_size(list); i += 4) {
		uint64_t number = (uint64_t)json_integer_value(json_array_get(list, i));
		uint32_t id = id_of(reading, (uint64_t)json_integer_value(json_array_get(list, i + 1)));
		struct coverage *coverage = vec_add(&reading->snapshot.coverage, SNAPSHOT_COVERAGE_MAX);

		if (!coverage)
			return;
		*coverage = (struct coverage){
			.source = number < reading->sources.list.count ? reading->sources.list.data[number]
								       : SOURCE_COUNT,
			.object = id,
			.took_ns = (uint64_t)json_integer_value(json_array_get(list, i + 3)),
		};
		coverage->time_ns =
			before_ns + (uint64_t)json_integer_value(json_array_get(list, i + 2)) + coverage->took_ns;
		before_ns = coverage->time_ns;
	}
}

static void take_missed(struct reading *reading, const json_t *list)
{
	const json_t *one;
	size_t i;

	json_each(list, i, one)
	{
		uint64_t index = (uint64_t)json_integer_value(json_array_get(one, 0));
		CLEANUP_FREE char *reason = text_of(json_array_get(one, 3));

		if (index >= reading->snapshot.coverage.count)
			continue;
		reading->snapshot.coverage.data[index].error = (int)json_integer_value(json_array_get(one, 1));
		reading->snapshot.coverage.data[index].partial = json_is_true(json_array_get(one, 2));
		reading->snapshot.coverage.data[index].reason = text_intern(reason);
	}
}

/* Coverage of what this program does not know goes, now that `missed` has found its place by number. */
static void drop_unknown_coverage(struct reading *reading)
{
	struct snapshot *snapshot = &reading->snapshot;
	size_t kept_count = 0;

	for (size_t i = 0; i < snapshot->coverage.count; i++) {
		const struct coverage *coverage = &snapshot->coverage.data[i];

		if (coverage->object == UNKNOWN || coverage->source >= SOURCE_COUNT)
			reading->bundle->skipped++;
		else
			snapshot->coverage.data[kept_count++] = *coverage;
	}
	snapshot->coverage.count = kept_count;
}

#define WINDOW_MOST_NS (31 * 24 * 3600 * NS_PER_S) /* --duration goes up to 30 days */

/* Whether the window began, or will have begun, no longer than that before. */
static bool is_in_window(const struct series *series, uint64_t time_ns)
{
	uint64_t start_ns = series_start_ns(series);

	if (!series_snapshots(series))
		return time_ns < INT64_MAX;
	return time_ns < start_ns + WINDOW_MOST_NS && time_ns + WINDOW_MOST_NS > start_ns;
}

static void take_snapshot(struct reading *reading, const json_t *json)
{
	struct snapshot *snapshot = &reading->snapshot;
	const json_t *one;
	size_t i;

	snapshot_begin(snapshot, reading->bundle->objects);
	snapshot->time_ns = number_of(json, "time_ns");
	reading->bad |= !is_in_window(reading->bundle->series, snapshot->time_ns);
	snapshot->wall_ns = number_of(json, "wall_ns");
	snapshot->truncated = number_of(json, "truncated");
	json_each(json_object_get(json, "readings"), i, one) take_reading(reading, one);
	take_coverage(reading, json_object_get(json, "coverage"));
	take_missed(reading, json_object_get(json, "missed"));
	drop_unknown_coverage(reading);
	reading->bundle->skipped += bundle_events_take(json, reading->ids.data, reading->ids.count, snapshot);
	if (reading->bad)
		return;
	series_add(reading->bundle->series, snapshot);
	reading->ended =
		reading->taken && !reading->taken(reading->argument, reading->bundle, reading->window, snapshot);
}

static void take_line(struct reading *reading, const json_t *json)
{
	const json_t *registry = json_object_get(json, "registry");

	if (registry) {
		objects_set_home(reading->bundle->objects, wide_of(registry, "home"));
		objects_set_all_known(reading->bundle->objects, number_of(registry, "all_known"));
	}
	take_objects(reading, json_object_get(json, "objects"));
	take_counters(reading, json_object_get(json, "counters"));
	if (json_object_get(json, "shapes"))
		shapes_clear(&reading->shapes);
	if (json_object_get(json, "shape"))
		take_shape(reading, json_object_get(json, "shape"));
	if (json_object_get(json, "time_ns"))
		take_snapshot(reading, json);
}

static void take_lines(struct reading *reading, const struct text *content)
{
	const char *at = text_string(content), *end = at + content->length;

	while (at < end && !reading->bad && !reading->ended) {
		const char *line = memchr(at, '\n', (size_t)(end - at));
		size_t length = line ? (size_t)(line - at) : (size_t)(end - at);
		json_t *json = json_loadb(at, length, 0, NULL);

		if (json_is_object(json))
			take_line(reading, json);
		else
			reading->bad = true;
		json_decref(json);
		at += length + 1;
	}
}

/* ---- the whole ---- */

static void window_end(struct reading *reading)
{
	if (reading->bundle->series)
		series_finish(reading->bundle->series);
	reading->ids.count = reading->counters.count = 0;
	shapes_clear(&reading->shapes);
}

static void window_begin(struct reading *reading, uint32_t window)
{
	struct bundle *bundle = reading->bundle;

	window_end(reading);
	series_free(reading->earlier);
	objects_free(reading->earlier_objects);
	reading->earlier = bundle->series;
	reading->earlier_objects = bundle->objects;
	bundle->objects = objects_new();
	bundle->series = series_new(bundle->objects);
	reading->window = window;
}

/* The last two windows are one, as they were for whoever waited. */
static void windows_join(struct reading *reading)
{
	struct bundle *bundle = reading->bundle;

	if (!bundle->series) /* it was cut off before the first snapshot */
		window_begin(reading, 1);
	window_end(reading);
	if (!reading->earlier)
		return;
	if (!series_snapshots(reading->earlier)) {
		series_free(reading->earlier);
		objects_free(reading->earlier_objects);
		return;
	}
	if (series_snapshots(bundle->series))
		series_join(reading->earlier, bundle->series);
	series_free(bundle->series);
	objects_free(bundle->objects);
	bundle->series = reading->earlier;
	bundle->objects = reading->earlier_objects;
}

/* Of "window-3/000017.jsonl": 3; 0 for other names. */
static uint32_t window_of(const char *name)
{
	static const char prefix[] = BUNDLE_WINDOW_PREFIX, suffix[] = ".jsonl";
	size_t length = strlen(name);
	uint32_t window = 0;

	if (strncmp(name, prefix, sizeof(prefix) - 1) != 0 || length < sizeof(suffix) ||
	    strcmp(name + length - (sizeof(suffix) - 1), suffix) != 0)
		return 0;
	name += sizeof(prefix) - 1;
	return parse_u32((struct slice){ name, strcspn(name, "/") }, &window) ? 0 : window;
}

static void take_file(struct reading *reading, const char *name, const struct text *content)
{
	bool during = reading->bundle->about.part == BUNDLE_DURING;
	uint32_t window;

	name = during ? bundle_name_during(name) : name;
	if (!name)
		return;
	if (strcmp(name, BUNDLE_END) == 0) {
		bundle_take_end(content, &reading->bundle->end);
		reading->ended = reading->bundle->about.part == BUNDLE_BASELINE; /* and what follows is another */
		return;
	}
	reading->bad |= during && strcmp(name, BUNDLE_MANIFEST) == 0;
	window = window_of(name);
	if (!window || reading->bad)
		return;
	if (window != reading->window)
		window_begin(reading, window);
	take_lines(reading, content);
}

/* The manifest of the second recording comes behind all of the first one. */
static const char *take_second_manifest(struct reading *reading, struct bundle_in *in)
{
	const struct text *content;
	const char *name;

	while (bundle_in_next(in, &name, &content)) {
		if (strcmp(name, BUNDLE_DURING_PREFIX BUNDLE_MANIFEST) == 0) {
			const char *error = bundle_take_manifest(content, &reading->bundle->about, &reading->sources);

			reading->bundle->about.part = BUNDLE_DURING;
			return error;
		}
	}
	return "its second recording has no beginning";
}

static const char *take_files(struct reading *reading, struct bundle_in *in, enum bundle_part part)
{
	const struct text *content;
	const char *name, *error;

	if (!bundle_in_next(in, &name, &content) || strcmp(name, BUNDLE_MANIFEST) != 0)
		return "it is no bundle of wheredrop";
	error = bundle_take_manifest(content, &reading->bundle->about, &reading->sources);
	if (!error && part == BUNDLE_DURING)
		error = take_second_manifest(reading, in);
	while (!error && !reading->bad && !reading->ended && bundle_in_next(in, &name, &content))
		take_file(reading, name, content);
	return error;
}

static int read_part(const char *path, enum bundle_part part, struct reading *reading, const char **ret_why)
{
	struct bundle *ret = reading->bundle;
	struct bundle_in *in;
	int error = bundle_in_open(path, &in, ret_why);

	if (error)
		return error;
	*ret = (struct bundle){ 0 };
	*ret_why = take_files(reading, in, part);
	ret->cut = reading->bad ? "what follows in it makes no sense" : bundle_in_cut(in);
	if (!*ret_why)
		windows_join(reading);
	if (!*ret_why && !ret->end.ended) {
		ret->end.ended = "cut";
		ret->end.result.interval_ns = ret->about.interval_ns;
		ret->end.result.namespaces = objects_count_of(ret->objects, OBJECT_NETNS);
		if (!ret->cut && !reading->ended)
			ret->cut = "the recording was cut off";
	}
	vec_free(&reading->ids);
	vec_free(&reading->counters);
	vec_free(&reading->sources.list);
	shapes_clear(&reading->shapes);
	snapshot_free(&reading->snapshot);
	bundle_in_close(in);
	if (!*ret_why)
		return 0;
	bundle_free(ret);
	return -EPROTO;
}

int bundle_replay(const char *path, bundle_taken *taken, void *argument, struct bundle *ret, const char **ret_why)
{
	struct reading reading = { .bundle = ret, .taken = taken, .argument = argument };
	struct bundle_look look;
	int error = bundle_look(path, &look, ret_why);

	if (!error)
		error = read_part(path, look.during ? BUNDLE_DURING : look.about.part, &reading, ret_why);
	if (!error)
		ret->followed = look.followed && !look.during;
	return error;
}

int bundle_read(const char *path, struct bundle *ret, const char **ret_why)
{
	return bundle_replay(path, NULL, NULL, ret, ret_why);
}

int bundle_read_baseline(const char *path, struct bundle *ret, const char **ret_why)
{
	struct reading reading = { .bundle = ret };
	int error = read_part(path, BUNDLE_BASELINE, &reading, ret_why);

	if (error || ret->about.part == BUNDLE_BASELINE)
		return error;
	*ret_why = "there is no baseline in it";
	bundle_free(ret);
	return -ENOENT;
}

void bundle_free(struct bundle *bundle)
{
	series_free(bundle->series);
	objects_free(bundle->objects);
	*bundle = (struct bundle){ 0 };
}
