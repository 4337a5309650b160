/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What could not be compared: sources that only one side could be asked, and namespaces and interfaces that only one has. */
#include "diagnose/compare_parts.h"

#include "base/alloc.h"

#define NAMES_SHOWN 5

static void was_read(const struct series *series, bool ret[SOURCE_COUNT])
{
	for (size_t i = 0; i < series_observations(series); i++) {
		const struct observation *observation = series_observation_at(series, i);

		ret[observation->source] |= observation->readings > 0;
	}
}

/* "A only: namespace web, eth1 and 3 more"; nothing when there are none. */
struct only {
	struct text names;
	size_t count;
};

static void only_add(struct only *only, const char *name)
{
	if (only->count++ < NAMES_SHOWN)
		text_addf(&only->names, "%s%s", only->names.length ? ", " : "", name);
}

static void only_end(struct only *only, size_t side, const char *what, struct comparison *result)
{
	char **line = only->count ? vec_add(&result->apart, DIFFERENCES_MAX) : NULL;

	if (only->count > NAMES_SHOWN)
		text_addf(&only->names, " and %zu more", only->count - NAMES_SHOWN);
	if (line)
		*line = text_format("%s %c only: %s", what, side == SIDE_A ? 'A' : 'B', text_string(&only->names));
	text_free(&only->names);
}

/* Interfaces of a namespace that is alone go without saying. */
static bool is_alone(const struct table *table, const struct object *object)
{
	const char *key = table->subjects.keys[object->id], *netns = table->subjects.keys[object->netns];

	if (object->key.kind == OBJECT_LINK && netns && subject_is_alone(netns))
		return false;
	return (object->key.kind == OBJECT_NETNS || object->key.kind == OBJECT_LINK) && key && subject_is_alone(key);
}

static void objects_of_one(const struct comparing *comparing, size_t side)
{
	const struct table *table = &comparing->tables[side];
	const struct object *object;
	struct only only = { 0 };
	uint32_t id;

	each_object(table_objects(table), id, object) {
		CLEANUP_TEXT struct text name = { 0 };

		if (!is_alone(table, object))
			continue;
		object_describe_placed(table_objects(table), object, &name);
		only_add(&only, text_string(&name));
	}
	only_end(&only, side, "on", comparing->result);
}

/* Totals since boot say nothing of what is lost now. */
static void tell_since_boot(const struct comparing *comparing, size_t side)
{
	char **line;

	if (series_span(table_series(&comparing->tables[side])) != SPAN_SINCE_BOOT)
		return;
	comparing->result->enough = false;
	line = vec_add(&comparing->result->apart, DIFFERENCES_MAX);
	if (line)
		*line = text_format("counters: on %c they were read once, which does not tell what moves now",
				    side == SIDE_A ? 'A' : 'B');
}

void compare_coverage(struct comparing *comparing)
{
	bool read[SIDE_COUNT][SOURCE_COUNT] = { { false } };

	for (size_t side = 0; side < SIDE_COUNT; side++) {
		was_read(table_series(&comparing->tables[side]), read[side]);
		tell_since_boot(comparing, side);
	}
	for (size_t side = 0; side < SIDE_COUNT; side++) {
		struct only only = { 0 };

		for (size_t s = 0; s < SOURCE_COUNT; s++) {
			if (read[side][s] && !read[SIDE_COUNT - 1 - side][s])
				only_add(&only, source_id_name((enum source_id)s));
		}
		only_end(&only, side, "read on", comparing->result);
		objects_of_one(comparing, side);
	}
}
