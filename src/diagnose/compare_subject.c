/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is who on two hosts. Namespaces and interfaces are paired first: by name, by role (the default route goes out there), by a
 * name that differs in numbers only, or as the only one of their driver. Everything else is known by its own name within them.
 */
#include "diagnose/compare_parts.h"

#include "base/alloc.h"

#include <ctype.h>
#include <string.h>

enum trait { TRAIT_NAME, TRAIT_ROLE, TRAIT_SHAPE, TRAIT_KIND, TRAIT_COUNT };

struct candidate {
	const struct object *object;
	const char *scope; /* within which it is paired; not owned */
	char *traits[TRAIT_COUNT];
	const struct candidate *partner;
};

struct candidates {
	VEC(struct candidate) list;
};

/* Numbers that were drawn: a run of at least that many digits, or of hexadecimal digits with one among them. */
#define DRAWN_DIGITS 3

static size_t drawn_length(const char *at)
{
	size_t length = 0, digits = 0;

	for (; isxdigit((unsigned char)at[length]) && !isupper((unsigned char)at[length]); length++)
		digits += isdigit((unsigned char)at[length]) != 0;
	return digits && length >= DRAWN_DIGITS ? length : 0;
}

/* "wd-4711-a" as "wd-#-a"; NULL for a name without such a number. */
static char *name_shape(const char *name)
{
	struct text shape = { 0 };
	bool drawn = false;

	while (*name) {
		size_t length = drawn_length(name);

		text_add_bytes(&shape, length ? "#" : name, 1);
		drawn |= length > 0;
		name += length ? length : 1;
	}
	if (drawn)
		return text_take(&shape);
	text_free(&shape);
	return NULL;
}

static char *known(const char *text)
{
	return *text ? mem_strdup(text) : NULL;
}

static void add_netns(struct candidates *candidates, const struct objects *objects, const struct object *object)
{
	struct candidate *candidate = vec_add(&candidates->list, OBJECTS_MAX);
	bool home = object->key.netns == objects_home(objects);

	if (!candidate)
		return;
	candidate->object = object;
	candidate->scope = "";
	candidate->traits[TRAIT_NAME] = home ? mem_strdup("(home)") : known(object_text(object, LABEL_NAME));
	candidate->traits[TRAIT_ROLE] = home ? NULL : known(object_text(object, LABEL_CONTAINER));
	candidate->traits[TRAIT_SHAPE] = home ? NULL : name_shape(object_text(object, LABEL_NAME));
}

static bool is_default_route(const struct series *series, const struct object *link)
{
	return series_last(series, C_ROUTE_DEFAULT_IFINDEX_V4, link->netns) == link->key.a;
}

static void add_link(struct candidates *candidates, const struct series *series, const char *netns,
		     const struct object *object)
{
	struct candidate *candidate = vec_add(&candidates->list, OBJECTS_MAX);
	const char *driver = object_text(object, LABEL_DRIVER);

	if (!candidate)
		return;
	candidate->object = object;
	candidate->scope = netns;
	candidate->traits[TRAIT_NAME] = known(object_text(object, LABEL_NAME));
	candidate->traits[TRAIT_ROLE] = is_default_route(series, object) ? mem_strdup("default route") : NULL;
	candidate->traits[TRAIT_SHAPE] = name_shape(object_text(object, LABEL_NAME));
	candidate->traits[TRAIT_KIND] = known(*driver ? driver : object_text(object, LABEL_KIND));
}

static void candidates_free(struct candidates *candidates)
{
	struct candidate *candidate;

	vec_each(&candidates->list, candidate) {
		for (size_t t = 0; t < TRAIT_COUNT; t++)
			free(candidate->traits[t]);
	}
	vec_free(&candidates->list);
}

/* One that is still without a partner and has the trait in question. */
struct single {
	struct candidate *candidate;
	const char *trait;
	size_t side;
};

static int is_like(const struct single *a, const struct single *b)
{
	int order = strcmp(a->candidate->scope, b->candidate->scope);

	return order ? order : strcmp(a->trait, b->trait);
}

static int single_compare(const void *left, const void *right)
{
	const struct single *a = left, *b = right;
	int order = is_like(a, b);

	return order ? order : (a->side > b->side) - (a->side < b->side);
}

/* Pairs those of whom each side has one. */
static void pair_alike(const struct single *singles, size_t count)
{
	size_t until;

	for (size_t from = 0; from < count; from = until) {
		for (until = from + 1; until < count && is_like(&singles[from], &singles[until]) == 0;)
			until++;
		if (until - from != SIDE_COUNT || singles[from].side == singles[from + 1].side)
			continue;
		singles[from].candidate->partner = singles[from + 1].candidate;
		singles[from + 1].candidate->partner = singles[from].candidate;
	}
}

static void pair_up(struct candidates sides[SIDE_COUNT])
{
	struct single *singles = mem_new(sides[SIDE_A].list.count + sides[SIDE_B].list.count + 1, sizeof(*singles));
	struct candidate *candidate;

	for (enum trait trait = 0; trait < TRAIT_COUNT; trait++) {
		size_t count = 0;

		for (size_t side = 0; side < SIDE_COUNT; side++) {
			vec_each(&sides[side].list, candidate) {
				if (!candidate->partner && candidate->traits[trait])
					singles[count++] = (struct single){ candidate, candidate->traits[trait], side };
			}
		}
		if (count > 1)
			qsort(singles, count, sizeof(*singles), single_compare);
		pair_alike(singles, count);
	}
	free(singles);
}

/* Keys of the paired are A's names; of the others numbers of the side and the object, so that they are nobody else's. */
static void keys_set(const struct candidates *candidates, size_t side, const char *prefix, char **keys)
{
	const struct candidate *candidate;

	vec_each(&candidates->list, candidate) {
		const struct candidate *named = side == SIDE_A || !candidate->partner ? candidate : candidate->partner;

		keys[candidate->object->id] =
			candidate->partner ? text_format("%s%s/%s", prefix, named->scope, named->traits[TRAIT_NAME])
					   : text_format("%s%s/%zu\1%u", prefix, named->scope, side, named->object->id);
	}
}

/* ---- all the others ---- */

static const char *netns_of(const struct subjects *subjects, const struct object *object)
{
	const char *key = object->key.netns ? subjects->keys[object->netns] : NULL;

	return key ? key : "";
}

#define HANDLE_DRAWN 0x8000 /* from here on the kernel numbers queues itself */

/* The place of a queue or class on its device, without what the kernel drew. */
static void add_handle(uint32_t handle, struct text *ret)
{
	uint32_t major = handle >> 16, minor = handle & 0xffff;

	if (handle == UINT32_MAX)
		text_add(ret, "root");
	else if (major >= HANDLE_DRAWN && major < 0xffff)
		text_addf(ret, "#:%x", minor);
	else
		text_addf(ret, "%x:%x", major, minor);
}

static bool key_of_socket(const struct object *object, struct text *ret)
{
	const char *local = object_text(object, LABEL_LOCAL), *port = strrchr(local, ':');

	if (*object_text(object, LABEL_REMOTE))
		return false;
	if (strcmp(object_text(object, LABEL_PROTOCOL), "netlink") == 0) {
		text_addf(ret, "netlink %s", object_text(object, LABEL_COMM));
		return *object_text(object, LABEL_COMM);
	}
	text_addf(ret, "%s %s", object_text(object, LABEL_PROTOCOL), port ? port : object_text(object, LABEL_NAME));
	return true;
}

static bool key_of_handle(const struct object *object, struct text *ret)
{
	add_handle((uint32_t)(object->key.kind == OBJECT_QDISC ? object->key.b >> 32 : object->key.b), ret);
	return true;
}

static bool key_of_rule(const struct object *object, struct text *ret)
{
	text_addf(ret, "%s/%s/%s", object_text(object, LABEL_TABLE), object_text(object, LABEL_CHAIN),
		  object_text(object, LABEL_TEXT));
	return *object_text(object, LABEL_CHAIN);
}

static bool key_of_route(const struct object *object, struct text *ret)
{
	text_addf(ret, "%s %s", object_text(object, LABEL_KIND), object_text(object, LABEL_TEXT));
	return true;
}

static bool key_of_name(const struct object *object, struct text *ret)
{
	text_add(ret, object_text(object, LABEL_NAME));
	return ret->length > 0;
}

/* What tells an object from the others of its kind in its namespace; false when nothing that is the same elsewhere does. */
static bool (*const own_keys[OBJECT_KIND_COUNT])(const struct object *object, struct text *ret) = {
	[OBJECT_QDISC] = key_of_handle, [OBJECT_CLASS] = key_of_handle,		[OBJECT_RULE] = key_of_rule,
	[OBJECT_CHAIN] = key_of_rule,	[OBJECT_SOCKET] = key_of_socket,	[OBJECT_ROUTE] = key_of_route,
	[OBJECT_ACTION] = key_of_name,	[OBJECT_NEIGHBOUR_TABLE] = key_of_name, [OBJECT_CGROUP] = key_of_name,
	[OBJECT_DEVLINK] = key_of_name, [OBJECT_NFQUEUE] = key_of_name,
};

/* NULL for what is compared with nothing. */
static char *key_of(const struct subjects *subjects, const struct object *object)
{
	const char *link = object->link ? subjects->keys[object->link] : NULL;
	enum object_kind kind = object->key.kind;
	CLEANUP_TEXT struct text own = { 0 };

	if (kind == OBJECT_HOST || kind == OBJECT_CPU || kind == OBJECT_IRQ)
		return mem_strdup("host");
	if (kind == OBJECT_QUEUE)
		return link ? mem_strdup(link) : NULL;
	if (!own_keys[kind] || !own_keys[kind](object, &own) || (object->link && !link))
		return NULL;
	return text_format("%s %s %s", object_kind_name(kind), link ? link : netns_of(subjects, object),
			   text_string(&own));
}

static void name_others(const struct objects *objects, struct subjects *subjects)
{
	const struct object *object;
	uint32_t id;

	each_object(objects, id, object) {
		if (object->key.kind != OBJECT_NETNS && object->key.kind != OBJECT_LINK)
			subjects->keys[id] = key_of(subjects, object);
	}
}

static void name_kind(const struct series *const series[SIDE_COUNT], enum object_kind kind,
		      struct subjects subjects[SIDE_COUNT])
{
	struct candidates sides[SIDE_COUNT] = { 0 };
	const struct object *object;
	uint32_t id;

	for (size_t side = 0; side < SIDE_COUNT; side++) {
		const struct objects *objects = series_objects(series[side]);

		each_object(objects, id, object) {
			if (object->key.kind != kind)
				continue;
			if (kind == OBJECT_NETNS)
				add_netns(&sides[side], objects, object);
			else
				add_link(&sides[side], series[side], netns_of(&subjects[side], object), object);
		}
	}
	pair_up(sides);
	for (size_t side = 0; side < SIDE_COUNT; side++) {
		keys_set(&sides[side], side, kind == OBJECT_NETNS ? "netns" : "link ", subjects[side].keys);
	}
	for (size_t side = 0; side < SIDE_COUNT; side++)
		candidates_free(&sides[side]);
}

void subjects_name(const struct series *const series[SIDE_COUNT], struct subjects ret[SIDE_COUNT])
{
	for (size_t side = 0; side < SIDE_COUNT; side++) {
		ret[side].count = objects_count(series_objects(series[side]));
		ret[side].keys = mem_new(ret[side].count + 1, sizeof(*ret[side].keys));
	}
	name_kind(series, OBJECT_NETNS, ret);
	name_kind(series, OBJECT_LINK, ret);
	for (size_t side = 0; side < SIDE_COUNT; side++)
		name_others(series_objects(series[side]), &ret[side]);
}

bool subject_is_alone(const char *key)
{
	return strchr(key, '\1') != NULL;
}

void subjects_free(struct subjects *subjects)
{
	for (size_t i = 0; subjects->keys && i < subjects->count; i++)
		free(subjects->keys[i]);
	free(subjects->keys);
	*subjects = (struct subjects){ 0 };
}
