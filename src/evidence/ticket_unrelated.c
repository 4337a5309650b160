/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Outputs that people paste along with the others and in which nothing bears on lost packets: they are known, and no more. */
#include "evidence/ticket_parts.h"

#include "base/alloc.h"

#include <string.h>

/* ---- what begins them ---- */

static bool vmstat_made_by(const struct ticket_command *command)
{
	return command_runs(command, "vmstat");
}

/* The columns of processes come first in every language; of the CPU's, each kind is a sum over all CPUs. */
static bool vmstat_begins(struct slice line)
{
	return slice_starts(line, "procs -") && line_has(line, "---");
}

static bool iostat_made_by(const struct ticket_command *command)
{
	return command_runs(command, "iostat");
}

static bool iostat_begins(struct slice line)
{
	return slice_starts(line, "avg-cpu:") || (slice_starts(line, "Device") && line_has(line, "kB_read/s")) ||
	       (slice_starts(line, "Device") && line_has(line, "r/s") && line_has(line, "w/s"));
}

static bool free_begins(struct slice line)
{
	return line_has(line, " total ") && line_has(line, " used ") && line_has(line, " buff") &&
	       slice_starts(line, "    ");
}

static bool multicast_made_by(const struct ticket_command *command)
{
	return (command_runs(command, "ip") && (command_has(command, "maddr") || command_has(command, "maddress"))) ||
	       (command_runs(command, "netstat") && command_has(command, "-g"));
}

/* ---- which lines are theirs ---- */

/* Numbers, and the names of columns: no word of prose stands in them. */
static bool is_row(struct slice line)
{
	struct slice words[4];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	uint64_t number;

	return !count || leading_number(words[0], &number) || (count > 1 && leading_number(words[1], &number));
}

static bool vmstat_take(struct block *block, struct slice line)
{
	(void)block;
	return vmstat_begins(line) || is_row(line) || slice_starts(slice_trim(line), "r ");
}

static bool iostat_take(struct block *block, struct slice line)
{
	return block_take_banner(block, line) || iostat_begins(line) || is_row(line) || slice_starts(line, "Device");
}

static bool free_take(struct block *block, struct slice line)
{
	(void)block;
	return free_begins(line) || is_row(line);
}

/* "2:	va", "	link  33:33:00:00:00:01", "lo  1  224.0.0.1" */
static bool multicast_take(struct block *block, struct slice line)
{
	struct slice words[4];
	size_t count = line_words(line, words, ARRAY_SIZE(words));

	(void)block;
	return count < ARRAY_SIZE(words) || !line_has_digit(line) || slice_is(words[2], "users");
}

const struct ticket_format ticket_formats_unrelated[] = {
	{ "vmstat", .made_by = vmstat_made_by, .begins = vmstat_begins, .take = vmstat_take, .every_line = true,
	  .unrelated = true },
	{ "iostat", .made_by = iostat_made_by, .begins = iostat_begins, .owns = is_sysstat_banner, .take = iostat_take,
	  .every_line = true, .unrelated = true },
	{ "free", .begins = free_begins, .take = free_take, .every_line = true, .unrelated = true },
	{ "ip maddr", .made_by = multicast_made_by, .take = multicast_take, .unrelated = true },
	{ 0 },
};
