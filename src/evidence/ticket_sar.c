/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices as `sar -n DEV` and `sar -n EDEV` show them: rates per second, one line for each device and interval. Rate
 * times interval is what was counted in it; all intervals of an output are added up. What sar reads is /proc/net/dev
 * with its sums (ticket_netdev.c).
 */
#include "evidence/ticket_device.h"

#include "base/alloc.h"

#include <ctype.h>
#include <string.h>

#define HUNDREDTHS 100
#define KILOBYTE 1024
#define DAY 86400
#define SAMPLES_MAX 4096 /* adding to one looks at all of them */

static const struct {
	const char *name;
	counter_id counter;
	uint64_t unit;
} columns[] = {
	{ "rxpck/s", C_LINK_RX_PACKETS, 1 },	     { "txpck/s", C_LINK_TX_PACKETS, 1 },
	{ "rxkB/s", C_LINK_RX_BYTES, KILOBYTE },     { "txkB/s", C_LINK_TX_BYTES, KILOBYTE },
	{ "rxmcst/s", C_LINK_MULTICAST, 1 },	     { "rxerr/s", C_LINK_RX_ERRORS, 1 },
	{ "txerr/s", C_LINK_TX_ERRORS, 1 },	     { "coll/s", C_LINK_COLLISIONS, 1 },
	{ "rxdrop/s", C_LINK_RX_DROPPED, 1 },	     { "txdrop/s", C_LINK_TX_DROPPED, 1 },
	{ "txcarr/s", C_LINK_TX_CARRIER_ERRORS, 1 }, { "rxfram/s", C_LINK_RX_FRAME_ERRORS, 1 },
	{ "rxfifo/s", C_LINK_RX_FIFO_ERRORS, 1 },    { "txfifo/s", C_LINK_TX_FIFO_ERRORS, 1 },
};

/* What block->numbers hold. */
enum number {
	NUMBER_CLOCK,	 /* of the line before, in seconds since midnight, plus one */
	NUMBER_BEGAN,	 /* the first of them, likewise */
	NUMBER_INTERVAL, /* of this round, in seconds */
	NUMBER_ROUNDS,	 /* lines that tell of an interval */
	NUMBER_HALF,	 /* clocks that go on at 1 after 12: nobody knows the word for the half of the day */
};

static bool made_by(const struct ticket_command *command)
{
	return command_runs(command, "sar") && (command_has(command, "DEV") || command_has(command, "EDEV") ||
						command_has(command, "DEV,EDEV") || command_has(command, "EDEV,DEV"));
}

static bool begins(struct slice line)
{
	return line_has(line, " IFACE ") && (line_has(line, "rxpck/s") || line_has(line, "rxerr/s"));
}

/* A number of one or two digits at the beginning of *text, which is taken off it with what stands behind it up to the next. */
static bool take_part(struct slice *text, uint64_t max, uint64_t *ret)
{
	size_t digits = 0;

	while (digits < text->length && isdigit((unsigned char)text->data[digits]))
		digits++;
	if (digits < 1 || digits > 2 || parse_u64((struct slice){ text->data, digits }, ret) || *ret > max)
		return false;
	while (digits < text->length && !isdigit((unsigned char)text->data[digits]))
		digits++;
	text->data += digits;
	text->length -= digits;
	return true;
}

/*
 * "12:07:23 PM", "07時36分15秒": what stands before the first column. *ret_half: which half of the day it is is told in
 * another language. False when there is no clock: the average, whatever it is called.
 */
static bool clock_of(struct slice before, uint64_t *ret, bool *ret_half)
{
	struct slice words[4], rest = slice_trim(before);
	size_t count = line_words(rest, words, ARRAY_SIZE(words));
	uint64_t hours, minutes, seconds;
	bool colons = count && memchr(words[0].data, ':', words[0].length);

	if (!take_part(&rest, 23, &hours) || !take_part(&rest, 59, &minutes) || !take_part(&rest, 60, &seconds) ||
	    rest.length)
		return false;
	if (count > 1 && slice_is(words[1], "PM"))
		hours = hours % 12 + 12;
	else if (count > 1 && slice_is(words[1], "AM"))
		hours %= 12;
	else
		*ret_half |= colons && count > 1;
	*ret = hours * 3600 + minutes * 60 + seconds;
	return true;
}

/* A heading has the time at which its first interval began. */
static void take_clock(struct block *block, uint64_t clock, bool heading)
{
	uint64_t before = block->numbers[NUMBER_CLOCK], day = block->numbers[NUMBER_HALF] ? DAY / 2 : DAY;

	if (!block->numbers[NUMBER_BEGAN])
		block->numbers[NUMBER_BEGAN] = clock + 1;
	if (!heading && before && before - 1 != clock)
		block->numbers[NUMBER_INTERVAL] = (clock + DAY - (before - 1)) % day;
	block->numbers[NUMBER_CLOCK] = clock + 1;
	block->took_seconds = (clock + DAY - (block->numbers[NUMBER_BEGAN] - 1)) % day;
}

/* The place of the device's column; of the last word when there is none. */
static size_t heading_at(const struct slice *words, size_t count)
{
	size_t at = 0;

	while (at + 1 < count && !slice_is(words[at], "IFACE"))
		at++;
	return at;
}

static bool take_heading(struct block *block, const struct slice *words, size_t count)
{
	size_t at = heading_at(words, count);

	block->columns = 0;
	for (size_t i = at + 1; i < count; i++) {
		uint64_t column = ARRAY_SIZE(columns);

		for (size_t c = 0; c < ARRAY_SIZE(columns); c++)
			column = slice_is(words[i], columns[c].name) ? c : column;
		block->counters[block->columns++] = (counter_id)column;
	}
	return true;
}

static bool take_numbers(struct block *block, const struct slice *words, size_t count)
{
	size_t from = count - block->columns;
	uint64_t interval = block->numbers[NUMBER_INTERVAL] ? block->numbers[NUMBER_INTERVAL] : 1;
	uint64_t values[BLOCK_COLUMNS_MAX] = { 0 };
	struct object *link;

	for (size_t i = from; i < count; i++) {
		if (!decimal_number(words[i], HUNDREDTHS, &values[i - from]) ||
		    values[i - from] > UINT64_MAX / DAY / KILOBYTE)
			return false;
	}
	link = block_link(block, words[from - 1]);
	device_guess_kind(link);
	block_covers(block, SOURCE_LINK, block->netns);
	for (size_t i = 0; i < block->columns; i++) {
		size_t column = block->counters[i];

		if (column < ARRAY_SIZE(columns) && (columns[column].counter != C_LINK_RX_FRAME_ERRORS ||
						     strcmp(object_text(link, LABEL_KIND), "ether") == 0))
			block_sum(block, columns[column].counter, link, values[i] * interval * columns[column].unit);
	}
	return true;
}

static bool take(struct block *block, struct slice line)
{
	struct slice words[BLOCK_COLUMNS_MAX];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	bool heading = line_has(line, " IFACE "), timed, half = false;
	struct slice before = line;
	uint64_t clock;

	block->rates = true;
	if (block_take_banner(block, line))
		return true;
	if (!heading && (!block->columns || count < block->columns + 2 || block->snapshot.samples.count > SAMPLES_MAX))
		return false;
	before.length =
		(size_t)(words[heading ? heading_at(words, count) : count - block->columns - 1].data - line.data);
	timed = clock_of(before, &clock, &half);
	block->numbers[NUMBER_HALF] |= half;
	if (timed)
		take_clock(block, clock, heading);
	if (heading)
		return take_heading(block, words, count);
	/* The average of what has been read already. */
	if (!timed && block->numbers[NUMBER_ROUNDS])
		return true;
	block->numbers[NUMBER_ROUNDS] += timed;
	return take_numbers(block, words, count);
}

/* Sums are in hundredths so far. */
static void end(struct block *block)
{
	struct sample *sample;

	vec_each(&block->snapshot.samples, sample)
		sample->value = sample->value / HUNDREDTHS + (sample->value % HUNDREDTHS >= HUNDREDTHS / 2);
}

const struct ticket_format ticket_formats_sar[] = {
	{ "sar -n DEV", .made_by = made_by, .begins = begins, .owns = is_sysstat_banner, .take = take, .end = end,
	  .every_line = true, .sums = true },
	{ 0 },
};
