/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traffic control filters as `tc -s filter show` prints them: the actions that they lead to, with what these dropped. An
 * action that several filters share is told by each of them with the same numbers.
 */
#include "evidence/ticket_device.h"
#include "evidence/ticket_tc.h"

#include "base/alloc.h"
#include "base/intern.h"

#include <string.h>

#define FILTER_WORDS_MAX 64

/* In block: `text` is the line of the filter at hand, `object` the action, `state` this. */
enum told {
	TOLD_NOTHING,
	TOLD_FILTER,
	TOLD_KIND,   /* of an action, whose index comes in the next line */
	TOLD_SHARED, /* an action that an earlier filter told */
};

static bool made_by(const struct ticket_command *command)
{
	for (size_t i = 1; command_runs(command, "tc") && i < command->count; i++) {
		if (command->words[i].data[0] != '-')
			return command->words[i].data[0] == 'f';
	}
	return false;
}

static struct slice behind(const struct slice *words, size_t count, const char *word)
{
	for (size_t i = 0; i + 1 < count; i++) {
		if (slice_is(words[i], word))
			return words[i + 1];
	}
	return SLICE("");
}

static bool has(const struct slice *words, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++) {
		if (slice_is(words[i], word))
			return true;
	}
	return false;
}

/* "filter protocol ip pref 10 flower chain 0", "filter parent ffff: protocol all pref 1 u32 fh 800::800 …" */
static bool is_heading(const struct slice *words, size_t count)
{
	return count > 4 && slice_is(words[0], "filter") && behind(words, count, "pref").length &&
	       behind(words, count, "protocol").length;
}

static bool begins(struct slice line)
{
	struct slice words[FILTER_WORDS_MAX];

	return slice_starts(line, "filter ") && is_heading(words, line_words(line, words, ARRAY_SIZE(words)));
}

/* ---- where the filter is ---- */

static const char *hook_of_words(const struct slice *words, size_t count)
{
	struct slice parent = behind(words, count, "parent");

	if (has(words, count, "ingress") || slice_is(parent, "ffff:") || slice_is(parent, "ffff:fff2"))
		return "ingress";
	if (has(words, count, "egress") || slice_is(parent, "ffff:fff3"))
		return "egress";
	return parent.length || has(words, count, "root") ? "queue" : NULL;
}

/* As the line tells, or the command; at the root of a device neither of them does. NULL: nobody knows. */
static const char *hook_of(const struct block *block, const struct slice *words, size_t count)
{
	const char *hook = hook_of_words(words, count);

	if (!hook)
		hook = hook_of_words(block->command->words, block->command->count);
	return hook || !block->command->count ? hook : "queue";
}

static struct object *device_of(struct block *block, const struct slice *words, size_t count)
{
	struct slice name = behind(words, count, "dev");

	if (!name.length)
		name = behind(block->command->words, block->command->count, "dev");
	return block_link(block, name.length ? name : slice_of("the device"));
}

/* ---- actions ---- */

static void label(struct block *block, struct object *action, const char *kind, const struct slice *words, size_t count)
{
	struct slice pref = behind(words, count, "pref");
	const char *hook = hook_of(block, words, count);
	struct slice type = SLICE("");

	for (size_t i = 0; i + 2 < count; i++) {
		if (slice_is(words[i], "pref"))
			type = words[i + 2];
	}
	object_label(action, LABEL_KIND, kind);
	object_label(action, LABEL_HOOK, hook);
	object_labelf(action, LABEL_NAME, "%s action %u of filter %.*s pref %.*s%s%s", kind,
		      (unsigned int)action->key.b, (int)type.length, type.data, (int)pref.length, pref.data,
		      hook ? " at " : "", hook ? hook : "");
}

/* Whether the output at hand told the action before, at another filter. */
static bool is_shared(const struct block *block, const struct object *action)
{
	const struct sample *sample;

	if (strcmp(object_text(action, LABEL_TEXT), text_string(&block->text)) == 0)
		return false;
	vec_each(&block->snapshot.samples, sample) {
		if (sample->object == action->id)
			return true;
	}
	return false;
}

static void take_action(struct block *block, const char *kind, uint64_t index)
{
	struct object_key key = { OBJECT_ACTION, block->netns->key.netns, object_hash(kind), index };
	struct slice words[FILTER_WORDS_MAX];
	size_t count =
		line_words((struct slice){ text_string(&block->text), block->text.length }, words, ARRAY_SIZE(words));
	struct object *action = index ? object_intern(block->objects, key, NULL) : NULL;

	block->object = NULL;
	block->state = TOLD_SHARED;
	if (!action || is_shared(block, action))
		return;
	if (!*object_text(action, LABEL_NAME)) {
		action->link = device_of(block, words, count)->id;
		label(block, action, kind, words, count);
		object_label(action, LABEL_TEXT, text_string(&block->text));
	}
	block->object = action;
	block->state = TOLD_FILTER;
}

/* "police 0x1 rate 37Mbit burst 64Kb …", also in the line of a filter; false when there is none. */
static bool take_police(struct block *block, const struct slice *words, size_t count)
{
	struct slice index = behind(words, count, "police");
	uint64_t number, rate;

	if (!slice_starts(index, "0x") || parse_hex((struct slice){ index.data + 2, index.length - 2 }, &number))
		return false;
	take_action(block, "police", number);
	if (block->object && tc_rate(behind(words, count, "rate"), &rate))
		block_add(block, C_FILTER_POLICE_RATE, block->object, rate);
	return true;
}

/* "action order 1: gact action drop", "action order 1: mirred (Egress Redirect to device ifb0) stolen" */
static void begin_action(struct block *block, const struct slice *words, size_t count)
{
	block->object = NULL;
	if (take_police(block, words, count) || count < 4)
		return;
	block->state = TOLD_KIND;
	block->word = text_internf("%.*s", (int)(words[3].length < 16 ? words[3].length : 16), words[3].data);
}

static bool take_sent(struct block *block, const struct slice *words, size_t count)
{
	static const struct {
		const char *word;
		bool before;
		counter_id counter;
	} numbers[] = {
		{ "pkt", true, C_FILTER_ACTION_PACKETS },
		{ "pkts", true, C_FILTER_ACTION_PACKETS },
		{ "dropped", false, C_FILTER_ACTION_DROPS },
		{ "overlimits", false, C_FILTER_ACTION_OVERLIMITS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(numbers) && block->object; i++) {
		uint64_t value;

		if (tc_number_beside(words, count, numbers[i].word, numbers[i].before, &value))
			block_add(block, numbers[i].counter, block->object, value);
	}
	return true;
}

/* ---- the format ---- */

static void take_heading(struct block *block, struct slice line, const struct slice *words, size_t count)
{
	text_clear(&block->text);
	text_add_bytes(&block->text, line.data, line.length);
	block->object = NULL;
	block->state = TOLD_FILTER;
	block_covers(block, SOURCE_FILTER, device_of(block, words, count));
	(void)take_police(block, words, count);
}

/* The index of the action whose kind was told: " index 1 ref 1 bind 1 installed 7 sec used 2 sec". */
static bool take_index(struct block *block, const struct slice *words, size_t count)
{
	uint64_t index;

	if (block->state != TOLD_KIND || parse_u64(behind(words, count, "index"), &index))
		return false;
	take_action(block, block->word, index);
	return true;
}

/* What else is told of a filter is indented: what it matches, and how its action is set. */
static bool take(struct block *block, struct slice line)
{
	struct slice words[FILTER_WORDS_MAX];
	size_t count = line_words(line, words, ARRAY_SIZE(words));

	if (!count)
		return true;
	if (is_heading(words, count)) {
		take_heading(block, line, words, count);
		return true;
	}
	if (block->state == TOLD_NOTHING)
		return false;
	if (slice_is(words[0], "action") && slice_is(behind(words, count, "action"), "order")) {
		begin_action(block, words, count);
		return true;
	}
	if (slice_is(words[0], "Sent"))
		return take_sent(block, words, count);
	if (slice_is(words[0], "police") && take_police(block, words, count))
		return true;
	return take_index(block, words, count) || words[0].data != line.data || slice_is(words[0], "backlog");
}

const struct ticket_format ticket_formats_filter[] = {
	{ "tc -s filter", .made_by = made_by, .begins = begins, .take = take, .every_line = true },
	{ 0 },
};
