/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects and causes in words. */
#include "model/describe.h"

#include "base/parse.h"

#include <string.h>

void netns_describe(const struct objects *objects, const struct object *netns, struct text *ret)
{
	const char *name = object_text(netns, LABEL_NAME);

	if (netns->key.netns == objects_home(objects))
		text_add(ret, "this namespace");
	else if (!*name)
		text_addf(ret, "namespace net:[%llu]", (unsigned long long)netns->key.netns);
	else if (slice_starts(slice_of(name), "pid "))
		text_addf(ret, "the namespace of %s", name);
	else
		text_addf(ret, "namespace %s", name);
}

static void process_describe(const struct object *process, struct text *ret)
{
	const char *container = object_text(process, LABEL_CONTAINER);

	if (*object_text(process, LABEL_COMM))
		text_addf(ret, "%s (pid %d)", object_text(process, LABEL_COMM), (int)process->pid);
	else
		text_addf(ret, "process %d", (int)process->pid);
	if (*container)
		text_addf(ret, " of container %.12s", container);
}

static void queue_describe(const struct object *queue, struct text *ret)
{
	text_addf(ret, "%s queue %u", queue->key.b >> 32 ? "transmit" : "receive", (unsigned int)queue->key.b);
}

/* The thing itself, without what it belongs to. */
static void name_describe(const struct object *object, struct text *ret)
{
	const char *name = object_text(object, LABEL_NAME);

	if (object->key.kind == OBJECT_HOST)
		text_add(ret, "this host");
	else if (object->key.kind == OBJECT_CPU)
		text_addf(ret, "CPU %u", (unsigned int)object->key.a);
	else if (object->key.kind == OBJECT_PROCESS)
		process_describe(object, ret);
	else if (object->key.kind == OBJECT_QUEUE)
		queue_describe(object, ret);
	else if (object->key.kind == OBJECT_CGROUP)
		text_addf(ret, "control group %s", object_text(object, LABEL_CGROUP));
	else if (object->key.kind == OBJECT_NEIGHBOUR)
		text_addf(ret, "neighbour %s", name);
	else if (object->key.kind == OBJECT_ROUTE)
		text_addf(ret, "route %s", name);
	else if (object->key.kind == OBJECT_RULE)
		text_addf(ret, "rule %s", name);
	else if (object->key.kind == OBJECT_CHAIN)
		text_addf(ret, "the policy of %s", name);
	else if (object->key.kind == OBJECT_IRQ)
		text_addf(ret, "interrupt %s", name);
	else if (object->key.kind == OBJECT_LINK && !*name)
		text_addf(ret, "interface %u", (unsigned int)object->key.a);
	else
		text_add(ret, *name ? name : object_kind_name(object->key.kind));
}

void object_describe(const struct objects *objects, const struct object *object, struct text *ret)
{
	const struct object *netns = object_netns(objects, object), *link = object_link(objects, object);

	if (object->key.kind == OBJECT_NETNS) {
		netns_describe(objects, object, ret);
		return;
	}
	name_describe(object, ret);
	if (link && link != object)
		text_addf(ret, " of %s", object_text(link, LABEL_NAME));
	if (object->owner) {
		text_add(ret, " of ");
		process_describe(object_get(objects, object->owner), ret);
	}
	if (netns && netns->key.netns != objects_home(objects) && object->key.kind != OBJECT_PROCESS) {
		text_add(ret, " in ");
		netns_describe(objects, netns, ret);
	}
}

void cause_describe(const struct objects *objects, enum cause cause, uint32_t object, struct text *ret)
{
	static const char placeholder[] = "{object}";
	const char *rest = cause_get(cause)->mechanism, *found;

	for (; (found = strstr(rest, placeholder)); rest = found + strlen(placeholder)) {
		text_add_bytes(ret, rest, (size_t)(found - rest));
		object_describe(objects, object_get(objects, object), ret);
	}
	text_add(ret, rest);
}
