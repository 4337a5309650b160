/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hardware behind network devices. Its name comes with the link dump (IFLA_PARENT_DEV_NAME, Linux 5.14), so that a
 * device in another namespace is found although sysfs does not show its interface there. Older kernels do not say it:
 * there sysfs is asked, in the tool's own namespace, for devices that no kind of link made.
 */
#include "source/device.h"

#include "source/procfs.h"

#include "base/parse.h"
#include "model/series.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include <string.h>

#define BUSES "/sys/bus/"
#define INTERFACES "/sys/class/net/"
#define NAME_MAX_LENGTH 64

static bool is_plain(const char *name)
{
	size_t length = strlen(name);

	return length && length <= NAME_MAX_LENGTH && !strchr(name, '/') && strcmp(name, ".") != 0 &&
	       strcmp(name, "..") != 0;
}

/* The last part of what a symbolic link points to; false when there is none. */
static bool link_target(const struct source_context *context, const char *name, const char *file,
			char ret[NAME_MAX_LENGTH])
{
	char path[PATH_MAX], target[PATH_MAX];
	const char *slash;
	ssize_t length;

	snprintf(path, sizeof(path), "%s" INTERFACES "%s/%s", context->sysroot, name, file);
	length = readlink(path, target, sizeof(target) - 1);
	if (length <= 0)
		return false;
	target[length] = '\0';
	slash = strrchr(target, '/');
	return slash && snprintf(ret, NAME_MAX_LENGTH, "%s", slash + 1) < NAME_MAX_LENGTH;
}

static void label_from_sysfs(const struct source_context *context, struct object *link)
{
	char bus[NAME_MAX_LENGTH], device[NAME_MAX_LENGTH], path[PATH_MAX / 4];
	const char *name = object_text(link, LABEL_NAME);
	uint64_t ifindex;

	if (link->key.netns != objects_home(context->objects) || !is_plain(name) ||
	    strcmp(object_text(link, LABEL_KIND), "ether") != 0)
		return;
	snprintf(path, sizeof(path), INTERFACES "%s/ifindex", name);
	if (procfs_read_number(context, path, &ifindex) || ifindex != link->key.a)
		return; /* sysfs may have been mounted in another namespace */
	if (link_target(context, name, "device/subsystem", bus) && link_target(context, name, "device", device))
		device_label(link, bus, device);
}

/* Asking a device that is down can wake its hardware up. */
static bool is_asked(const struct source_context *context, struct object *object, bool up)
{
	if (!up || object->key.kind != OBJECT_LINK || object->key.netns != context->netns->key.netns)
		return false;
	if (!*object_text(object, LABEL_PATH))
		label_from_sysfs(context, object);
	return slice_starts(slice_of(object_text(object, LABEL_PATH)), BUSES);
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

void device_label(struct object *link, const char *bus, const char *name)
{
	if (!bus || !name)
		return;
	if (is_plain(bus) && is_plain(name))
		object_labelf(link, LABEL_PATH, BUSES "%s/devices/%s", bus, name);
	else
		object_label(link, LABEL_PATH, NULL);
}
