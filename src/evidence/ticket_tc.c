/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Queueing disciplines and classes as tc prints them: `tc -s qdisc`, `tc -s class show dev X`. The first line of
 * each has its place and its options, the indented ones its numbers. tc rounds sizes and rates that it prints with a
 * prefix (11Kb is at most 16 bytes off); what it counts is exact.
 */
#include "evidence/ticket_tc.h"

#include "source/qdisc.h"

#include "base/alloc.h"

#include <ctype.h>
#include <linux/pkt_sched.h>
#include <string.h>

#define TC_WORDS_MAX 96

/* ---- amounts ---- */

struct amount_unit {
	const char *name;
	uint64_t factor;
};

static const struct amount_unit packets[] = { { "p", 1 }, { "", 1 }, { 0 } };
static const struct amount_unit bytes[] = {
	{ "b", 1 }, { "Kb", 1 << 10 }, { "Mb", 1 << 20 }, { "Gb", 1 << 30 }, { "K", 1 << 10 }, { "M", 1 << 20 }, { 0 }
};
static const struct amount_unit bits[] = { { "bit", 1 },
					   { "Kbit", 1000 },
					   { "Mbit", 1000000 },
					   { "Gbit", 1000000000 },
					   { "Tbit", 1000000000000 },
					   { "Kibit", UINT64_C(1) << 10 },
					   { "Mibit", UINT64_C(1) << 20 },
					   { "Gibit", UINT64_C(1) << 30 },
					   { 0 } };
static const struct amount_unit percent[] = { { "%", 10000 }, { 0 } };

/* The digits at the beginning of *text, which are taken off it, and what power of ten they reach. False when none. */
static bool take_digits(struct slice *text, uint64_t *ret, uint64_t *ret_scale)
{
	size_t count = 0;

	*ret_scale = 1;
	while (count < text->length && isdigit((unsigned char)text->data[count])) {
		*ret_scale *= count < 18 ? 10 : 1;
		count++;
	}
	if (!count || count > 18 || parse_u64((struct slice){ text->data, count }, ret))
		return false;
	text->data += count;
	text->length -= count;
	return true;
}

/* "1.5Mbit", "32Mb", "10240p", "3Kb/1" in the smallest unit. */
static bool amount(struct slice word, const struct amount_unit *units, uint64_t *ret)
{
	const char *cell = memchr(word.data, '/', word.length);
	uint64_t whole, fraction = 0, scale = 1;

	if (cell)
		word.length = (size_t)(cell - word.data);
	if (!take_digits(&word, &whole, &scale))
		return false;
	scale = 1;
	if (word.length > 1 && word.data[0] == '.') {
		word.data++;
		word.length--;
		if (!take_digits(&word, &fraction, &scale) || scale > 1000000)
			return false;
	}
	for (; units->name; units++) {
		if (!slice_is(word, units->name))
			continue;
		if (__builtin_mul_overflow(whole, units->factor, &whole))
			return false;
		*ret = whole + fraction * units->factor / scale;
		return true;
	}
	return false;
}

/* ---- options: behind their words in the first line ---- */

struct option {
	const char *kind, *word;
	bool class;
	const struct amount_unit *units;
	uint64_t divisor;
	counter_id counter;
};

#define BITS_PER_BYTE 8

static const struct option options[] = {
	{ "pfifo", "limit", false, packets, 1, C_QDISC_LIMIT_PACKETS },
	{ "pfifo_head_drop", "limit", false, packets, 1, C_QDISC_LIMIT_PACKETS },
	{ "bfifo", "limit", false, bytes, 1, C_QDISC_LIMIT_BYTES },
	{ "netem", "limit", false, packets, 1, C_QDISC_LIMIT_PACKETS },
	{ "netem", "loss", false, percent, 1, C_QDISC_NETEM_LOSS_PPM },
	{ "netem", "rate", false, bits, BITS_PER_BYTE, C_QDISC_RATE_BYTES_PER_SECOND },
	{ "sfq", "limit", false, packets, 1, C_QDISC_LIMIT_PACKETS },
	{ "tbf", "limit", false, bytes, 1, C_QDISC_LIMIT_BYTES },
	{ "tbf", "rate", false, bits, BITS_PER_BYTE, C_QDISC_RATE_BYTES_PER_SECOND },
	{ "red", "limit", false, bytes, 1, C_QDISC_LIMIT_BYTES },
	{ "choke", "limit", false, packets, 1, C_QDISC_LIMIT_PACKETS },
	{ "codel", "limit", false, packets, 1, C_QDISC_LIMIT_PACKETS },
	{ "fq_codel", "limit", false, packets, 1, C_QDISC_LIMIT_PACKETS },
	{ "fq_codel", "memory_limit", false, bytes, 1, C_QDISC_LIMIT_BYTES },
	{ "fq", "limit", false, packets, 1, C_QDISC_LIMIT_PACKETS },
	{ "pie", "limit", false, packets, 1, C_QDISC_LIMIT_PACKETS },
	{ "fq_pie", "limit", false, packets, 1, C_QDISC_LIMIT_PACKETS },
	{ "hhf", "limit", false, packets, 1, C_QDISC_LIMIT_PACKETS },
	{ "cake", "bandwidth", false, bits, BITS_PER_BYTE, C_QDISC_RATE_BYTES_PER_SECOND },
	{ "htb", "rate", true, bits, BITS_PER_BYTE, C_CLASS_RATE_BYTES_PER_SECOND },
	{ "htb", "ceil", true, bits, BITS_PER_BYTE, C_CLASS_CEIL_BYTES_PER_SECOND },
};

bool tc_rate(struct slice word, uint64_t *ret)
{
	uint64_t value;

	if (!amount(word, bits, &value))
		return false;
	*ret = value / BITS_PER_BYTE;
	return true;
}

static bool is_class(const struct object *object)
{
	return object->key.kind == OBJECT_CLASS;
}

counter_id tc_option_counter(const struct object *object, const char *word)
{
	const char *kind = object_text(object, LABEL_KIND);

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (options[i].class == is_class(object) && strcmp(options[i].kind, kind) == 0 &&
		    strcmp(options[i].word, word) == 0)
			return options[i].counter;
	}
	return COUNTER_NONE;
}

static bool option_value(const struct option *option, const struct slice *words, size_t count, uint64_t *ret)
{
	for (size_t i = 0; i + 1 < count; i++) {
		if (slice_is(words[i], option->word) && amount(words[i + 1], option->units, ret))
			return true;
	}
	return false;
}

static void add_options(struct block *block, const struct slice *words, size_t count)
{
	const struct object *object = block->object;
	const char *kind = object_text(object, LABEL_KIND);

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		const struct option *option = &options[i];
		uint64_t value = 0;

		if (option->class != is_class(object) || strcmp(option->kind, kind) != 0)
			continue;
		/* netem without a word of loss loses nothing. */
		if (option_value(option, words, count, &value) || option->units == percent)
			block_add(block, option->counter, object, value / option->divisor);
	}
}

/* ---- the first line ---- */

static bool hex_part(const char *data, size_t length, uint32_t *ret)
{
	uint64_t value = 0;

	if (length && (length > 4 || parse_hex((struct slice){ data, length }, &value)))
		return false;
	*ret = (uint32_t)value;
	return true;
}

/* "1:", "1:10", ":a", "8005:[80050000]". */
static bool handle_of(struct slice word, uint32_t *ret)
{
	const char *colon = memchr(word.data, ':', word.length);
	const char *bracket = memchr(word.data, '[', word.length);
	const char *end = bracket ? bracket : word.data + word.length;
	uint32_t major, minor;

	if (!colon || colon > end || word.length < 2 || !hex_part(word.data, (size_t)(colon - word.data), &major) ||
	    !hex_part(colon + 1, (size_t)(end - colon) - 1, &minor))
		return false;
	*ret = major << 16 | minor;
	return true;
}

static bool is_kind(struct slice word)
{
	for (size_t i = 0; i < word.length; i++) {
		if (!isalnum((unsigned char)word.data[i]) && word.data[i] != '_')
			return false;
	}
	return word.length < 16;
}

/* "qdisc htb 1: dev eth0 root …", "class htb 1:10 parent 1:1 …" */
bool tc_is_heading(const struct slice *words, size_t count, const char *what)
{
	static const char *const places[] = { "dev", "root", "parent" };
	uint32_t handle;
	bool placed = false;

	if (count < 4 || !slice_is(words[0], what) || !is_kind(words[1]) || !handle_of(words[2], &handle))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		placed |= slice_is(words[3], places[i]);
	return placed;
}

static bool begins_with(struct slice line, const char *what)
{
	struct slice words[4];

	return tc_is_heading(words, line_words(line, words, ARRAY_SIZE(words)), what);
}

static bool qdisc_begins(struct slice line)
{
	return begins_with(line, "qdisc");
}

static bool class_begins(struct slice line)
{
	return begins_with(line, "class");
}

/* The word behind `word`; empty when there is none. */
static struct slice word_behind(const struct slice *words, size_t count, const char *word)
{
	for (size_t i = 0; i + 1 < count; i++) {
		if (slice_is(words[i], word))
			return words[i + 1];
	}
	return (struct slice){ "", 0 };
}

/* The device of a line, else the one the command asks for; NULL when nobody names it. */
static const struct object *device_of(struct block *block, const struct slice *words, size_t count)
{
	struct slice name = word_behind(words, count, "dev");

	if (!name.length)
		name = word_behind(block->command->words, block->command->count, "dev");
	return name.length ? block_link(block, name) : NULL;
}

/* The class a class lies in. It may come later, or in no output at all: what it is called is known. */
static void set_parent(struct block *block, const struct source_context *context, const struct tcmsg *header,
		       const char *kind)
{
	struct tcmsg above = { .tcm_ifindex = header->tcm_ifindex, .tcm_handle = header->tcm_parent };
	const struct object *parent = NULL;

	if (TC_H_MIN(header->tcm_parent) && header->tcm_parent != TC_H_ROOT && header->tcm_parent != header->tcm_handle)
		parent = qdisc_object(context, &above, true, kind, false);
	block->object->parent = parent ? parent->id : 0;
}

bool tc_take_heading(struct block *block, const struct slice *words, size_t count)
{
	const struct source_context context = { .objects = block->objects, .netns = block->netns };
	const struct object *link = device_of(block, words, count);
	bool class = slice_is(words[0], "class");
	CLEANUP_FREE char *kind = mem_strndup(words[1].data, words[1].length);
	struct slice parent = word_behind(words, count, "parent");
	struct tcmsg header = { .tcm_ifindex = link ? (int)link->key.a : 0, .tcm_parent = TC_H_ROOT };

	block->object = NULL;
	block->number = 0;
	if (!handle_of(words[2], &header.tcm_handle) || (parent.length && !handle_of(parent, &header.tcm_parent)))
		return false;
	block_covers(block, SOURCE_QDISC,
		     word_behind(block->command->words, block->command->count, "dev").length ? link : block->netns);
	if (!qdisc_is_told(kind, class))
		return true;
	block->object = qdisc_object(&context, &header, class, kind, false);
	if (!block->object)
		return false;
	if (class)
		set_parent(block, &context, &header, kind);
	add_options(block, words, count);
	return true;
}

/* ---- numbers ---- */

const struct qdisc_counters *tc_counters_of(const struct object *object)
{
	return qdisc_counters_of(object_text(object, LABEL_KIND), is_class(object));
}

/* Without what stands around it: "(dropped", "213,", "0)". */
static struct slice bare(struct slice word)
{
	while (word.length && strchr("(,", word.data[0])) {
		word.data++;
		word.length--;
	}
	while (word.length && strchr("),;:", word.data[word.length - 1]))
		word.length--;
	return word;
}

bool tc_number_beside(const struct slice *words, size_t count, const char *word, bool before, uint64_t *ret)
{
	for (size_t i = 0; i < count; i++) {
		if (!slice_is(bare(words[i]), word))
			continue;
		if (before ? i == 0 : i + 1 == count)
			return false;
		return !parse_u64(bare(words[before ? i - 1 : i + 1]), ret);
	}
	return false;
}

/* " Sent 195450545 bytes 2252952 pkt (dropped 213, overlimits 65672 requeues 0)" */
static bool take_sent(struct block *block, const struct slice *words, size_t count)
{
	const struct qdisc_counters *counters;
	uint64_t value;

	if (!tc_number_beside(words, count, "bytes", true, &value))
		return false;
	if (!block->object)
		return true;
	counters = tc_counters_of(block->object);
	block_add(block, counters->bytes, block->object, value);
	if (tc_number_beside(words, count, "pkt", true, &value) || tc_number_beside(words, count, "pkts", true, &value))
		block_add(block, counters->packets, block->object, value);
	if (tc_number_beside(words, count, "dropped", false, &value))
		block_add(block, counters->drops, block->object, value);
	if (tc_number_beside(words, count, "overlimits", false, &value))
		block_add(block, counters->overlimits, block->object, value);
	block->number = tc_number_beside(words, count, "requeues", false, &value);
	if (block->number)
		block_add(block, counters->requeues, block->object, value);
	return true;
}

/* " backlog 8003b 6p requeues 0", also behind " rate 0bit 0pps"; old ones leave out what is 0. */
static bool take_backlog(struct block *block, const struct slice *words, size_t count)
{
	const struct qdisc_counters *counters = block->object ? tc_counters_of(block->object) : NULL;
	size_t at = 0;
	uint64_t value;

	while (at < count && !slice_is(words[at], "backlog"))
		at++;
	for (at++; counters && at < count; at++) {
		if (amount(words[at], bytes, &value))
			block_add(block, counters->backlog_bytes, block->object, value);
		else if (words[at].data[words[at].length - 1] == 'p' && amount(words[at], packets, &value))
			block_add(block, counters->backlog_packets, block->object, value);
		else
			break;
	}
	if (counters && !block->number && tc_number_beside(words, count, "requeues", false, &value))
		block_add(block, counters->requeues, block->object, value);
	return true;
}

/* What kinds count in their own words, in the line that has another word of theirs. */
static const struct extended {
	const char *kind, *line, *word;
	bool omitted; /* left out when it is 0 */
	counter_id counter;
} extended[] = {
	{ "fq_codel", "maxpacket", "drop_overlimit", false, C_QDISC_DROP_OVERLIMIT },
	{ "fq_codel", "maxpacket", "drop_overmemory", true, C_QDISC_DROP_OVERMEMORY },
	{ "fq_codel", "maxpacket", "ecn_mark", false, C_QDISC_ECN_MARKS },
	{ "codel", "maxpacket", "drop_overlimit", false, C_QDISC_DROP_OVERLIMIT },
	{ "codel", "maxpacket", "ecn_mark", false, C_QDISC_ECN_MARKS },
	{ "fq", "gc", "throttled", false, C_QDISC_THROTTLED },
	{ "fq", "gc", "flows_plimit", true, C_QDISC_FLOWS_PLIMIT },
	{ "fq", "horizon_drops", "horizon_drops", false, C_QDISC_HORIZON_DROPS },
	{ "red", "marked", "early", false, C_QDISC_EARLY_DROPS },
	{ "red", "marked", "pdrop", false, C_QDISC_DROP_OVERLIMIT },
	{ "red", "marked", "marked", false, C_QDISC_ECN_MARKS },
	{ "choke", "marked", "early", false, C_QDISC_EARLY_DROPS },
	{ "choke", "marked", "pdrop", false, C_QDISC_DROP_OVERLIMIT },
	{ "choke", "marked", "marked", false, C_QDISC_ECN_MARKS },
	{ "pie", "pkts_in", "dropped", false, C_QDISC_EARLY_DROPS },
	{ "pie", "pkts_in", "overlimit", false, C_QDISC_DROP_OVERLIMIT },
	{ "pie", "pkts_in", "ecn_mark", false, C_QDISC_ECN_MARKS },
	{ "fq_pie", "pkts_in", "dropped", false, C_QDISC_EARLY_DROPS },
	{ "fq_pie", "pkts_in", "overlimit", false, C_QDISC_DROP_OVERLIMIT },
	{ "fq_pie", "pkts_in", "overmemory", false, C_QDISC_DROP_OVERMEMORY },
	{ "fq_pie", "pkts_in", "ecn_mark", false, C_QDISC_ECN_MARKS },
};

counter_id tc_extended_counter(const struct object *object, const char *word)
{
	const char *kind = object_text(object, LABEL_KIND);

	for (size_t i = 0; i < ARRAY_SIZE(extended); i++) {
		if (strcmp(extended[i].kind, kind) == 0 && strcmp(extended[i].word, word) == 0)
			return extended[i].counter;
	}
	return COUNTER_NONE;
}

static bool has_word(const struct slice *words, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++) {
		if (slice_is(bare(words[i]), word))
			return true;
	}
	return false;
}

static bool take_extended(struct block *block, const struct slice *words, size_t count)
{
	const char *kind = object_text(block->object, LABEL_KIND);
	/* "0 gc, 0 highprio, 12 throttled" or "gc 0 highprio 0 throttled 12" */
	bool before = isdigit((unsigned char)words[0].data[0]), taken = false;

	for (size_t i = 0; i < ARRAY_SIZE(extended); i++) {
		const struct extended *row = &extended[i];
		uint64_t value = 0;

		if (strcmp(row->kind, kind) != 0 || !has_word(words, count, row->line))
			continue;
		taken = true;
		if (tc_number_beside(words, count, row->word, before, &value) || row->omitted)
			block_add(block, row->counter, block->object, value);
	}
	return taken;
}

/* Lines without a number that is wanted, by their first words. */
static bool is_passed_over(const struct block *block, const struct slice *words, size_t count)
{
	static const char *const firsts[] = {
		"new_flows_len", "flows",     "memory",	 "capacity",	   "count",    "ldelay",
		"prob",		 "lended",    "lended:", "tokens:",	   "period",   "work",
		"level",	 "Time",      "---",	 "new_flow_count", "allot",    "drop_overlimit",
		"direct",	 "maxpacket", "marked",	 "pkts_in",	   "deferred", "band0_pkts",
		"too",		 "offloaded",
	};

	if (block->object && strcmp(object_text(block->object, LABEL_KIND), "cake") == 0)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(firsts); i++) {
		if (slice_is(words[0], firsts[i]) || slice_is(bare(words[0]), firsts[i]))
			return true;
	}
	return count > 1 && isdigit((unsigned char)words[0].data[0]) && slice_is(words[1], "flows");
}

bool tc_take(struct block *block, struct slice line)
{
	struct slice words[TC_WORDS_MAX];
	size_t count = line_words(line, words, ARRAY_SIZE(words));

	if (!count)
		return true;
	if (tc_is_heading(words, count, "qdisc") || tc_is_heading(words, count, "class"))
		return tc_take_heading(block, words, count);
	if (slice_is(words[0], "Sent"))
		return take_sent(block, words, count);
	if (slice_is(words[0], "backlog") || (slice_is(words[0], "rate") && has_word(words, count, "backlog")))
		return take_backlog(block, words, count);
	return (block->object && take_extended(block, words, count)) || is_passed_over(block, words, count);
}

/* ---- what lies above what ---- */

static uint32_t handle_in(const struct object *object)
{
	return (uint32_t)object->key.b;
}

/* A qdisc's place is in its key, a class's is the class set by set_parent(). */
static uint32_t parent_in(const struct objects *objects, const struct object *object)
{
	if (!is_class(object))
		return (uint32_t)(object->key.b >> 32);
	return object->parent ? handle_in(object_get(objects, object->parent)) : TC_H_ROOT;
}

void ticket_relate_qdiscs(struct objects *objects)
{
	struct qdisc_tree tree = { 0 };
	struct object *object;
	uint32_t id;

	each_object(objects, id, object) {
		struct qdisc_node *node = NULL;

		if (object->key.kind == OBJECT_QDISC || object->key.kind == OBJECT_CLASS)
			node = vec_add(&tree.nodes, QDISC_NODES_MAX);
		/* Devices of different namespaces may share their number here. */
		if (node)
			*node = (struct qdisc_node){ object, object->link, handle_in(object),
						     parent_in(objects, object), false };
	}
	qdisc_relate(&tree);
	vec_free(&tree.nodes);
}

static bool shows(const struct ticket_command *command, char first)
{
	for (size_t i = 1; command_runs(command, "tc") && i < command->count; i++) {
		if (command->words[i].data[0] != '-')
			return command->words[i].data[0] == first;
	}
	return false;
}

static bool json_made_by(const struct ticket_command *command)
{
	return (shows(command, 'q') || shows(command, 'c')) &&
	       (command_has(command, "-j") || command_has(command, "-json"));
}

static bool qdisc_made_by(const struct ticket_command *command)
{
	return shows(command, 'q');
}

static bool class_made_by(const struct ticket_command *command)
{
	return shows(command, 'c');
}

const struct ticket_format ticket_formats_tc[] = {
	{ "tc -s -j qdisc", .made_by = json_made_by, .begins = tc_json_begins, .take = tc_json_take,
	  .end = tc_json_end },
	{ "tc -s qdisc", .made_by = qdisc_made_by, .begins = qdisc_begins, .take = tc_take, .every_line = true },
	{ "tc -s class", .made_by = class_made_by, .begins = class_begins, .take = tc_take, .every_line = true },
	{ 0 },
};
