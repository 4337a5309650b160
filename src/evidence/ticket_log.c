/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel log as dmesg, journalctl and the files below /var/log show it. What its lines say is source/kernel_log.c's
 * business; here their stamps are taken off. A whole log that does not say something says that it was not there; some lines
 * that somebody picked say nothing of the others.
 */
#include "evidence/ticket_parts.h"

#include "source/kernel_log.h"

#include "base/alloc.h"

#include <ctype.h>
#include <string.h>
#include <sys/socket.h>

#define STAMP_WITHIN 48		 /* bytes of "[Fri Nov 20 10:00:00 2026]", "[12345.678901 <    0.000001>]" */
#define NO_QUEUE UINT64_C(65536) /* the lines do not say which; none has that number */
#define HEAD_WITHIN 120		 /* of "Nov 20 10:00:00 host kernel:" */

static struct slice skip(struct slice text, size_t bytes)
{
	return (struct slice){ text.data + bytes, text.length - bytes };
}

/* ---- stamps ---- */

/*
 * "[12345.678]", "[Fri Nov 20 10:00:00 2026]", "[  +0.000003]", "[Nov20 10:00]": how long it is; 0: it is none. The
 * counters of iptables-save, "[9:900]", are none.
 */
static size_t bracket_length(struct slice line)
{
	bool digit = false, point = false, clock = false, letter = false;

	for (size_t i = 1; i < line.length && i < STAMP_WITHIN && line.data[0] == '['; i++) {
		char c = line.data[i];

		if (c == ']')
			return digit && (point || (clock && letter)) && i + 1 < line.length ? i + 1 : 0;
		if (!isalnum((unsigned char)c) && !strchr(" .:<>+", c))
			return 0;
		point |= c == '.' && isdigit((unsigned char)line.data[i - 1]);
		clock |= c == ':' && isdigit((unsigned char)line.data[i - 1]);
		letter |= isalpha((unsigned char)c) != 0;
		digit |= isdigit((unsigned char)c) != 0;
	}
	return 0;
}

/* "[ T123]": which task or CPU it was said on (printk.caller). */
static size_t caller_length(struct slice line)
{
	const char *end =
		line.length && line.data[0] == '[' ? memchr(line.data, ']', line.length < 12 ? line.length : 12) : NULL;

	return end && line_has((struct slice){ line.data, (size_t)(end - line.data) }, " ")
		       ? (size_t)(end - line.data) + 1
		       : 0;
}

/* "10:00:00" */
static bool is_clock(struct slice word)
{
	return word.length >= 8 && word.data[2] == ':' && word.data[5] == ':' && isdigit((unsigned char)word.data[0]) &&
	       isdigit((unsigned char)word.data[7]);
}

/* "2026-11-20T10:00:00+0000" */
static bool is_iso_time(struct slice word)
{
	return word.length >= 19 && word.data[4] == '-' && word.data[7] == '-' && word.data[10] == 'T' &&
	       is_clock(skip(word, 11));
}

/* How many words of a line are the time before the host's name, as syslog and journalctl write it; 0: none. */
static size_t time_words(struct slice line)
{
	struct slice words[5];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	uint64_t day;

	if (count < 3 || isspace((unsigned char)line.data[0]))
		return 0;
	if (is_iso_time(words[0]))
		return 1;
	if (count > 4 && words[0].length == 3 && isupper((unsigned char)words[0].data[0]) &&
	    !parse_u64(words[1], &day) && is_clock(words[2]))
		return 3; /* "Nov 20 10:00:00" */
	if (count > 4 && words[0].length == 3 && words[1].length == 10 && words[1].data[4] == '-' && is_clock(words[2]))
		return 4; /* "Fri 2026-11-20 10:00:00 UTC" */
	return 0;
}

/* Behind "kernel:" of a line of all programs' log; false when another program wrote it. */
static bool behind_kernel(struct slice line, struct slice *ret)
{
	static const char tag[] = " kernel:";
	size_t within = line.length < HEAD_WITHIN ? line.length : HEAD_WITHIN;
	const char *found = within ? memmem(line.data, within, tag, sizeof(tag) - 1) : NULL;

	if (!found)
		return false;
	*ret = slice_trim(skip(line, (size_t)(found - line.data) + sizeof(tag) - 1));
	return true;
}

/* "<4>", "kern  :warn  : " */
static struct slice without_priority(struct slice line)
{
	const char *colon;

	if (line.length > 3 && line.data[0] == '<' && isdigit((unsigned char)line.data[1])) {
		const char *end = memchr(line.data, '>', line.length < 5 ? line.length : 5);

		return end ? skip(line, (size_t)(end - line.data) + 1) : line;
	}
	if (!slice_starts(line, "kern ") || !(colon = memchr(line.data, ':', line.length)))
		return line;
	line = skip(line, (size_t)(colon - line.data) + 1);
	colon = memchr(line.data, ':', line.length < 10 ? line.length : 10);
	return colon ? slice_trim(skip(line, (size_t)(colon - line.data) + 1)) : line;
}

static struct slice without_bracket(struct slice line)
{
	line = skip(line, bracket_length(line));
	return slice_trim(skip(line, caller_length(line)));
}

enum stamp { STAMP_NONE, STAMP_KERNEL, STAMP_PROGRAM };

/* *ret: what the line says, without its stamp. */
static enum stamp stamp_of(struct slice line, struct slice *ret)
{
	size_t words;

	line = without_priority(line);
	*ret = line;
	if (bracket_length(line)) {
		*ret = without_bracket(line);
		(void)behind_kernel(*ret, ret);
		return STAMP_KERNEL;
	}
	words = time_words(line);
	if (!words)
		return STAMP_NONE;
	if (!behind_kernel(line, ret))
		return STAMP_PROGRAM;
	*ret = without_bracket(*ret);
	return STAMP_KERNEL;
}

/* ---- which log ---- */

static bool is_log_file(struct slice word)
{
	static const char *const files[] = { "messages", "syslog", "kern.log", "dmesg" };

	for (size_t i = 0; line_has(word, "/") && i < ARRAY_SIZE(files); i++) {
		if (line_has(word, files[i]))
			return true;
	}
	return false;
}

static bool shows_log_file(const struct ticket_command *command)
{
	for (size_t i = 1; i < command->count; i++) {
		if (is_log_file(command->words[i]))
			return true;
	}
	return false;
}

static bool log_made_by(const struct ticket_command *command)
{
	return command_runs(command, "dmesg") || command_runs(command, "journalctl") || shows_log_file(command);
}

/* Whether the output has all that the kernel said, so that what is not in it was not said. */
static bool is_whole(const struct ticket_command *command)
{
	static const char *const picking[] = { "-l",	 "--level", "-f", "--facility", "-g",
					       "--grep", "-n",	    "-p", "-u",		"-t" };

	if (command->filtered || !(command_runs(command, "dmesg") || command_runs(command, "journalctl") ||
				   (command_runs(command, "cat") && shows_log_file(command))))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(picking); i++) {
		/* dmesg's -t and -u only change or keep what is there. */
		if (command_has(command, picking[i]) && (command_runs(command, "journalctl") || i < 4))
			return false;
	}
	return true;
}

/* A line without a stamp begins a log only when it is one of those that are looked for, as the kernel begins them. */
static bool is_bare_message(struct slice line)
{
	struct kernel_log_message message;
	struct slice word;

	if (!line.length || isspace((unsigned char)line.data[0]) || line.length > 400 || !line_words(line, &word, 1) ||
	    word.length < 3 || !isalpha((unsigned char)word.data[0]))
		return false;
	return (word.data[word.length - 1] == ':' || slice_is(word, "Neighbour") || slice_is(word, "NETDEV")) &&
	       kernel_log_message(line, &message);
}

static bool log_begins(struct slice line)
{
	struct slice rest;

	return stamp_of(line, &rest) != STAMP_NONE || is_bare_message(line);
}

/* ---- what it says ---- */

/* What the names of devices begin with, and what may follow. */
static bool begins_as_device(struct slice word)
{
#define DIGITS "0123456789"
	static const struct {
		const char *prefix, *then;
	} kinds[] = {
		{ "eth", DIGITS }, { "en", "opsxP" },  { "em", DIGITS }, { "wl", "aopsx" },    { "bond", DIGITS },
		{ "p", DIGITS },   { "team", DIGITS }, { "ib", DIGITS }, { "br", DIGITS "-" }, { "virbr", DIGITS },
	};
#undef DIGITS

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		size_t length = strlen(kinds[i].prefix);

		if (word.length > length && slice_starts(word, kinds[i].prefix) &&
		    strchr(kinds[i].then, word.data[length]))
			return true;
	}
	return false;
}

/* "eth0", "ens3f1np0", "bond0.100" */
static bool looks_like_device(struct slice word)
{
	if (!word.length || word.length > 15 || !isdigit((unsigned char)word.data[word.length - 1]))
		return false;
	for (size_t i = 0; i < word.length; i++) {
		if (!isalnum((unsigned char)word.data[i]) && !strchr("-_.", word.data[i]))
			return false;
	}
	return begins_as_device(word);
}

/* One that another output of the ticket told of: as block_link() made it. */
static bool is_known_device(const struct block *block, struct slice word)
{
	CLEANUP_FREE char *name = mem_strndup(word.data, word.length);
	struct object_key key = { OBJECT_LINK, block->netns->key.netns, object_hash(name) & INT32_MAX, 0 };

	return object_find(block->objects, key) != NULL;
}

#define DEVICES_MAX 200 /* of which a log is believed to speak */

/* The device that a message names, or NULL. */
static struct object *device_named(struct block *block, struct slice message)
{
	struct cursor words = cursor_of(message.data, message.length);
	struct slice word;

	while (block->snapshot.samples.count < DEVICES_MAX && cursor_word(&words, &word)) {
		word = kernel_log_word(word);
		if (looks_like_device(word) || (word.length && is_known_device(block, word)))
			return block_link(block, word);
	}
	return NULL;
}

/* "nf_queue: full at 1024 entries, dropping packets(s). Dropped: 18600": in all, since the queue was made. */
static void take_dropped(struct block *block, struct slice message)
{
	uint64_t dropped;

	if (number_behind(message, "Dropped", &dropped) && dropped > block->number)
		block->number = dropped;
}

/* The things that messages are about beside devices: what tells of them alone needs them. */
static void name_things(struct block *block, counter_id counter, struct slice line)
{
	bool v6 = line_has(line, "ndisc_cache");
	struct object *object;

	if (counter == C_KERNEL_LOG_NEIGHBOUR_OVERFLOW) {
		object = object_intern(block->objects,
				       (struct object_key){ OBJECT_NEIGHBOUR_TABLE, 0, v6 ? AF_INET6 : AF_INET, 0 },
				       NULL);
		if (object)
			object_label(object, LABEL_NAME, v6 ? "ndisc_cache" : "arp_cache");
	}
	if (counter == C_KERNEL_LOG_NFQUEUE_FULL) {
		object = object_intern(block->objects,
				       (struct object_key){ OBJECT_NFQUEUE, block->netns->key.netns, NO_QUEUE, 0 },
				       NULL);
		if (object)
			object_label(object, LABEL_NAME, "a netfilter queue");
	}
}

static void take_message(struct block *block, struct slice line)
{
	struct kernel_log_message message;
	struct object *device;

	if (!kernel_log_message(line, &message))
		return;
	device = message.of_device ? device_named(block, line) : NULL;
	if (!message.packets || !device)
		block_sum(block, message.counter, block_host(block), message.count);
	if (device)
		block_sum(block, message.counter, device, message.count);
	if (message.counter == C_KERNEL_LOG_NFQUEUE_FULL)
		take_dropped(block, line);
	name_things(block, message.counter, line);
}

static bool log_take(struct block *block, struct slice line)
{
	struct slice message;
	enum stamp stamp = stamp_of(line, &message);

	bool dmesg = command_runs(block->command, "dmesg"); /* nobody else writes there */

	if (!slice_trim(line).length || (stamp == STAMP_PROGRAM && !dmesg) || slice_starts(line, "-- "))
		return true;
	if (stamp == STAMP_NONE && !dmesg && !is_bare_message(line))
		return false;
	take_message(block, message);
	return true;
}

/* ---- the end ---- */

/* Every counter that the log did not mention is 0; those of devices for each device that is known. */
static void add_silence(struct block *block)
{
	counter_id counter;
	bool of_device;

	for (size_t i = 0; (counter = kernel_log_counter(i, &of_device)) != COUNTER_NONE; i++) {
		const struct object *object;
		uint32_t id;

		block_sum(block, counter, block_host(block), 0);
		if (!of_device)
			continue;
		each_object(block->objects, id, object) {
			if (object->key.kind == OBJECT_LINK && object->key.netns == block->netns->key.netns)
				block_sum(block, counter, object, 0);
		}
	}
}

/* What an output before this one said of the same. */
static uint64_t said_before(const struct block *block, const struct sample *sample)
{
	for (size_t r = block->readings->list.count; r > 0; r--) {
		const struct reading *reading = &block->readings->list.data[r - 1];
		const struct sample *other;

		if (reading->format != block->format)
			continue;
		vec_each(&reading->snapshot.samples, other) {
			if (other->counter == sample->counter && other->object == sample->object)
				return other->value;
		}
	}
	return 0;
}

/* Lines that somebody picked here and there are one log: they come on top. What a command shows is the whole so far. */
static void add_up(struct block *block)
{
	struct sample *sample;

	vec_each(&block->snapshot.samples, sample)
		sample->value += said_before(block, sample);
}

static void log_end(struct block *block)
{
	if (!log_made_by(block->command))
		add_up(block);
	if (block->number)
		block_add(block, C_KERNEL_LOG_NFQUEUE_DROPPED, block_host(block), block->number);
	if (is_whole(block->command)) {
		add_silence(block);
		block_covers(block, SOURCE_KERNEL_LOG, block_host(block));
	} else if (block->snapshot.samples.count) {
		snapshot_covered_partly(&block->snapshot, SOURCE_KERNEL_LOG, block_host(block),
					"kernel log: only some of its lines are in the ticket");
	}
}

const struct ticket_format ticket_formats_log[] = {
	{ "kernel log", .made_by = log_made_by, .begins = log_begins, .take = log_take, .end = log_end,
	  .every_line = true },
	{ 0 },
};
