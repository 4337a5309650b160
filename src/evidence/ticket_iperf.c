/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iperf and iperf3 with UDP: what the receiver counted decides, the sum of all streams before each of them. Without a summary it
 * is the row with most datagrams. What they tell of TCP is no count of packets.
 */
#include "evidence/ticket_probe.h"

#include "base/alloc.h"

#include <ctype.h>
#include <string.h>

enum { SUM_LOST, SUM_ALL, STREAMS_LOST, STREAMS_ALL, ROW_LOST, ROW_ALL }; /* in block->numbers */

bool iperf_made_by(const struct ticket_command *command)
{
	return command_runs(command, "iperf3") || command_runs(command, "iperf");
}

/* "[  5] ", "[SUM] ", "[ ID] " */
static bool is_row(struct slice line)
{
	const char *end = line.length > 3 && line.data[0] == '['
				  ? memchr(line.data, ']', line.length < 8 ? line.length : 8)
				  : NULL;

	if (!end)
		return false;
	for (const char *at = line.data + 1; at < end; at++) {
		if (!isdigit((unsigned char)*at) && !strchr(" SUMID*", *at))
			return false;
	}
	return true;
}

bool iperf_begins(struct slice line)
{
	return (slice_starts(line, "Connecting to host ") && line_has(line, ", port ")) ||
	       (slice_starts(line, "Client connecting to ") && line_has(line, " port ")) ||
	       (slice_starts(line, "Accepted connection from ") && line_has(line, ", port ")) ||
	       slice_starts(line, "Server listening on ") ||
	       (is_row(line) &&
		(line_has(line, " Interval ") || line_has(line, " sec ") || line_has(line, "connected ")));
}

/* "12/8500 (0.14%)", "12/  893 (1.3%)" */
static bool lost_of(struct slice line, uint64_t *ret_lost, uint64_t *ret_all)
{
	const char *percent = line.length ? memmem(line.data, line.length, "%)", 2) : NULL,
		   *end = line.data + line.length;
	const char *slash = NULL, *digits, *at;

	for (at = line.data; percent && at < percent; at++) {
		if (*at == '/' && at > line.data && isdigit((unsigned char)at[-1]))
			slash = at;
	}
	if (!slash)
		return false;
	for (digits = slash; digits > line.data && isdigit((unsigned char)digits[-1]);)
		digits--;
	for (at = slash + 1; at < end && *at == ' ';)
		at++;
	return !parse_u64((struct slice){ digits, (size_t)(slash - digits) }, ret_lost) &&
	       leading_number((struct slice){ at, (size_t)(end - at) }, ret_all) && *ret_lost <= *ret_all;
}

static void take_lost(struct block *block, struct slice line, uint64_t lost, uint64_t all)
{
	uint64_t *numbers = block->numbers;
	bool receiver = line_has(line, "receiver"), sum = slice_starts(line, "[SUM]");

	if (line_has(line, "sender"))
		return;
	if (receiver && sum) {
		numbers[SUM_LOST] = lost;
		numbers[SUM_ALL] = all;
	} else if (receiver) {
		numbers[STREAMS_LOST] += lost;
		numbers[STREAMS_ALL] += all;
	} else if (all >= numbers[ROW_ALL]) {
		numbers[ROW_LOST] = lost;
		numbers[ROW_ALL] = all;
	}
}

/* The word behind `before`, without what stands around addresses. */
static bool take_peer(struct block *block, struct slice line, const char *before)
{
	const char *found = line.length ? memmem(line.data, line.length, before, strlen(before)) : NULL;
	struct cursor cursor;
	struct slice word;

	if (!found)
		return false;
	found += strlen(before);
	cursor = cursor_of(found, (size_t)(line.data + line.length - found));
	if (!cursor_word(&cursor, &word))
		return false;
	while (word.length && word.data[word.length - 1] == ',')
		word.length--;
	if (!block->text.length)
		text_add_bytes(&block->text, word.data, word.length);
	return true;
}

static bool begins_test(struct slice line)
{
	return slice_starts(line, "Connecting to host ") || slice_starts(line, "Client connecting to ") ||
	       slice_starts(line, "Accepted connection from ");
}

bool iperf_take(struct block *block, struct slice line)
{
	static const char *const peers[] = { "Connecting to host ", "Client connecting to ",
					     "Accepted connection from ", "connected to ", "connected with " };
	static const char *const passed[] = {
		"- - -",	   "---",	 "Server listening", "iperf Done", "iperf3: ",
		"UDP buffer",	   "TCP window", "Sending ",	     "Receiving ", "Reverse mode",
		"CPU Utilization", "IPG target", "warning:",	     "WARNING:",   "iperf "
	};
	uint64_t lost, all;

	line = slice_trim(line);
	if (begins_test(line)) {
		iperf_end(block);
		block_again(block);
	}
	for (size_t i = 0; i < ARRAY_SIZE(peers); i++) {
		if (take_peer(block, line, peers[i]))
			return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(passed); i++) {
		if (slice_starts(line, passed[i]))
			return true;
	}
	if (!is_row(line))
		return !line.length;
	if (lost_of(line, &lost, &all))
		take_lost(block, line, lost, all);
	return true;
}

void iperf_end(struct block *block)
{
	const uint64_t *numbers = block->numbers;
	struct slice to = { text_string(&block->text), block->text.length };

	for (size_t i = 0; i <= ROW_LOST; i += 2) {
		const struct probe_count count = { numbers[i + 1], numbers[i + 1] - numbers[i], 0 };

		if (count.sent) {
			CLEANUP_FREE char *called =
				to.length ? text_format("iperf %.*s", (int)to.length, to.data) : mem_strdup("iperf");

			probe_tell(block, probe_object(block, called, to), &count);
			break;
		}
	}
	text_clear(&block->text);
	memset(block->numbers, 0, sizeof(block->numbers));
}
