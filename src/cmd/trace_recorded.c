/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a kind is called is known at the recording's end: names of places are looked up there. So it is taken from the objects
 * as they were then, and only what is not among those from the window at hand.
 */
#include "cmd/trace_recorded.h"

#include "source/stack.h"

#include "base/alloc.h"
#include "base/parse.h"

#include <string.h>

#define KINDS_MAX 100000
#define NETNS_NAMES "/run/netns/"

static uint64_t tally_sum(const struct tally *tally)
{
	return tally->before + tally->last;
}

static void tally_add(struct tally *tally, uint64_t value)
{
	tally->before += value < tally->last ? tally->last : 0;
	tally->last = value;
}

static uint64_t offset_of(const char *text)
{
	uint64_t offset;

	return strncmp(text, "0x", 2) == 0 && parse_hex(slice_of(text + 2), &offset) == 0 ? offset : 0;
}

/* Cuts the stack's text into its functions. */
static void take_frames(struct recorded_kind *kind)
{
	char *at = kind->stack;

	while (*at && kind->frame_count < TRACE_FRAMES) {
		char *blank = strchr(at, ' ');

		kind->frames[kind->frame_count++] = at;
		if (!blank)
			break;
		*blank = '\0';
		at = blank + 1;
	}
	kind->own = stack_is_system_call(kind->frames, kind->frame_count);
}

/* As `ip netns exec` takes it. */
static const char *netns_name(const struct object *netns)
{
	const char *path = netns ? object_text(netns, LABEL_PATH) : "";

	return strncmp(path, NETNS_NAMES, strlen(NETNS_NAMES)) == 0 ? path + strlen(NETNS_NAMES) : "";
}

static struct recorded_kind *kind_new(const struct objects *objects, const struct object *object)
{
	const struct object *netns = object_netns(objects, object), *link = object_link(objects, object);
	struct recorded_kind *kind = NEW(struct recorded_kind);

	kind->key = object->key;
	kind->reason = mem_strdup(object_text(object, LABEL_REASON));
	kind->place = mem_strdup(object_text(object, LABEL_PLACE));
	kind->stack = mem_strdup(object_text(object, LABEL_STACK));
	kind->place_offset = offset_of(object_text(object, LABEL_OFFSET));
	kind->meaning = drop_meaning_of(kind->place, kind->reason);
	kind->way = mem_strdup(drop_way(&kind->meaning,
					*object_text(object, LABEL_WAY) ? object_text(object, LABEL_WAY) : "arriving"));
	kind->netns = mem_strdup(netns_name(netns));
	kind->netns_inode = (uint32_t)object_netns_inode(object->key.netns);
	kind->home = kind->netns_inode && kind->netns_inode == objects_home(objects);
	kind->device = mem_strdup(link ? object_text(link, LABEL_NAME) : "");
	take_frames(kind);
	return kind;
}

static void kind_free(struct recorded_kind *kind)
{
	free(kind->reason);
	free(kind->place);
	free(kind->way);
	free(kind->netns);
	free(kind->device);
	free(kind->stack);
	free(kind);
}

static bool same_key(const struct object_key *a, const struct object_key *b)
{
	return a->netns == b->netns && a->a == b->a && a->b == b->b;
}

static uint32_t kind_find(const struct recorded *recorded, const struct object_key *key)
{
	for (uint32_t i = 0; i < recorded->kinds.count; i++) {
		if (same_key(&recorded->kinds.data[i]->key, key))
			return i + 1;
	}
	return 0;
}

void recorded_window(struct recorded *recorded)
{
	vec_clear(&recorded->kind_of);
}

struct recorded_kind *recorded_kind(struct recorded *recorded, const struct objects *objects, uint32_t id)
{
	const struct object *object = object_get(objects, id), *last;
	struct recorded_kind **kind;
	uint32_t *index;

	while (recorded->kind_of.count <= id && vec_add(&recorded->kind_of, OBJECTS_MAX + 1))
		;
	index = &recorded->kind_of.data[id];
	if (!*index)
		*index = kind_find(recorded, &object->key);
	if (*index)
		return recorded->kinds.data[*index - 1];
	kind = vec_add(&recorded->kinds, KINDS_MAX);
	if (!kind)
		return NULL;
	last = object_find(recorded->whole, object->key);
	*kind = last ? kind_new(recorded->whole, last) : kind_new(objects, object);
	*index = (uint32_t)recorded->kinds.count;
	return *kind;
}

bool recorded_wants(const struct recorded *recorded, const struct recorded_kind *kind)
{
	return (!recorded->netns || kind->netns_inode == recorded->netns) &&
	       (!recorded->interface || strcmp(kind->device, recorded->interface) == 0);
}

bool recorded_count(struct recorded *recorded, const struct snapshot *snapshot)
{
	const struct sample *sample;
	bool counted = false;

	vec_each(&snapshot->samples, sample) {
		bool skbs = sample->counter == C_DROP_SKBS, segments = sample->counter == C_DROP_SEGMENTS;
		struct recorded_kind *kind =
			skbs || segments ? recorded_kind(recorded, snapshot->objects, sample->object) : NULL;

		if (kind)
			tally_add(skbs ? &kind->skbs : &kind->segments, sample->value);
		if (sample->counter == C_DROP_MISSED)
			tally_add(&recorded->missed, sample->value);
		if (sample->counter == C_DROP_KEYLESS)
			tally_add(&recorded->keyless, sample->value);
		counted |= sample->counter == C_DROP_MISSED;
	}
	recorded->counted |= counted;
	return counted;
}

static void add_kind(const struct recorded *recorded, const struct recorded_kind *kind, struct trace_sum *sum)
{
	const char *meaning = kind->meaning.known ? kind->meaning.known->meaning : kind->meaning.meaning;
	uint64_t skbs = tally_sum(&kind->skbs), segments = tally_sum(&kind->segments);
	struct trace_total *row = trace_sum_row(sum, *kind->reason ? kind->reason : "(no reason)", meaning);
	bool wanted = sum->totals.filtered && recorded_wants(recorded, kind);

	sum->totals.skbs += skbs;
	sum->totals.segments += segments;
	sum->totals.wanted_skbs += wanted ? skbs : 0;
	if (!row)
		return;
	row->skbs += skbs;
	row->segments += segments;
	row->wanted_skbs += wanted ? skbs : 0;
	row->harmless_skbs += kind->meaning.harm == REASON_HARMLESS ? skbs : 0;
}

void recorded_sum(const struct recorded *recorded, struct trace_sum *sum)
{
	struct recorded_kind **kind;

	vec_each(&recorded->kinds, kind) {
		if (tally_sum(&(*kind)->skbs))
			add_kind(recorded, *kind, sum);
	}
	sum->totals.missed = tally_sum(&recorded->missed);
	sum->totals.keyless = tally_sum(&recorded->keyless);
	sum->totals.skbs += sum->totals.keyless;
	trace_sum_rows(sum);
}

void recorded_free(struct recorded *recorded)
{
	struct recorded_kind **kind;

	vec_each(&recorded->kinds, kind)
		kind_free(*kind);
	vec_free(&recorded->kinds);
	vec_free(&recorded->kind_of);
}
