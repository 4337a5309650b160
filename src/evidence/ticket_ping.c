/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ping of iputils, busybox and others, for IPv4 and IPv6. Its summary counts; where that was cut off, the sequence numbers of
 * the answers do, and what lies beyond the last of them is not known.
 */
#include "evidence/ticket_probe.h"

#include "base/alloc.h"

#include <ctype.h>
#include <string.h>

enum { FIRST, LAST, ANSWERED, REFUSED, SUMMED, SUM_SENT, SUM_ANSWERED, SUM_REFUSED }; /* in block->numbers */

#define SEQUENCES 65536

bool ping_made_by(const struct ticket_command *command)
{
	return command_runs(command, "ping") || command_runs(command, "ping6") ||
	       (command_runs(command, "busybox") && command->count > 1 && slice_is(command->words[1], "ping"));
}

static bool is_heading(struct slice line)
{
	return slice_starts(line, "PING ") && (line_has(line, "bytes") || (line_has(line, "(") && line_has(line, ")")));
}

static bool is_summary_title(struct slice line)
{
	return slice_starts(line, "--- ") && line_has(line, " ping statistics ---");
}

static bool is_answer(struct slice line)
{
	return line_has(line, " bytes from ") && line_has(line, "seq=");
}

static bool is_summary(struct slice line)
{
	return line_has(line, "packets transmitted") && line_has(line, "packet loss");
}

static bool is_foreign_summary(struct slice line)
{
	struct probe_count count;
	uint64_t milliseconds;

	return ping_foreign_summary(line, &count, &milliseconds);
}

bool ping_begins(struct slice line)
{
	return is_heading(line) || is_summary_title(line) || is_summary(line) || is_answer(line) ||
	       ping_foreign_answer(line) || is_foreign_summary(line);
}

/* "10.0.0.9", "::1(::1)", "(10.0.0.9)", "10.0.0.9:" */
static struct slice bare_address(struct slice word)
{
	const char *open;

	if (word.length && word.data[0] == '(')
		word = (struct slice){ word.data + 1, word.length - 1 };
	open = word.length ? memchr(word.data, '(', word.length) : NULL;
	if (open)
		word.length = (size_t)(open - word.data);
	while (word.length && strchr(":),", word.data[word.length - 1]))
		word.length--;
	return word;
}

static void set_destination(struct block *block, struct slice word)
{
	word = bare_address(word);
	if (!block->text.length)
		text_add_bytes(&block->text, word.data, word.length);
}

/* ---- lines ---- */

/* A packet of that number was sent. They wrap; a late answer to an earlier one is no wrap. False for the last one again. */
static bool saw_sequence(struct block *block, uint64_t sequence)
{
	uint64_t *numbers = block->numbers, high;

	if (sequence >= SEQUENCES)
		return false;
	high = numbers[LAST] / SEQUENCES * SEQUENCES;
	if (numbers[LAST] && sequence + SEQUENCES / 2 < numbers[LAST] - high)
		high += SEQUENCES;
	sequence += high + 1; /* 0: none yet */
	if (!numbers[FIRST])
		numbers[FIRST] = sequence;
	else if (sequence == numbers[LAST])
		return false;
	if (sequence > numbers[LAST] && sequence - numbers[LAST] < SEQUENCES)
		numbers[LAST] = sequence;
	return true;
}

static bool sequence_of(struct slice line, uint64_t *ret)
{
	return number_behind(line, "icmp_seq", ret) || number_behind(line, "seq", ret);
}

/* The same in other languages. The mark of a packet that came twice is theirs, too: it comes next to the first. */
static bool take_foreign_packet(struct block *block, struct slice line, uint64_t sequence)
{
	block->foreign = true;
	if (ping_foreign_answer(line))
		block->numbers[ANSWERED] += saw_sequence(block, sequence);
	else if (ping_foreign_refusal(line))
		block->numbers[REFUSED] += saw_sequence(block, sequence);
	else
		(void)saw_sequence(block, sequence);
	return true;
}

/* Answers, and errors in place of answers. False when it is neither. */
static bool take_packet(struct block *block, struct slice line)
{
	uint64_t sequence;

	if (!sequence_of(line, &sequence))
		return false;
	if (is_answer(line)) {
		(void)saw_sequence(block, sequence);
		block->numbers[ANSWERED] += !line_has(line, "(DUP!)");
		return true;
	}
	if (slice_starts(line, "From ") || slice_starts(line, "from ")) {
		if (!line_has(line, "Redirect")) {
			(void)saw_sequence(block, sequence);
			block->numbers[REFUSED]++;
		}
		return true;
	}
	if (slice_starts(line, "no answer yet") || slice_starts(line, "Request timeout")) {
		(void)saw_sequence(block, sequence);
		return true;
	}
	return take_foreign_packet(block, line, sequence);
}

static bool take_foreign_summary(struct block *block, struct slice line)
{
	struct probe_count count;
	uint64_t milliseconds;

	if (!ping_foreign_summary(line, &count, &milliseconds))
		return false;
	block->numbers[SUM_SENT] = count.sent;
	block->numbers[SUM_ANSWERED] = count.answered;
	block->numbers[SUM_REFUSED] = count.refused;
	block->numbers[SUMMED] = true;
	block->took_seconds = (milliseconds + 999) / 1000;
	return true;
}

/* "2240 packets transmitted, 2117 received, +3 errors, 5.49107% packet loss, time 24ms" */
static bool take_summary(struct block *block, struct slice line)
{
	struct cursor cursor = cursor_of(line.data, line.length);
	struct slice part;
	bool sent = false, received = false;

	for (bool more = true; more;) {
		uint64_t number;

		more = cursor_until(&cursor, ',', &part);
		part = slice_trim(more ? part : cursor.rest);
		if (part.length && part.data[0] == '+')
			part = (struct slice){ part.data + 1, part.length - 1 };
		if (slice_starts(part, "time ") && number_behind(part, "time", &number))
			block->took_seconds = (number + 999) / 1000;
		if (!leading_number(part, &number))
			continue;
		if (line_has(part, "transmitted")) {
			block->numbers[SUM_SENT] = number;
			sent = true;
		} else if (line_has(part, "received")) {
			block->numbers[SUM_ANSWERED] = number;
			received = true;
		} else if (line_has(part, "errors")) {
			block->numbers[SUM_REFUSED] = number;
		}
	}
	block->numbers[SUMMED] = sent && received;
	return sent && received;
}

/* A flood's dots and what remains of its backspaces. */
static bool is_dots(struct slice line)
{
	for (size_t i = 0; i < line.length; i++) {
		if (line.data[i] != '.' && line.data[i] != 'E' && line.data[i] != 'C')
			return false;
	}
	return true;
}

static bool is_passed_over(struct slice line)
{
	static const char *const starts[] = { "rtt min/avg", "round-trip min/avg", "pipe ", "ping: ",
					      "connect: ",   "WARNING: ",	   "^C" };

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
		if (slice_starts(line, starts[i]))
			return true;
	}
	return is_dots(line);
}

static bool take_heading(struct block *block, struct slice line)
{
	struct slice words[3];

	ping_end(block);
	block_again(block);
	if (line_words(line, words, ARRAY_SIZE(words)) < 2)
		return false;
	set_destination(block, words[1]);
	return true;
}

/* Without a flood's dots, and what the terminal shows of an interrupt. */
static struct slice without_marks(struct slice line)
{
	line = slice_trim(line);
	while (line.length && (line.data[0] == '.' || slice_starts(line, "^C")) && !is_dots(line)) {
		size_t skip = line.data[0] == '^' ? 2 : 1;

		line = slice_trim((struct slice){ line.data + skip, line.length - skip });
	}
	return line;
}

/* "--- statistiques ping 10.0.0.9 ---": where the destination stands differs; the heading has it. */
static bool is_foreign_title(struct slice line)
{
	return slice_starts(line, "--- ") && line_has(line, " ---");
}

bool ping_take(struct block *block, struct slice line)
{
	struct slice words[3];

	line = without_marks(line);
	if (is_heading(line))
		return take_heading(block, line);
	if (is_summary_title(line)) {
		if (line_words(line, words, ARRAY_SIZE(words)) > 1)
			set_destination(block, words[1]);
		return true;
	}
	if (is_summary(line))
		return take_summary(block, line);
	if (take_packet(block, line) || take_foreign_summary(block, line) || is_foreign_title(line) ||
	    is_passed_over(line))
		return true;
	/* A share among other numbers that does not fit them. */
	block->foreign |= line_has(line, "%") && line_has(line, ", ");
	return false;
}

/* ---- the end ---- */

static bool counted(const struct block *block, struct probe_count *ret)
{
	const uint64_t *numbers = block->numbers;

	if (numbers[SUMMED]) {
		*ret = (struct probe_count){ numbers[SUM_SENT], numbers[SUM_ANSWERED],
					     numbers[SUM_REFUSED] ? numbers[SUM_REFUSED] : numbers[REFUSED] };
		return true;
	}
	if (!numbers[FIRST])
		return false;
	*ret = (struct probe_count){ numbers[LAST] - numbers[FIRST] + 1, numbers[ANSWERED], numbers[REFUSED] };
	return true;
}

void ping_end(struct block *block)
{
	struct slice named = probe_destination(block->command), to = { text_string(&block->text), block->text.length };
	struct probe_count count;

	if (!to.length && ping_made_by(block->command))
		to = named;
	if (counted(block, &count)) {
		CLEANUP_FREE char *called =
			to.length ? text_format("ping %.*s", (int)to.length, to.data) : mem_strdup("a ping");

		probe_tell(block, probe_object(block, called, to), &count);
	}
	text_clear(&block->text);
	memset(block->numbers, 0, sizeof(block->numbers));
}
