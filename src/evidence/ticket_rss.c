/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Over how many receive queues a device spreads what arrives: the indirection table of `ethtool -x`. */
#include "evidence/ticket_device.h"

#include "base/alloc.h"

#include <string.h>

#define HEADING "RX flow hash indirection table for "
#define QUEUES_MAX 4096
#define ROW_WORDS_MAX 64

static bool made_by(const struct ticket_command *command)
{
	static const char *const options[] = { "-x", "--show-rxfh", "--show-rxfh-indir", "--show-nfc-indir" };

	for (size_t i = 0; command_runs(command, "ethtool") && i < ARRAY_SIZE(options); i++) {
		if (command_has(command, options[i]))
			return true;
	}
	return false;
}

static bool begins(struct slice line)
{
	return slice_starts(line, HEADING);
}

/* block->text has a byte for each queue that the table leads to, block->number counts them. */
static void end(struct block *block)
{
	if (block->object && block->number)
		block_add(block, C_ETHNL_RSS_QUEUES, block->object, block->number);
	text_clear(&block->text);
	block->number = 0;
}

static void take_queue(struct block *block, uint64_t queue)
{
	if (queue >= QUEUES_MAX)
		return;
	while (block->text.length <= queue)
		text_add_bytes(&block->text, "-", 1);
	block->number += block->text.data[queue] == '-';
	block->text.data[queue] = 'x';
}

/* "    8:      0     1     2     3": where hashes from 8 on lead. */
static bool take_row(struct block *block, struct slice line)
{
	struct slice words[ROW_WORDS_MAX];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	uint64_t first, queues[ROW_WORDS_MAX];

	if (count < 2 || words[0].length < 2 || words[0].data[words[0].length - 1] != ':')
		return false;
	words[0].length--;
	if (parse_u64(words[0], &first))
		return false;
	for (size_t i = 1; i < count; i++) {
		if (parse_u64(words[i], &queues[i]))
			return false;
	}
	for (size_t i = 1; i < count; i++)
		take_queue(block, queues[i]);
	return true;
}

/* The key of the hash and its function decide nothing by themselves; a driver may lack the table. */
static bool take(struct block *block, struct slice line)
{
	struct slice name = line, words[2];

	if (begins(line)) {
		end(block);
		name.data += strlen(HEADING);
		name.length -= strlen(HEADING);
		if (!line_words(name, words, 1))
			return false;
		block->object = block_link(block, words[0]);
		device_guess_kind(block->object);
		block->state = true;
		return true;
	}
	line = slice_trim(line);
	if (slice_starts(line, "RSS hash"))
		block->state = false;
	if (block->state && block->object && take_row(block, line))
		return true;
	return !line.length || (block->object && !block->state) || slice_is(line, "Operation not supported") ||
	       slice_starts(line, "Cannot get RX ring count: Operation not supported");
}

const struct ticket_format ticket_formats_rss[] = {
	{ "ethtool -x", .made_by = made_by, .begins = begins, .take = take, .end = end },
	{ 0 },
};
