/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registry of objects: a hash table over binary keys. Objects are allocated
 * in chunks, so ids and pointers stay valid as long as the registry lives.
 */
#include "model/object.h"

#include "base/alloc.h"
#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK 512

struct objects {
	VEC(struct object *) chunks;
	uint32_t count;
	uint32_t *slots; /* id + 1, 0 is empty; linear probing */
	size_t size;	 /* power of two */
	uint32_t max;
	bool refused; /* one more was wanted */
	uint64_t home;
	bool all_known;
};

static size_t key_hash(const struct object_key *key)
{
	uint64_t hash = (uint64_t)key->kind * UINT64_C(0x9e3779b97f4a7c15);

	hash = (hash ^ key->netns) * UINT64_C(0xff51afd7ed558ccd);
	hash = (hash ^ hash >> 32 ^ key->a) * UINT64_C(0xc4ceb9fe1a85ec53);
	hash = (hash ^ hash >> 29 ^ key->b) * UINT64_C(0xff51afd7ed558ccd);
	return (size_t)(hash ^ hash >> 32);
}

static bool key_same(const struct object_key *a, const struct object_key *b)
{
	return a->kind == b->kind && a->netns == b->netns && a->a == b->a && a->b == b->b;
}

struct object *object_get(const struct objects *objects, uint32_t id)
{
	return &objects->chunks.data[id / CHUNK][id % CHUNK];
}

size_t objects_count(const struct objects *objects)
{
	return objects->count;
}

size_t objects_count_of(const struct objects *objects, enum object_kind kind)
{
	const struct object *object;
	size_t count = 0;
	uint32_t id;

	each_object(objects, id, object)
		count += object->key.kind == kind;
	return count;
}

static void slot_put(struct objects *objects, uint32_t id)
{
	size_t at = key_hash(&object_get(objects, id)->key);

	while (objects->slots[at & (objects->size - 1)])
		at++;
	objects->slots[at & (objects->size - 1)] = id + 1;
}

static void slots_grow(struct objects *objects)
{
	if ((objects->count + 1) * (size_t)2 <= objects->size)
		return;
	objects->size = objects->size ? objects->size * 2 : 1024;
	free(objects->slots);
	objects->slots = mem_new(objects->size, sizeof(*objects->slots));
	for (uint32_t id = 0; id < objects->count; id++)
		slot_put(objects, id);
}

struct object *object_find(const struct objects *objects, struct object_key key)
{
	size_t at = key_hash(&key);

	for (uint32_t slot; (slot = objects->slots[at & (objects->size - 1)]); at++) {
		struct object *object = object_get(objects, slot - 1);

		if (key_same(&object->key, &key))
			return object;
	}
	return NULL;
}

struct object *object_intern(struct objects *objects, struct object_key key, bool *ret_new)
{
	struct object *object = object_find(objects, key);

	if (ret_new)
		*ret_new = !object;
	if (object)
		return object;
	if (objects->count >= objects->max) {
		objects->refused = true;
		return NULL;
	}
	slots_grow(objects);
	if (objects->count % CHUNK == 0) {
		struct object **chunk = vec_add(&objects->chunks, OBJECTS_MAX / CHUNK + 1);

		if (!chunk)
			return NULL;
		*chunk = mem_new(CHUNK, sizeof(struct object));
	}
	object = object_get(objects, objects->count);
	object->key = key;
	object->id = objects->count++;
	if (key.kind == OBJECT_NETNS) {
		object->netns = object->id;
	} else if (key.netns) {
		const struct object *netns = object_find(objects, (struct object_key){ OBJECT_NETNS, key.netns, 0, 0 });

		object->netns = netns ? netns->id : OBJECT_HOST_ID;
	}
	slot_put(objects, object->id);
	return object;
}

struct objects *objects_new(void)
{
	struct objects *objects = NEW(struct objects);
	struct object *host;

	objects->max = OBJECTS_MAX;
	slots_grow(objects);
	host = object_intern(objects, (struct object_key){ OBJECT_HOST, 0, 0, 0 }, NULL);
	if (host)
		object_label(host, LABEL_NAME, "host");
	return objects;
}

void objects_free(struct objects *objects)
{
	if (!objects)
		return;
	for (uint32_t id = 0; id < objects->count; id++) {
		for (size_t i = 0; i < LABEL_COUNT; i++)
			free(object_get(objects, id)->labels[i]);
	}
	for (size_t i = 0; i < objects->chunks.count; i++)
		free(objects->chunks.data[i]);
	vec_free(&objects->chunks);
	free(objects->slots);
	free(objects);
}

void objects_free_ptr(struct objects **objects)
{
	objects_free(*objects);
}

void object_label(struct object *object, enum label label, const char *value)
{
	char **slot = &object->labels[label];

	if (*slot && value && strcmp(*slot, value) == 0)
		return;
	object->changes += *slot || value;
	free(*slot);
	*slot = value ? mem_strdup(value) : NULL;
}

void object_labelf(struct object *object, enum label label, const char *format, ...)
{
	struct text text = { .max = 4096 };
	va_list arguments;

	va_start(arguments, format);
	text_vaddf(&text, format, arguments);
	va_end(arguments);
	object_label(object, label, text_string(&text));
	text_free(&text);
}

const char *object_text(const struct object *object, enum label label)
{
	return object->labels[label] ? object->labels[label] : "";
}

struct object *object_netns(const struct objects *objects, const struct object *object)
{
	return object->netns ? object_get(objects, object->netns) : NULL;
}

struct object *object_link(const struct objects *objects, const struct object *object)
{
	if (object->key.kind == OBJECT_LINK)
		return object_get(objects, object->id);
	return object->link ? object_get(objects, object->link) : NULL;
}

const char *object_kind_name(enum object_kind kind)
{
	static const char *const names[OBJECT_KIND_COUNT] = {
		[OBJECT_HOST] = "host",
		[OBJECT_CPU] = "cpu",
		[OBJECT_NETNS] = "namespace",
		[OBJECT_LINK] = "interface",
		[OBJECT_QUEUE] = "queue",
		[OBJECT_QDISC] = "qdisc",
		[OBJECT_CLASS] = "class",
		[OBJECT_RULE] = "rule",
		[OBJECT_CHAIN] = "chain",
		[OBJECT_SOCKET] = "socket",
		[OBJECT_PROCESS] = "process",
		[OBJECT_CGROUP] = "cgroup",
		[OBJECT_NEIGHBOUR_TABLE] = "neighbour table",
		[OBJECT_NEIGHBOUR] = "neighbour",
		[OBJECT_ROUTE] = "route",
		[OBJECT_IRQ] = "interrupt",
		[OBJECT_ACTION] = "action",
		[OBJECT_ADDRESS] = "address",
		[OBJECT_DEVLINK] = "devlink object",
		[OBJECT_NFQUEUE] = "netfilter queue",
		[OBJECT_DROP] = "drop",
		[OBJECT_FLOW] = "flow",
	};

	return kind < OBJECT_KIND_COUNT ? names[kind] : "";
}

const char *object_label_name(enum label label)
{
	static const char *const names[LABEL_COUNT] = {
		[LABEL_NAME] = "name",		 [LABEL_KIND] = "kind",
		[LABEL_DRIVER] = "driver",	 [LABEL_FIRMWARE] = "firmware",
		[LABEL_TABLE] = "table",	 [LABEL_CHAIN] = "chain",
		[LABEL_HOOK] = "hook",		 [LABEL_TEXT] = "text",
		[LABEL_VERDICT] = "verdict",	 [LABEL_PROTOCOL] = "protocol",
		[LABEL_LOCAL] = "local",	 [LABEL_REMOTE] = "remote",
		[LABEL_COMM] = "comm",		 [LABEL_CGROUP] = "cgroup",
		[LABEL_CONTAINER] = "container", [LABEL_SERVICE] = "service",
		[LABEL_WAIT] = "wait",		 [LABEL_PATH] = "path",
		[LABEL_ADDRESS] = "address",	 [LABEL_CPUS] = "cpus",
		[LABEL_SWITCH] = "switch",	 [LABEL_REASON] = "reason",
		[LABEL_PLACE] = "place",	 [LABEL_WAY] = "way",
		[LABEL_SOURCE] = "source",	 [LABEL_DESTINATION] = "destination",
		[LABEL_OFFSET] = "offset",	 [LABEL_STACK] = "stack",
	};

	return label < LABEL_COUNT ? names[label] : "";
}

uint64_t object_hash(const char *text)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return hash;
}

void objects_limit(struct objects *objects, uint32_t max)
{
	objects->max = max < OBJECTS_MAX ? max : OBJECTS_MAX;
}

bool objects_refused(const struct objects *objects)
{
	return objects->refused;
}

void objects_set_home(struct objects *objects, uint64_t netns_inode)
{
	objects->home = netns_inode;
}

uint64_t objects_home(const struct objects *objects)
{
	return objects->home;
}

void objects_set_all_known(struct objects *objects, bool all_known)
{
	objects->all_known = all_known;
}

bool objects_all_known(const struct objects *objects)
{
	return objects->all_known;
}
