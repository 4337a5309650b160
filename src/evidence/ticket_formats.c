/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which outputs are known, and what their parsers share. A new output is a row in one of the tables. */
#include "evidence/ticket_parts.h"

#include "base/alloc.h"

#include <string.h>

static const struct ticket_format *const tables[] = {
	ticket_formats_proc,   ticket_formats_statistics, ticket_formats_link,	    ticket_formats_netdev,
	ticket_formats_sar,    ticket_formats_bond,	  ticket_formats_ethtool,   ticket_formats_settings,
	ticket_formats_tc,     ticket_formats_socket,	  ticket_formats_conntrack, ticket_formats_firewall,
	ticket_formats_log,    ticket_formats_cpu,	  ticket_formats_path,	    ticket_formats_neighbour,
	ticket_formats_sysctl, ticket_formats_nft,	  ticket_formats_route,	    ticket_formats_filter,
	ticket_formats_rss,    ticket_formats_unrelated,
};

const struct ticket_format *format_of_line(struct slice line)
{
	if (!slice_trim(line).length)
		return NULL;
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++) {
		for (const struct ticket_format *format = tables[t]; format->name; format++) {
			if (format->begins && format->begins(line))
				return format;
		}
	}
	return NULL;
}

const struct ticket_format *format_of_command(const struct ticket_command *command)
{
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++) {
		for (const struct ticket_format *format = tables[t]; format->name; format++) {
			if (format->made_by && format->made_by(command))
				return format;
		}
	}
	return NULL;
}

counter_id counter_named(const struct named_counter *names, struct slice name)
{
	for (; names->name; names++) {
		if (slice_is(name, names->name))
			return names->counter;
	}
	return COUNTER_NONE;
}

/* ---- objects ---- */

/* "va@if5:" is va, "eth0:" is eth0. */
static struct slice plain_name(struct slice name)
{
	const char *at = name.length ? memchr(name.data, '@', name.length) : NULL;

	if (at)
		name.length = (size_t)(at - name.data);
	while (name.length && (name.data[name.length - 1] == ':' || name.data[name.length - 1] == ','))
		name.length--;
	return name;
}

struct object *block_link(struct block *block, struct slice name)
{
	struct slice plain = plain_name(name);
	CLEANUP_FREE char *text = mem_strndup(plain.length ? plain.data : "", plain.length);
	/* No output but one tells an index: the name stands for it. */
	struct object_key key = { OBJECT_LINK, block->netns->key.netns, object_hash(text) & INT32_MAX, 0 };
	struct object *link = object_intern(block->objects, key, NULL);

	if (!link)
		return block_host(block);
	object_label(link, LABEL_NAME, text);
	return link;
}

struct object *block_link_of_command(struct block *block)
{
	struct slice device = command_device(block->command);

	return device.length ? block_link(block, device) : NULL;
}

struct object *block_host(const struct block *block)
{
	return object_get(block->objects, OBJECT_HOST_ID);
}

struct object *block_cpu(const struct block *block, uint64_t cpu)
{
	struct object *object = object_intern(block->objects, (struct object_key){ OBJECT_CPU, 0, cpu, 0 }, NULL);

	if (object)
		object_labelf(object, LABEL_NAME, "cpu%llu", (unsigned long long)cpu);
	return object;
}

/* ---- numbers ---- */

#define SEEN_MAX (1u << 22)

static uint64_t seen_key(counter_id counter, uint32_t object)
{
	return ((uint64_t)counter << 32 | object) + 1;
}

static uint64_t *seen_slot(const struct block *block, uint64_t key)
{
	size_t at = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 20);

	while (block->seen.data[at & (block->seen.count - 1)] && block->seen.data[at & (block->seen.count - 1)] != key)
		at++;
	return &block->seen.data[at & (block->seen.count - 1)];
}

/* Room for one more than there are samples, at least half of it free. */
static void seen_grow(struct block *block)
{
	size_t wanted = block->seen.count ? block->seen.count : 64;

	while (wanted < 4 * (block->snapshot.samples.count + 1))
		wanted *= 2;
	if (wanted == block->seen.count)
		return;
	vec_free(&block->seen);
	for (size_t i = 0; i < wanted; i++)
		(void)vec_add(&block->seen, SEEN_MAX);
	for (size_t i = 0; i < block->snapshot.samples.count; i++) {
		uint64_t key =
			seen_key(block->snapshot.samples.data[i].counter, block->snapshot.samples.data[i].object);

		*seen_slot(block, key) = key;
	}
}

void block_add(struct block *block, counter_id counter, const struct object *object, uint64_t value)
{
	uint64_t key, *slot;

	if (counter == COUNTER_NONE || !object)
		return;
	key = seen_key(counter, object->id);
	seen_grow(block);
	slot = seen_slot(block, key);
	if (*slot) {
		block_again(block);
		seen_grow(block);
		slot = seen_slot(block, key);
	}
	*slot = key;
	snapshot_add(&block->snapshot, counter, object, value);
}

void block_sum(struct block *block, counter_id counter, const struct object *object, uint64_t value)
{
	struct sample *sample;

	if (counter == COUNTER_NONE || !object)
		return;
	vec_each(&block->snapshot.samples, sample) {
		if (sample->counter == counter && sample->object == object->id) {
			sample->value += value;
			return;
		}
	}
	block_add(block, counter, object, value);
}

void block_covers(struct block *block, enum source_id source, const struct object *object)
{
	const struct coverage *coverage;

	vec_each(&block->snapshot.coverage, coverage) {
		if (coverage->source == source && coverage->object == object->id)
			return;
	}
	snapshot_covered(&block->snapshot, source, object);
}

/* ---- files that a source reads ---- */

bool block_keep(struct block *block, struct slice line)
{
	text_add_bytes(&block->text, line.data, line.length);
	text_add_bytes(&block->text, "\n", 1);
	return true;
}

bool block_read_source(struct block *block, const struct source *source, const char *path)
{
	CLEANUP_TEXT struct text buffer = { 0 };
	bool absent = line_has((struct slice){ text_string(&block->text), block->text.length }, "No such file");
	const struct source_recorded recorded = {
		absent ? "" : path,
		{ text_string(&block->text), block->text.length },
	};
	const struct source_context context = {
		.objects = block->objects,
		.netns = block->netns,
		.sysroot = SOURCE_RECORDED_ROOT,
		.recorded = &recorded,
		.buffer = &buffer,
	};
	const struct coverage *coverage;
	bool understood = true;

	source->read(&context, &block->snapshot);
	text_clear(&block->text);
	vec_each(&block->snapshot.coverage, coverage)
		understood &= !coverage->error;
	return understood;
}
