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

static void add_quoted(const char *word, struct text *ret)
{
	text_add(ret, "'");
	for (; *word; word++) {
		if (*word == '\'')
			text_add(ret, "'\\''");
		else
			text_add_bytes(ret, word, 1);
	}
	text_add(ret, "'");
}

/* Names of devices, tables and namespaces are chosen by whoever runs a container: what the shell would act on is quoted. */
static void add_word(const char *word, const char *also, struct text *ret)
{
	if (word_is_plain(word, also))
		text_add(ret, word);
	else
		add_quoted(word, ret);
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

bool object_enter_needs_sysfs(const char *prefix, const char *command)
{
	return slice_starts(slice_of(prefix), "nsenter ") && strstr(command, "/sys/class/net/");
}

void object_enter(const struct objects *objects, const struct object *object, const char *command, bool shell,
		  struct text *ret)
{
	CLEANUP_TEXT struct text prefix = { 0 }, script = { 0 };

	object_enter_prefix(objects, object, &prefix);
	text_add(ret, text_string(&prefix));
	if (object_enter_needs_sysfs(text_string(&prefix), command))
		text_add(&script, ENTER_SYSFS_MOUNT);
	if (!script.length && (!prefix.length || !shell)) {
		text_add(ret, command);
		return;
	}
	text_add(ret, script.length ? ENTER_SYSFS_SHELL : "sh -c ");
	text_add(&script, command);
	add_quoted(text_string(&script), ret);
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

/* Placeholders that are a label of the object as it stands; a word in capitals is the reader's to find. */
static bool add_label(const struct object *object, struct slice field, struct text *ret)
{
	static const struct {
		const char *field;
		enum label label;
		const char *unknown;
	} rows[] = {
		{ "table", LABEL_TABLE, "FAMILY TABLE" }, { "driver", LABEL_DRIVER, "DRIVER" },
		{ "chain", LABEL_CHAIN, "CHAIN" },	  { "local", LABEL_LOCAL, "ADDRESS" },
		{ "path", LABEL_PATH, "PATH" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (slice_is(field, rows[i].field) && !*object_text(object, rows[i].label)) {
			text_add(ret, rows[i].unknown);
			return true;
		}
		if (slice_is(field, rows[i].field)) {
			/* "inet filter": family and table are two words */
			add_word(object_text(object, rows[i].label), rows[i].label == LABEL_TABLE ? " " : "", ret);
			return true;
		}
	}
	return false;
}

/* Where a qdisc hangs, as tc wants it: "root", "parent 1:2a"; the reader's to find for what is no qdisc. */
static void add_parent(const struct object *object, struct text *ret)
{
	unsigned int parent = (unsigned int)(object->key.b >> 32);

	if (object->key.kind != OBJECT_QDISC || !parent)
		text_add(ret, "parent PARENT");
	else if (parent == UINT32_MAX)
		text_add(ret, "root");
	else if (parent >> 16)
		text_addf(ret, "parent %x:%x", parent >> 16, parent & 0xffff);
	else
		text_addf(ret, "parent :%x", parent & 0xffff);
}

/* Of a rule: the rest of its key tells apart what shares it. */
static void add_handle(const struct object *object, struct text *ret)
{
	if (object->key.kind == OBJECT_RULE)
		text_addf(ret, "%u", (unsigned int)object->key.b);
	else
		text_add(ret, "HANDLE");
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
		add_handle(object, ret);
	else if (slice_is(field, "parent"))
		add_parent(object, ret);
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

void counter_check(const struct objects *objects, counter_id counter, const struct object *object, struct text *ret)
{
	const char *check = counter_get(counter)->check;
	CLEANUP_TEXT struct text command = { 0 };

	if (!check || !*check)
		return;
	template_fill(objects, counter, object, check, &command);
	/* Drop events are seen from anywhere; and where sysfs is mounted anew there is no tracefs. */
	if (object->key.kind == OBJECT_DROP || object->key.kind == OBJECT_FLOW) {
		text_add(ret, text_string(&command));
		return;
	}
	object_enter(objects, object, text_string(&command), false, ret);
}
