/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command that shows the same number: the template of a counter's row,
 * filled in for one object and led into its namespace.
 */
#include "model/object.h"

#include "base/alloc.h"
#include "base/parse.h"

#include <ctype.h>
#include <string.h>

/* Whether the shell takes the word as it is; `also` lists what may stand in it besides. */
static bool word_is_plain(const char *word, const char *also)
{
	for (; *word; word++) {
		if (!isalnum((unsigned char)*word) && !strchr("_@%+=:,./-", *word) && !strchr(also, *word))
			return false;
	}
	return true;
}

/* Names of devices, tables and namespaces are chosen by whoever runs a container: what the shell would act on is quoted. */
static void add_word(const char *word, const char *also, struct text *ret)
{
	if (word_is_plain(word, also)) {
		text_add(ret, word);
		return;
	}
	text_add(ret, "'");
	for (; *word; word++) {
		if (*word == '\'')
			text_add(ret, "'\\''");
		else
			text_add_bytes(ret, word, 1);
	}
	text_add(ret, "'");
}

void object_enter_prefix(const struct objects *objects, const struct object *object, struct text *ret)
{
	const struct object *netns = object_netns(objects, object);
	const char *path;

	if (!netns || netns->key.netns == objects_home(objects))
		return;
	path = object_text(netns, LABEL_PATH);
	if (slice_starts(slice_of(path), "/run/netns/")) {
		text_add(ret, "ip netns exec ");
		add_word(path + strlen("/run/netns/"), "", ret);
		text_add(ret, " ");
	} else if (netns->pid) {
		text_addf(ret, "nsenter -t %d -n ", (int)netns->pid);
	} else if (*path) {
		text_add(ret, "nsenter --net=");
		add_word(path, "", ret);
		text_add(ret, " ");
	}
}

/* The port of "10.0.0.1:53" or "[::1]:53"; the whole text when there is none. */
static const char *address_port(const char *address)
{
	const char *colon = strrchr(address, ':');

	return colon ? colon + 1 : address;
}

/* The part of a counter's name after "source."; driver names have no such part. */
static const char *short_name(const struct counter *counter)
{
	const char *dot = strchr(counter->name, '.');

	return dot && counter->source != SOURCE_ETHTOOL ? dot + 1 : counter->name;
}

/* Placeholders that are a label of the object as it stands. */
static bool add_label(const struct object *object, struct slice field, struct text *ret)
{
	static const struct {
		const char *field;
		enum label label;
	} rows[] = {
		{ "table", LABEL_TABLE }, { "driver", LABEL_DRIVER }, { "chain", LABEL_CHAIN },
		{ "local", LABEL_LOCAL }, { "path", LABEL_PATH },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (slice_is(field, rows[i].field)) {
			/* "inet filter": family and table are two words */
			add_word(object_text(object, rows[i].label), rows[i].label == LABEL_TABLE ? " " : "", ret);
			return true;
		}
	}
	return false;
}

static void add_value(const struct objects *objects, const struct counter *counter, const struct object *object,
		      struct slice field, struct text *ret)
{
	const struct object *link = object_link(objects, object);
	bool on_any = object->key.kind == OBJECT_SOCKET; /* bound to no device: "any", as tcpdump says */
	const struct object *process = object->owner ? object_get(objects, object->owner) : object;

	if (add_label(object, field, ret))
		return;
	if (slice_is(field, "ifname"))
		add_word(link ? object_text(link, LABEL_NAME) : on_any ? "any" : "DEVICE", "", ret);
	else if (slice_is(field, "cpu"))
		text_addf(ret, "%u", (unsigned int)object->key.a);
	else if (slice_is(field, "row"))
		text_addf(ret, "%u", (unsigned int)object->key.a + 1);
	else if (slice_is(field, "name"))
		add_word(counter ? short_name(counter) : "", "", ret);
	else if (slice_is(field, "handle"))
		text_addf(ret, "%u", (unsigned int)object->key.b); /* rules: the rest tells apart what shares it */
	else if (slice_is(field, "pid"))
		text_addf(ret, "%d", (int)process->pid);
	else if (slice_is(field, "port"))
		add_word(address_port(object_text(object, LABEL_LOCAL)), "*", ret);
	else
		text_addf(ret, "{%.*s}", (int)field.length, field.data);
}

void template_fill(const struct objects *objects, counter_id counter, const struct object *object, const char *template,
		   struct text *ret)
{
	struct cursor cursor = cursor_of(template, strlen(template));
	struct slice part;

	while (cursor_until(&cursor, '{', &part)) {
		text_add_bytes(ret, part.data, part.length);
		if (!cursor_until(&cursor, '}', &part)) {
			text_add(ret, "{");
			break;
		}
		add_value(objects, counter == COUNTER_NONE ? NULL : counter_get(counter), object, part, ret);
	}
	text_add_bytes(ret, cursor.rest.data, cursor.rest.length);
}

/* /sys shows the devices of the namespace that it was mounted in, and nsenter -n keeps the host's. */
static void add_beside_own_sysfs(const char *command, struct text *ret)
{
	CLEANUP_FREE char *script = text_format("mount -t sysfs sysfs /sys && %s", command);

	text_add(ret, "unshare -m sh -c ");
	add_word(script, "", ret);
}

void counter_check(const struct objects *objects, counter_id counter, const struct object *object, struct text *ret)
{
	CLEANUP_TEXT struct text command = { 0 };
	size_t before = ret->length;
	const char *check = counter_get(counter)->check;

	if (!check || !*check)
		return;
	object_enter_prefix(objects, object, ret);
	template_fill(objects, counter, object, check, &command);
	if (slice_starts(slice_of(text_string(ret) + before), "nsenter ") && strstr(check, "/sys/class/net/"))
		add_beside_own_sysfs(text_string(&command), ret);
	else
		text_add(ret, text_string(&command));
}
