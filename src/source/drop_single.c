/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is looked up for each packet costs a few system calls and happens some twenty times a second: its control group, and
 * once for each of these the container. The process that holds a socket is not among it: to find it takes a walk over /proc.
 */
#include "source/drop_single.h"

#include "source/cgroup.h"
#include "source/container_known.h"
#include "source/stack.h"

#include "base/alloc.h"
#include "base/intern.h"

#include <string.h>

static struct containers *containers; /* for as long as the program runs */

/* "" where there are more of them than are kept. */
static const char *keep(const char *text)
{
	const char *kept = text_intern(text);

	return strcmp(kept, text) == 0 ? kept : "";
}

static void look_up_group(const struct drop_sample *sample, const struct object *netns, struct drop_event *ret)
{
	CLEANUP_TEXT struct text cgroup = { 0 };
	const struct container_place place = {
		.cgroup = sample->cgroup,
		.netns = sample->key.netns,
		.netns_pid = netns ? netns->pid : 0,
	};

	ret->cgroup = ret->container = "";
	if (sample->cgroup && cgroup_path(sample->cgroup, &cgroup) == 0)
		ret->cgroup = keep(text_string(&cgroup));
	if (!containers)
		containers = containers_new();
	ret->container = keep(containers_get(containers, &place, ret->cgroup));
}

void drop_single_event(const struct drop_sample *sample, const struct object *object, const struct object *netns,
		       bool own_stack, struct drop_event *ret)
{
	*ret = (struct drop_event){
		.time_ns = sample->time_ns,
		.object = object->id,
		.cpu = sample->cpu,
		.ifindex = sample->key.ifindex,
		.length = sample->length,
		.segments = sample->segments,
		.pid = own_stack ? (int)sample->pid : 0,
		.socket_inode = sample->socket_inode,
	};
	memcpy(ret->device, sample->device, strnlen(sample->device, sizeof(sample->device)));
	if (ret->pid)
		memcpy(ret->comm, sample->comm, strnlen(sample->comm, sizeof(sample->comm)));
	packet_decode_network(sample->bytes, sample->byte_count, sample->key.ethertype, &ret->packet);
	look_up_group(sample, netns, ret);
}

void drop_single_label(struct object *object, const struct kernel_place *place, const char *const *frames, size_t count)
{
	CLEANUP_TEXT struct text stack = { 0 };

	if (!place || !*place->name)
		return;
	object_labelf(object, LABEL_OFFSET, "0x%llx", (unsigned long long)(object->key.a - place->start));
	for (size_t i = stack_inside(frames, count, place->name); i < count; i++)
		text_addf(&stack, "%s%s", stack.length ? " " : "", *frames[i] ? frames[i] : "?");
	if (count)
		object_label(object, LABEL_STACK, text_string(&stack));
}
