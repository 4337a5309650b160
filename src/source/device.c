/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hardware behind network devices. Its name comes with the link dump (IFLA_PARENT_DEV_NAME, Linux 5.14), so that a
 * device in another namespace is found although sysfs does not show its interface there.
 */
#include "source/device.h"

#include "base/parse.h"
#include "model/series.h"

#include <string.h>

#define BUSES "/sys/bus/"
#define NAME_MAX_LENGTH 64

/* Asking a device that is down can wake its hardware up. */
static bool is_asked(const struct source_context *context, const struct object *object, bool up)
{
	return up && object->key.kind == OBJECT_LINK && object->key.netns == context->netns->key.netns &&
	       slice_starts(slice_of(object_text(object, LABEL_PATH)), BUSES);
}

/* Among the links that the link source has read: far fewer than there are objects. */
static struct object *next_read(const struct source_context *context, uint32_t *next)
{
	const struct cell *cell;

	while ((cell = series_cell_at(context->series, C_LINK_FLAGS_UP, *next))) {
		struct object *object = object_get(context->objects, cell->object);

		(*next)++;
		if (is_asked(context, object, cell->last))
			return object;
	}
	return NULL;
}

struct object *device_next(const struct source_context *context, uint32_t *next)
{
	if (context->series)
		return next_read(context, next);
	while (*next < objects_count(context->objects)) {
		struct object *object = object_get(context->objects, (*next)++);

		if (is_asked(context, object, true))
			return object;
	}
	return NULL;
}

bool device_any(const struct source_context *context)
{
	uint32_t next = 0;

	return device_next(context, &next) != NULL;
}

struct object *device_queue(const struct source_context *context, const struct object *link, bool transmit,
			    uint32_t queue)
{
	struct object_key key = { OBJECT_QUEUE, link->key.netns, link->key.a,
				  (uint64_t)(transmit ? 1 : 0) << 32 | queue };
	struct object *object = object_intern(context->objects, key, NULL);

	if (!object)
		return NULL;
	object->link = link->id;
	object_labelf(object, LABEL_NAME, "%s-%u", transmit ? "tx" : "rx", queue);
	return object;
}

static bool is_plain(const char *name)
{
	size_t length = strlen(name);

	return length && length <= NAME_MAX_LENGTH && !strchr(name, '/') && strcmp(name, ".") != 0 &&
	       strcmp(name, "..") != 0;
}

void device_label(struct object *link, const char *bus, const char *name)
{
	if (bus && name && is_plain(bus) && is_plain(name))
		object_labelf(link, LABEL_PATH, BUSES "%s/devices/%s", bus, name);
	else
		object_label(link, LABEL_PATH, NULL);
}
