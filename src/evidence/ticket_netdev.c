/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices as /proc/net/dev tells of them, itself or through ifconfig, netstat -i and sar. The file has sums where the
 * kernel has several counters (net/core/net-procfs.c: dev_seq_printf_stats): received "drop" is rx_dropped and
 * rx_missed_errors, "frame" the errors of length, overrun, checksum and framing, sent "carrier" those of carrier,
 * abort, window and heartbeat. The sums are read as the first of each, "frame" for what looks like a network card
 * only; where an output tells them apart, that one is taken (sums in struct ticket_format).
 */
#include "evidence/ticket_device.h"

#include "base/alloc.h"

#include <ctype.h>
#include <string.h>

/* A number of one device. */
static void add(struct block *block, struct object *link, counter_id counter, uint64_t value)
{
	if (counter == C_LINK_RX_FRAME_ERRORS && strcmp(object_text(link, LABEL_KIND), "ether") != 0)
		return;
	block_add(block, counter, link, value);
}

/* The device of a line; what is told of it is of the link source. */
static struct object *device(struct block *block, struct slice name)
{
	struct object *link = block_link(block, name);

	device_guess_kind(link);
	block_covers(block, SOURCE_LINK, block->netns);
	return link;
}

static bool all_numbers(const struct slice *words, size_t count, uint64_t *values)
{
	for (size_t i = 0; i < count; i++) {
		if (parse_u64(words[i], &values[i]))
			return false;
	}
	return true;
}

/* ---- /proc/net/dev ---- */

static const struct named_counter file_received[] = {
	{ "bytes", C_LINK_RX_BYTES },	   { "packets", C_LINK_RX_PACKETS },
	{ "errs", C_LINK_RX_ERRORS },	   { "drop", C_LINK_RX_DROPPED },
	{ "fifo", C_LINK_RX_FIFO_ERRORS }, { "frame", C_LINK_RX_FRAME_ERRORS },
	{ "multicast", C_LINK_MULTICAST }, { 0 },
};

static const struct named_counter file_sent[] = {
	{ "bytes", C_LINK_TX_BYTES },
	{ "packets", C_LINK_TX_PACKETS },
	{ "errs", C_LINK_TX_ERRORS },
	{ "drop", C_LINK_TX_DROPPED },
	{ "fifo", C_LINK_TX_FIFO_ERRORS },
	{ "colls", C_LINK_COLLISIONS },
	{ "carrier", C_LINK_TX_CARRIER_ERRORS },
	{ 0 },
};

#define FILE_HEADING                                                                                                \
	"face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier " \
	"compressed"

static bool file_made_by(const struct ticket_command *command)
{
	return command_shows(command, "net/dev");
}

static bool file_begins(struct slice line)
{
	return slice_starts(line, "Inter-|");
}

/* " face |bytes packets …|bytes packets …" */
static bool take_file_heading(struct block *block, struct slice line)
{
	struct cursor cursor = cursor_of(line.data, line.length);
	struct slice part;

	if (!cursor_until(&cursor, '|', &part))
		return false;
	block->columns = 0;
	for (const struct named_counter *columns = file_received; columns;
	     columns = columns == file_received ? file_sent : NULL) {
		struct slice words[BLOCK_COLUMNS_MAX / 2];
		size_t count;

		if (!cursor_until(&cursor, '|', &part)) {
			part = cursor.rest;
			cursor.rest.length = 0;
		}
		count = line_words(part, words, ARRAY_SIZE(words));
		for (size_t i = 0; i < count; i++)
			block->counters[block->columns++] = counter_named(columns, words[i]);
	}
	return block->columns > 0;
}

static bool file_take(struct block *block, struct slice line)
{
	struct slice trimmed = slice_trim(line), words[BLOCK_COLUMNS_MAX], name;
	struct cursor cursor = cursor_of(trimmed.data, trimmed.length);
	uint64_t values[BLOCK_COLUMNS_MAX];
	struct object *link;
	size_t count;

	if (!trimmed.length || file_begins(trimmed))
		return true;
	if (slice_starts(trimmed, "face"))
		return take_file_heading(block, trimmed);
	if (!block->columns)
		(void)take_file_heading(block, slice_of(FILE_HEADING)); /* grep left it out */
	if (!cursor_until(&cursor, ':', &name) || !name.length)
		return false;
	count = line_words(cursor.rest, words, ARRAY_SIZE(words));
	if (count != block->columns || !all_numbers(words, count, values))
		return false;
	link = device(block, name);
	for (size_t i = 0; i < count; i++)
		add(block, link, block->counters[i], values[i]);
	return true;
}

/* ---- netstat -i ---- */

static const struct named_counter table_columns[] = {
	{ "MTU", C_LINK_MTU },
	{ "RX-OK", C_LINK_RX_PACKETS },
	{ "RX-ERR", C_LINK_RX_ERRORS },
	{ "RX-DRP", C_LINK_RX_DROPPED },
	{ "RX-OVR", C_LINK_RX_FIFO_ERRORS },
	{ "TX-OK", C_LINK_TX_PACKETS },
	{ "TX-ERR", C_LINK_TX_ERRORS },
	{ "TX-DRP", C_LINK_TX_DROPPED },
	{ "TX-OVR", C_LINK_TX_FIFO_ERRORS },
	{ 0 },
};

static bool table_made_by(const struct ticket_command *command)
{
	return command_runs(command, "netstat") && (command_has(command, "-i") || command_has(command, "--interfaces"));
}

static bool table_begins(struct slice line)
{
	struct slice words[3];

	return slice_starts(line, "Kernel Interface table") ||
	       (line_words(line, words, ARRAY_SIZE(words)) == 3 && slice_is(words[0], "Iface") &&
		slice_is(words[1], "MTU"));
}

static bool table_take(struct block *block, struct slice line)
{
	struct slice words[BLOCK_COLUMNS_MAX];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	uint64_t values[BLOCK_COLUMNS_MAX];
	struct object *link;

	if (!count || slice_starts(line, "Kernel Interface table") ||
	    (!block->columns && !slice_is(words[0], "Iface") && !line_has_digit(line)))
		return true;
	if (slice_is(words[0], "Iface")) {
		block->columns = count;
		for (size_t i = 0; i < count; i++)
			block->counters[i] = counter_named(table_columns, words[i]);
		return true;
	}
	/* The last column is letters; addresses of a device have no numbers. */
	if (count != block->columns || count < 3 || !all_numbers(words + 1, count - 2, values))
		return line_has(line, "- no statistics available -");
	link = device(block, words[0]);
	for (size_t i = 1; i + 1 < count; i++)
		add(block, link, block->counters[i], values[i - 1]);
	return true;
}

/* ---- ifconfig ---- */

static const struct named_counter config_received[] = {
	{ "packets", C_LINK_RX_PACKETS },
	{ "bytes", C_LINK_RX_BYTES },
	{ "errors", C_LINK_RX_ERRORS },
	{ "dropped", C_LINK_RX_DROPPED },
	{ "overruns", C_LINK_RX_FIFO_ERRORS },
	{ "frame", C_LINK_RX_FRAME_ERRORS },
	{ 0 },
};

static const struct named_counter config_sent[] = {
	{ "packets", C_LINK_TX_PACKETS },      { "bytes", C_LINK_TX_BYTES },
	{ "errors", C_LINK_TX_ERRORS },	       { "dropped", C_LINK_TX_DROPPED },
	{ "overruns", C_LINK_TX_FIFO_ERRORS }, { "carrier", C_LINK_TX_CARRIER_ERRORS },
	{ "collisions", C_LINK_COLLISIONS },   { 0 },
};

/*
 * In other languages the order is the same (net-tools, lib/interface.c): of each device the numbers of what was received, then
 * of what was sent, then collisions, then bytes.
 */
static const struct {
	size_t count;
	counter_id counters[5];
} in_order[] = {
	{ 5,
	  { C_LINK_RX_PACKETS, C_LINK_RX_ERRORS, C_LINK_RX_DROPPED, C_LINK_RX_FIFO_ERRORS, C_LINK_RX_FRAME_ERRORS } },
	{ 5,
	  { C_LINK_TX_PACKETS, C_LINK_TX_ERRORS, C_LINK_TX_DROPPED, C_LINK_TX_FIFO_ERRORS, C_LINK_TX_CARRIER_ERRORS } },
	{ 1, { C_LINK_COLLISIONS } },
	{ 2, { C_LINK_RX_BYTES, C_LINK_TX_BYTES } },
};
enum { LINE_RECEIVED, LINE_SENT, LINE_COLLISIONS, LINE_BYTES, LINE_OTHER };

static bool config_made_by(const struct ticket_command *command)
{
	return command_runs(command, "ifconfig");
}

/* "eth0: flags=4163<UP,…>  mtu 1500", "eth0      Link encap:Ethernet  HWaddr …" */
static bool config_begins(struct slice line)
{
	struct slice words[3];
	size_t count = line_words(line, words, ARRAY_SIZE(words));

	if (count < 2 || words[0].data != line.data)
		return false;
	return (words[0].data[words[0].length - 1] == ':' && slice_starts(words[1], "flags=") &&
		memchr(words[1].data, '<', words[1].length)) ||
	       (count == 3 && slice_is(words[1], "Link") && slice_starts(words[2], "encap:"));
}

/* How net-tools calls what a device is, in its languages: "eth0      Protokoll:Ethernet  …" */
static bool is_foreign_heading(struct slice line)
{
	static const char *const words[] = { "encap:",	      "Protokoll:",  "Encapsulamento do Link:",
					     "Länkkapsling:", "リンク方法:", "Zapouzdření:",
					     "Vezi encap:",   "链路封装:" };

	if (!line.length || isspace((unsigned char)line.data[0]) || slice_starts(line, "RX ") ||
	    slice_starts(line, "TX "))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (line_has(line, words[i]))
			return true;
	}
	return false;
}

static bool config_starts(struct slice line)
{
	return config_begins(line) || is_foreign_heading(line);
}

/* Numbers that stand right behind a colon and end a word; how many. */
static size_t numbers_behind_colons(struct slice line, uint64_t *values, size_t max)
{
	struct cursor cursor = cursor_of(line.data, line.length);
	struct slice word;
	size_t count = 0;

	while (count < max && cursor_word(&cursor, &word)) {
		const char *colon = memrchr(word.data, ':', word.length);

		if (colon && !parse_u64((struct slice){ colon + 1, word.length - (size_t)(colon + 1 - word.data) },
					&values[count]))
			count++;
	}
	return count;
}

/* By its shape, and for the pairs of numbers by what stands above. */
static unsigned int foreign_line(const struct block *block, struct slice line, size_t numbers)
{
	if (numbers == 5 && !block->command->filtered && block->state <= LINE_SENT)
		return block->state;
	if (numbers == 2 && line_has(line, " ("))
		return LINE_BYTES;
	return numbers == 2 && block->state == LINE_COLLISIONS ? LINE_COLLISIONS : LINE_OTHER;
}

/* Numbers of a device in another language; of other lines those with a label tell addresses and interrupts. */
static bool take_foreign(struct block *block, struct slice line)
{
	uint64_t values[6] = { 0 };
	size_t count = numbers_behind_colons(line, values, ARRAY_SIZE(values));
	unsigned int place = foreign_line(block, line, count);

	block->foreign |= count > 1;
	if (place == LINE_OTHER)
		return count < 2 && memchr(line.data, ':', line.length);
	device_guess_kind(block->object);
	block_covers(block, SOURCE_LINK, block->netns);
	for (size_t i = 0; i < in_order[place].count; i++)
		add(block, block->object, in_order[place].counters[i], values[i]);
	block->state = place + 1;
	return true;
}

static bool add_mtu(struct block *block, struct slice line, const char *word)
{
	uint64_t value;

	if (number_behind(line, word, &value))
		block_add(block, C_LINK_MTU, block->object, value);
	return true;
}

static bool take_config_device(struct block *block, struct slice line)
{
	struct slice words[3];
	size_t count = line_words(line, words, ARRAY_SIZE(words));

	/* An alias, "eth0:1", has an address and no numbers. */
	block->object = count ? block_link(block, words[0]) : NULL;
	block->state = LINE_RECEIVED;
	if (count > 1 && slice_starts(words[1], "flags=")) {
		bool up = line_has(words[1], "<UP,") || line_has(words[1], ",UP,") || line_has(words[1], "<UP>");

		block_add(block, C_LINK_FLAGS_UP, block->object, up);
		return add_mtu(block, line, "mtu");
	}
	return true;
}

/* "RX errors 9  dropped 84 …", "RX packets:539 errors:9 …": how many numbers were found. */
static size_t add_config_numbers(struct block *block, struct slice part, const struct named_counter *columns)
{
	size_t found = 0;

	for (; columns->name; columns++) {
		uint64_t value;

		if (!number_behind(part, columns->name, &value))
			continue;
		add(block, block->object, columns->counter, value);
		found++;
	}
	return found;
}

/* A line of numbers; "RX bytes:1 (1.0 B)  TX bytes:2 (2.0 B)" has both directions. */
static bool take_config_numbers(struct block *block, struct slice line)
{
	const char *both = memmem(line.data, line.length, "TX bytes:", 9);
	struct slice first = line;

	device_guess_kind(block->object);
	block_covers(block, SOURCE_LINK, block->netns);
	if (!slice_starts(line, "RX"))
		return add_config_numbers(block, line, config_sent) > 0;
	if (!both)
		return add_config_numbers(block, line, config_received) > 0;
	first.length = (size_t)(both - line.data);
	return add_config_numbers(block, first, config_received) > 0 &&
	       add_config_numbers(block, (struct slice){ both, line.length - first.length }, config_sent) > 0;
}

static bool is_english_numbers(struct slice line)
{
	return slice_starts(line, "RX ") || slice_starts(line, "TX ") || slice_starts(line, "collisions:");
}

static bool config_take(struct block *block, struct slice line)
{
	static const char *const others[] = { "inet",	   "ether ", "unspec", "loop ",	 "device ",   "infiniband",
					      "Interrupt", "Memory", "sit ",   "tunnel", "prefixlen", "Base address" };
	struct slice trimmed = slice_trim(line);

	if (config_starts(line)) {
		block->foreign |= !config_begins(line);
		return take_config_device(block, line);
	}
	if (!trimmed.length)
		return true;
	if (!block->object) {
		block->object = block_link_of_command(block);
		if (!block->object)
			return false;
	}
	if (is_english_numbers(trimmed) && take_config_numbers(block, trimmed)) {
		block->state = slice_starts(trimmed, "RX ")   ? LINE_SENT
			       : slice_starts(trimmed, "TX ") ? LINE_COLLISIONS
							      : LINE_BYTES;
		return true;
	}
	if (line_has(trimmed, "MTU:"))
		return add_mtu(block, trimmed, "MTU");
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (slice_starts(trimmed, others[i]))
			return true;
	}
	return trimmed.data != line.data && take_foreign(block, trimmed);
}

const struct ticket_format ticket_formats_netdev[] = {
	{ "/proc/net/dev", .made_by = file_made_by, .begins = file_begins, .take = file_take, .sums = true },
	{ "netstat -i", .made_by = table_made_by, .begins = table_begins, .take = table_take, .every_line = true,
	  .sums = true },
	{ "ifconfig", .made_by = config_made_by, .begins = config_starts, .take = config_take, .every_line = true,
	  .sums = true },
	{ 0 },
};
