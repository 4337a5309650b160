/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings that have another value (compare.def). */
#include "diagnose/compare_parts.h"

#include "base/alloc.h"

#include <string.h>

/* So many times larger settings that come from the host's memory must be. */
#define ROUGH_RATIO 1.5

struct bearing {
	bool natural, rough;
	bool bears;
	enum domain domain;
	const char *why;
};

#define SETTING_NATURAL(counter) [C_##counter] = { .natural = true },
#define SETTING_ROUGH(counter) [C_##counter] = { .rough = true },
#define SETTING_BEARS(counter, where, what) [C_##counter] = { .bears = true, .domain = DOMAIN_##where, .why = (what) },
static const struct bearing bearings[COUNTER_STATIC] = {
#include "diagnose/compare.def"
};
#undef SETTING_NATURAL
#undef SETTING_ROUGH
#undef SETTING_BEARS

static const struct bearing *bearing_of(counter_id counter)
{
	static const struct bearing other = { .natural = false };

	return counter < COUNTER_STATIC ? &bearings[counter] : &other;
}

static bool is_setting(counter_id id)
{
	const struct counter *counter = counter_get(id);

	return counter->kind == KIND_CONFIG && counter->form == FORM_GAUGE && !bearing_of(id)->natural;
}

/* Limits of another kind of queue are no other setting: the kind is (compare_presence.c). */
static bool is_of_one_kind(const struct comparing *comparing, const struct reading *a, const struct reading *b)
{
	const struct object *left = object_get(table_objects(&comparing->tables[SIDE_A]), a->object);
	const struct object *right = object_get(table_objects(&comparing->tables[SIDE_B]), b->object);

	return left->key.kind != OBJECT_QDISC ||
	       strcmp(object_text(left, LABEL_KIND), object_text(right, LABEL_KIND)) == 0;
}

static bool is_other(const struct reading *a, const struct reading *b)
{
	double low = (double)(a->value < b->value ? a->value : b->value);
	double high = (double)(a->value < b->value ? b->value : a->value);

	return bearing_of(a->counter)->rough ? high > low * ROUGH_RATIO : high > low;
}

static char *value_of(const struct reading *reading)
{
	enum unit unit = counter_get(reading->counter)->unit;
	struct text value = { 0 };

	text_add_grouped(&value, reading->value);
	if (unit != UNIT_COUNT)
		text_addf(&value, " %s", unit_word(unit));
	return text_take(&value);
}

/* One of another object with the same values, so that a host of many interfaces or namespaces is told once. */
static struct difference *told_already(const struct comparing *comparing, counter_id counter,
				       char *const values[SIDE_COUNT])
{
	struct difference *difference;

	vec_each(&comparing->result->differences, difference) {
		if (difference->kind == DIFFERENCE_SETTING && difference->counter == counter &&
		    strcmp(difference->values[SIDE_A], values[SIDE_A]) == 0 &&
		    strcmp(difference->values[SIDE_B], values[SIDE_B]) == 0)
			return difference;
	}
	return NULL;
}

static void tell(struct comparing *comparing, const struct reading *const pair[SIDE_COUNT])
{
	const struct bearing *bearing = bearing_of(pair[SIDE_A]->counter);
	const struct objects *objects = table_objects(&comparing->tables[SIDE_A]);
	const struct object *object = object_get(objects, pair[SIDE_A]->object);
	enum domain domain = bearing->bears ? bearing->domain : DOMAIN_NONE;
	char *values[SIDE_COUNT] = { value_of(pair[SIDE_A]), value_of(pair[SIDE_B]) };
	struct difference *difference = told_already(comparing, pair[SIDE_A]->counter, values);
	struct text what = { 0 };

	if (difference)
		difference->same++;
	else
		difference = difference_new(vec_add(&comparing->result->differences, DIFFERENCES_MAX),
					    DIFFERENCE_SETTING, domain);
	if (!difference || difference->same) {
		free(values[SIDE_A]);
		free(values[SIDE_B]);
		return;
	}
	text_add(&what, counter_name(pair[SIDE_A]->counter));
	if (object->id != OBJECT_HOST_ID) {
		text_add(&what, " of ");
		object_describe_placed(objects, object, &what);
	}
	difference->counter = pair[SIDE_A]->counter;
	difference->what = text_take(&what);
	difference->why = mem_strdup(bearing->why ? bearing->why : counter_get(pair[SIDE_A]->counter)->meaning);
	difference->values[SIDE_A] = values[SIDE_A];
	difference->values[SIDE_B] = values[SIDE_B];
}

void compare_settings(struct comparing *comparing)
{
	const struct reading *pair[SIDE_COUNT], *reading;

	vec_each(&comparing->tables[SIDE_A].readings, reading) {
		if (!is_setting(reading->counter))
			continue;
		pair[SIDE_A] = reading;
		pair[SIDE_B] = table_find(&comparing->tables[SIDE_B], reading->key, reading->counter);
		if (!pair[SIDE_B] || !is_of_one_kind(comparing, pair[SIDE_A], pair[SIDE_B]))
			continue;
		comparing->result->settings++;
		if (is_other(pair[SIDE_A], pair[SIDE_B]))
			tell(comparing, pair);
	}
}
