/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is there on one side only, where both could have it, and what is of another kind: rules that drop, queues, routes that
 * refuse, drivers; and the hosts themselves.
 */
#include "diagnose/compare_parts.h"

#include "diagnose/coverage.h"

#include "base/alloc.h"

#include <string.h>

static const char *const verdicts_that_drop[] = { "drop", "reject", "DROP", "REJECT", "queue" };
static const char *const routes_that_refuse[] = { "blackhole", "unreachable", "prohibit" };

/* A label, or the being there, of a kind of object that bears on losses of a domain. */
struct trait {
	enum object_kind kind;
	enum label label;      /* LABEL_COUNT: that it is there */
	const char *name;      /* of the label, for people */
	enum source_id source; /* that reads such objects */
	enum domain domain;
	const char *why;
};

static const struct trait traits[] = {
	{ OBJECT_RULE, LABEL_COUNT, "rule", SOURCE_NFTABLES, DOMAIN_FILTER, "it drops what it matches" },
	{ OBJECT_ROUTE, LABEL_COUNT, "route", SOURCE_ROUTE, DOMAIN_ROUTING, "what goes there is refused" },
	{ OBJECT_QDISC, LABEL_KIND, "kind", SOURCE_QDISC, DOMAIN_QDISC, "other queues drop at other limits" },
	{ OBJECT_ACTION, LABEL_COUNT, "action", SOURCE_FILTER, DOMAIN_FILTER, "it may drop what its filter matches" },
	{ OBJECT_LINK, LABEL_DRIVER, "driver", SOURCE_LINK, DOMAIN_NIC, "drivers have limits of their own" },
	{ OBJECT_LINK, LABEL_FIRMWARE, "firmware", SOURCE_ETHTOOL, DOMAIN_NIC,
	  "with the same driver, another firmware may lose where this one does not" },
	{ OBJECT_LINK, LABEL_KIND, "kind", SOURCE_LINK, DOMAIN_NONE,
	  "interfaces of another kind lose in other places" },
};

/* Of rules and routes only those that keep packets from going on. */
static bool is_in_the_way(const struct object *object)
{
	if (object->key.kind == OBJECT_RULE)
		return text_is_one_of(object_text(object, LABEL_VERDICT), verdicts_that_drop,
				      ARRAY_SIZE(verdicts_that_drop));
	if (object->key.kind == OBJECT_ROUTE)
		return text_is_one_of(object_text(object, LABEL_KIND), routes_that_refuse,
				      ARRAY_SIZE(routes_that_refuse));
	return true;
}

/* Objects of a side by their keys. */
struct there {
	const char *key;
	const struct object *object;
};

struct crowd {
	const struct table *table;
	struct there *list; /* owned, sorted */
	size_t count;
};

static int key_compare(const void *left, const void *right)
{
	return strcmp(((const struct there *)left)->key, ((const struct there *)right)->key);
}

/* Of several with one key the one that came last first: it took the others' place. */
static int there_compare(const void *left, const void *right)
{
	const struct there *a = left, *b = right;
	int order = key_compare(left, right);

	return order ? order : (a->object->id < b->object->id) - (a->object->id > b->object->id);
}

static void crowd_thin_out(struct crowd *crowd)
{
	size_t kept = 0;

	for (size_t i = 0; i < crowd->count; i++) {
		if (!kept || strcmp(crowd->list[i].key, crowd->list[kept - 1].key) != 0)
			crowd->list[kept++] = crowd->list[i];
	}
	crowd->count = kept;
}

static void crowd_gather(struct crowd *crowd, const struct table *table)
{
	const struct objects *objects = table_objects(table);
	const struct object *object;
	uint32_t id;

	*crowd = (struct crowd){ table, mem_new(objects_count(objects) + 1, sizeof(*crowd->list)), 0 };
	each_object(objects, id, object) {
		if (table->subjects.keys[id] && object->key.kind != OBJECT_QUEUE && object->key.kind != OBJECT_CPU &&
		    object->key.kind != OBJECT_IRQ && is_in_the_way(object))
			crowd->list[crowd->count++] = (struct there){ table->subjects.keys[id], object };
	}
	if (crowd->count > 1)
		qsort(crowd->list, crowd->count, sizeof(*crowd->list), there_compare);
	crowd_thin_out(crowd);
}

static const struct object *crowd_find(const struct crowd *crowd, const char *key)
{
	const struct there wanted = { .key = key };
	const struct there *found = bsearch(&wanted, crowd->list, crowd->count, sizeof(wanted), key_compare);

	return found ? found->object : NULL;
}

/* Tables of nftables have a family in their name; those of iptables do not. */
static enum source_id source_of(const struct trait *trait, const struct object *object)
{
	return trait->kind == OBJECT_RULE && !strchr(object_text(object, LABEL_TABLE), ' ') ? SOURCE_IPTABLES
											    : trait->source;
}

/* Read, or known not to be there, for the object of that key, which is a namespace, or what is in one. */
static bool was_read(const struct crowd *crowd, enum source_id source, const struct object *scope)
{
	const struct series *series = table_series(crowd->table);
	const struct observation *observation = series_observation(series, source, scope->netns);

	if (!observation)
		observation = series_observation(series, source, OBJECT_HOST_ID);
	return observation && (observation->readings || coverage_is_absent(observation));
}

/*
 * Its namespace, and its device if it has one, are on both sides, and the other was looked at. An interface may be missing, and
 * so may what is below a queue for every one of its interface's queues.
 */
static bool could_be_there(const struct crowd *own, const struct crowd *other, const struct trait *trait,
			   const struct object *object)
{
	const char *key = own->table->subjects.keys[object->link ? object->link : object->netns];
	const struct object *scope = key ? crowd_find(other, key) : NULL;

	if (object->key.kind == OBJECT_LINK || (object->key.kind == OBJECT_QDISC && object->key.b >> 32 != UINT32_MAX))
		return false;
	return scope && was_read(other, source_of(trait, object), scope);
}

static void tell(struct comparing *comparing, const struct trait *trait, const struct table *table,
		 const struct object *object, const char *const values[SIDE_COUNT])
{
	struct difference *difference = difference_new(vec_add(&comparing->result->differences, DIFFERENCES_MAX),
						       DIFFERENCE_SETTING, trait->domain);
	struct text what = { 0 };

	if (!difference)
		return;
	if (trait->label != LABEL_COUNT)
		text_addf(&what, "%s of ", trait->name);
	object_describe_placed(table_objects(table), object, &what);
	if (*object_text(object, LABEL_TEXT))
		text_addf(&what, ": %s", object_text(object, LABEL_TEXT));
	difference->what = text_take(&what);
	difference->why = mem_strdup(trait->why);
	for (size_t side = 0; side < SIDE_COUNT; side++)
		difference->values[side] = mem_strdup(values[side]);
}

static const char *shown(const struct trait *trait, const struct object *object)
{
	if (!object)
		return "none";
	return trait->label == LABEL_COUNT ? "there" : object_text(object, trait->label);
}

static void compare_object(struct comparing *comparing, const struct crowd crowds[SIDE_COUNT], size_t side,
			   const struct there *there)
{
	const struct crowd *other_side = &crowds[SIDE_COUNT - 1 - side];
	const struct object *other = crowd_find(other_side, there->key);
	const char *values[SIDE_COUNT];

	if (side == SIDE_B && other)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(traits); i++) {
		const struct trait *trait = &traits[i];

		if (trait->kind != there->object->key.kind ||
		    (!other && !could_be_there(&crowds[side], other_side, trait, there->object)))
			continue;
		values[side] = shown(trait, there->object);
		values[SIDE_COUNT - 1 - side] = shown(trait, other);
		comparing->result->settings++;
		if (*values[SIDE_A] && *values[SIDE_B] && strcmp(values[SIDE_A], values[SIDE_B]) != 0) {
			tell(comparing, trait, crowds[side].table, there->object, values);
			return;
		}
	}
}

/* Owns the values. */
static void compare_fact(struct comparing *comparing, const char *name, const char *why, char *a, char *b)
{
	struct difference *difference = NULL;

	comparing->result->settings++;
	if (strcmp(a, b) != 0)
		difference = difference_new(vec_add(&comparing->result->differences, DIFFERENCES_MAX),
					    DIFFERENCE_SETTING, DOMAIN_NONE);
	if (!difference) {
		free(a);
		free(b);
		return;
	}
	difference->what = mem_strdup(name);
	difference->why = mem_strdup(why);
	difference->values[SIDE_A] = a;
	difference->values[SIDE_B] = b;
}

static void compare_hosts(struct comparing *comparing)
{
	const struct compare_side *a = comparing->tables[SIDE_A].side, *b = comparing->tables[SIDE_B].side;

	if (*a->kernel && *b->kernel)
		compare_fact(comparing, "kernel version", "other kernels lose and count differently",
			     mem_strdup(a->kernel), mem_strdup(b->kernel));
	if (a->cpus && b->cpus)
		compare_fact(comparing, "number of CPUs", "fewer CPUs take fewer packets", text_format("%u", a->cpus),
			     text_format("%u", b->cpus));
}

void compare_presence(struct comparing *comparing)
{
	struct crowd crowds[SIDE_COUNT];

	for (size_t side = 0; side < SIDE_COUNT; side++)
		crowd_gather(&crowds[side], &comparing->tables[side]);
	for (size_t side = 0; side < SIDE_COUNT; side++) {
		for (size_t i = 0; i < crowds[side].count; i++) {
			compare_object(comparing, crowds, side, &crowds[side].list[i]);
		}
	}
	for (size_t side = 0; side < SIDE_COUNT; side++)
		free(crowds[side].list);
	compare_hosts(comparing);
}
