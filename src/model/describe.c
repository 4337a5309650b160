/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people call an object, the same in every sentence and every format. */
#include "model/cause.h"
#include "model/object.h"

#include <string.h>

static void describe_part(const struct object *object, enum label label, const char *before, struct text *ret)
{
	if (*object_text(object, label))
		text_addf(ret, "%s%s", before, object_text(object, label));
}

static void describe_socket(const struct objects *objects, const struct object *socket, struct text *ret)
{
	const struct object *process = socket->owner ? object_get(objects, socket->owner) : NULL;

	text_add(ret, object_text(socket, LABEL_NAME));
	if (!process)
		return;
	text_addf(ret, " (%s, pid %d", object_text(process, LABEL_COMM), (int)process->pid);
	describe_part(process, LABEL_SERVICE, ", ", ret);
	describe_part(process, LABEL_CONTAINER, ", container ", ret);
	text_add(ret, ")");
}

static void describe_on_link(const struct objects *objects, const struct object *object, struct text *ret)
{
	const struct object *link = object_link(objects, object);

	text_add(ret, object_text(object, LABEL_NAME));
	if (link && link != object)
		text_addf(ret, " on %s", object_text(link, LABEL_NAME));
}

static void describe_netns(const struct objects *objects, const struct object *netns, struct text *ret)
{
	const char *name = object_text(netns, LABEL_NAME);

	if (netns->key.netns == objects_home(objects))
		text_add(ret, "this host");
	else if (*object_text(netns, LABEL_CONTAINER))
		text_addf(ret, "container %s", object_text(netns, LABEL_CONTAINER));
	else if (*name)
		text_addf(ret, "namespace %s", name);
	else
		text_addf(ret, "namespace net:[%llu]", (unsigned long long)object_netns_inode(netns->key.netns));
}

void object_describe(const struct objects *objects, const struct object *object, struct text *ret)
{
	switch (object->key.kind) {
	case OBJECT_HOST:
		text_add(ret, "this host");
		break;
	case OBJECT_CPU:
		text_addf(ret, "CPU %llu", (unsigned long long)object->key.a);
		break;
	case OBJECT_NETNS:
		describe_netns(objects, object, ret);
		break;
	case OBJECT_SOCKET:
		describe_socket(objects, object, ret);
		break;
	case OBJECT_PROCESS:
		text_addf(ret, "%s (pid %d)", object_text(object, LABEL_COMM), (int)object->pid);
		break;
	case OBJECT_QUEUE:
	case OBJECT_QDISC:
	case OBJECT_CLASS:
	case OBJECT_NEIGHBOUR:
	case OBJECT_ACTION:
	case OBJECT_ADDRESS:
	case OBJECT_DROP:
		describe_on_link(objects, object, ret);
		break;
	case OBJECT_NEIGHBOUR_TABLE:
		text_addf(ret, "neighbour table %s", object_text(object, LABEL_NAME));
		break;
	case OBJECT_RULE:
	case OBJECT_CHAIN:
	case OBJECT_LINK:
	case OBJECT_CGROUP:
	case OBJECT_ROUTE:
	case OBJECT_IRQ:
	case OBJECT_NFQUEUE:
	case OBJECT_DEVLINK:
	case OBJECT_FLOW:
	case OBJECT_KIND_COUNT:
		text_add(ret, object_text(object, LABEL_NAME));
		break;
	}
}

void object_describe_placed(const struct objects *objects, const struct object *object, struct text *ret)
{
	const struct object *netns = object_netns(objects, object);

	object_describe(objects, object, ret);
	if (!netns || netns == object || netns->key.netns == objects_home(objects))
		return;
	text_add(ret, " in ");
	describe_netns(objects, netns, ret);
}

/* Which rule it was is not always known: then the object is whose rule it was. */
static bool is_unknown_rule(enum cause cause, const struct object *object)
{
	return (cause == CAUSE_FIREWALL_RULE_DROP || cause == CAUSE_BRIDGE_FILTER_DROP) &&
	       (object->key.kind == OBJECT_NETNS || object->key.kind == OBJECT_HOST);
}

void cause_describe(const struct objects *objects, enum cause cause, uint32_t object, struct text *ret)
{
	static const char placeholder[] = "{object}";
	const char *rest = cause_get(cause)->mechanism, *found;

	for (; (found = strstr(rest, placeholder)); rest = found + strlen(placeholder)) {
		text_add_bytes(ret, rest, (size_t)(found - rest));
		if (is_unknown_rule(cause, object_get(objects, object)))
			text_add(ret, "a firewall rule of ");
		object_describe(objects, object_get(objects, object), ret);
	}
	text_add(ret, rest);
}
