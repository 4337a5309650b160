/* SPDX-License-Identifier: GPL-2.0-or-later */
/* To find a container's name takes several files: each place is asked about once. */
#include "source/container_known.h"

#include "source/container.h"
#include "source/process.h"

#include "base/alloc.h"
#include "base/vec.h"

#include <string.h>

#define KNOWN_MAX 1024

struct known {
	struct container_place place;
	char *name;
};

struct containers {
	VEC(struct known) known;
	struct text buffer;
};

struct containers *containers_new(void)
{
	return NEW(struct containers);
}

static void forget(struct containers *containers)
{
	const struct known *known;

	vec_each(&containers->known, known)
		free(known->name);
	vec_clear(&containers->known);
}

void containers_free(struct containers *containers)
{
	if (!containers)
		return;
	forget(containers);
	vec_free(&containers->known);
	text_free(&containers->buffer);
	free(containers);
}

static bool is_same(const struct container_place *a, const struct container_place *b)
{
	return a->cgroup == b->cgroup && a->netns == b->netns && a->pid == b->pid && a->netns_pid == b->netns_pid;
}

static char *find(struct containers *containers, const struct container_place *place, const char *cgroup_path)
{
	const struct source_context context = { .sysroot = "", .buffer = &containers->buffer };
	CLEANUP_TEXT struct text name = { .max = CONTAINER_NAME_MAX };
	struct container container = { .id = "" };

	container_of_path(slice_of(cgroup_path), &container);
	if (!container_known(&container) && place->pid)
		process_cgroup_container(&context, place->pid, &container);
	if (container_known(&container)) {
		container_describe(&context, &container, &name);
		return mem_strdup(text_string(&name));
	}
	if (place->netns_pid)
		process_cgroup_container(&context, place->netns_pid, &container);
	if (container_known(&container))
		container_describe_pod(&context, &container, &name);
	return mem_strdup(text_string(&name));
}

const char *containers_get(struct containers *containers, const struct container_place *place, const char *cgroup_path)
{
	struct known *known;

	vec_each(&containers->known, known) {
		if (is_same(&known->place, place))
			return known->name;
	}
	known = vec_add(&containers->known, KNOWN_MAX);
	if (!known) {
		forget(containers);
		known = vec_add(&containers->known, KNOWN_MAX);
		if (!known)
			return "";
	}
	*known = (struct known){ *place, find(containers, place, cgroup_path) };
	return known->name;
}
