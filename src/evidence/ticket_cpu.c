/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the CPUs did, and which host it was: mpstat, top, /proc/pressure, /proc/meminfo, uname, hostname, uptime. Percentages
 * become parts of one second of each CPU, which ticket_series.c makes as long as the window is.
 */
#include "evidence/ticket_decimal.h"
#include "evidence/ticket_parts.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <ctype.h>
#include <string.h>

#define ALL_MILLIONTHS UINT64_C(100000000) /* 100 % */

/* Columns of mpstat and states of top. Time of guests is part of the user's time, as in /proc/stat. */
static const struct state {
	const char *name;
	counter_id counter;
} states[] = {
	{ "%usr", C_CPU_USER },	  { "%user", C_CPU_USER },    { "%guest", C_CPU_USER },	   { "%nice", C_CPU_NICE },
	{ "%gnice", C_CPU_NICE }, { "%sys", C_CPU_SYSTEM },   { "%system", C_CPU_SYSTEM }, { "%iowait", C_CPU_IOWAIT },
	{ "%irq", C_CPU_IRQ },	  { "%soft", C_CPU_SOFTIRQ }, { "%steal", C_CPU_STEAL },   { "%idle", C_CPU_IDLE },
	{ "us", C_CPU_USER },	  { "sy", C_CPU_SYSTEM },     { "ni", C_CPU_NICE },	   { "id", C_CPU_IDLE },
	{ "wa", C_CPU_IOWAIT },	  { "hi", C_CPU_IRQ },	      { "si", C_CPU_SOFTIRQ },	   { "st", C_CPU_STEAL },
};

static const counter_id counters[] = { C_CPU_USER,   C_CPU_NICE, C_CPU_SYSTEM,	C_CPU_IDLE,
				       C_CPU_IOWAIT, C_CPU_IRQ,	 C_CPU_SOFTIRQ, C_CPU_STEAL };

static counter_id counter_of_state(struct slice name)
{
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		if (slice_is(name, states[i].name))
			return states[i].counter;
	}
	return COUNTER_NONE;
}

/* The shares of one CPU, by counter. */
struct shares {
	uint64_t ns[ARRAY_SIZE(counters)];
	bool told[ARRAY_SIZE(counters)];
};

static bool add_share(struct shares *shares, counter_id counter, struct slice percent)
{
	uint64_t millionths;

	if (!decimal_parse(percent, &millionths) || millionths > 2 * ALL_MILLIONTHS)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		if (counters[i] != counter)
			continue;
		shares->ns[i] += millionths * (NS_PER_S / ALL_MILLIONTHS);
		shares->told[i] = true;
	}
	return true;
}

static void tell_shares(struct block *block, uint64_t cpu, const struct shares *shares)
{
	block->rates = true;
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		if (shares->told[i])
			block_add(block, counters[i], block_cpu(block, cpu), shares->ns[i]);
	}
	block_covers(block, SOURCE_CPU, block_host(block));
}

#define CPUS_MAX 65536

static bool cpu_number(struct slice word, uint64_t *ret)
{
	return !parse_u64(word, ret) && *ret < CPUS_MAX;
}

/* ---- mpstat ---- */

/* "12:00:01 AM  CPU    %usr …": the place of "CPU"; false when it heads no table of shares. */
static bool mpstat_header(const struct slice *words, size_t count, size_t *ret_at)
{
	bool idle = false, found = false;

	for (size_t i = 0; i < count; i++) {
		if (slice_is(words[i], "CPU") && !found) {
			*ret_at = i;
			found = true;
		}
		idle |= slice_is(words[i], "%idle");
	}
	return found && idle && *ret_at > 0 && *ret_at < 4;
}

static bool mpstat_begins(struct slice line)
{
	struct slice words[24];
	size_t at;

	return line_has(line, "%idle") && mpstat_header(words, line_words(line, words, ARRAY_SIZE(words)), &at);
}

static bool mpstat_made_by(const struct ticket_command *command)
{
	return command_runs(command, "mpstat");
}

bool is_sysstat_banner(struct slice line)
{
	struct slice words[5];

	return line_words(line, words, ARRAY_SIZE(words)) >= 4 && slice_is(words[0], "Linux") &&
	       isdigit((unsigned char)words[1].data[0]) && words[2].length > 2 && words[2].data[0] == '(' &&
	       words[2].data[words[2].length - 1] == ')' && isdigit((unsigned char)words[3].data[0]);
}

static void set_once(char **slot, struct slice value)
{
	if (!*slot && value.length)
		*slot = mem_strndup(value.data, value.length);
}

bool block_take_banner(struct block *block, struct slice line)
{
	struct slice words[3];

	if (!is_sysstat_banner(line) || line_words(line, words, ARRAY_SIZE(words)) < ARRAY_SIZE(words))
		return !slice_trim(line).length;
	set_once(&block->ticket->kernel, words[1]);
	set_once(&block->ticket->hostname, (struct slice){ words[2].data + 1, words[2].length - 2 });
	return true;
}

/* Other tables of mpstat: interrupts and softirqs per second. */
static bool is_other_header(const struct slice *words, size_t count)
{
	for (size_t i = 1; i < count && i < 4; i++) {
		if (slice_is(words[i], "CPU") || slice_is(words[i], "NODE"))
			return true;
	}
	return false;
}

static void mpstat_columns(struct block *block, const struct slice *words, size_t count, size_t at)
{
	block->state = (unsigned int)at;
	block->columns = count;
	for (size_t i = 0; i < count; i++)
		block->counters[i] = counter_of_state(words[i]);
}

static bool mpstat_row(struct block *block, const struct slice *words, size_t count)
{
	struct shares shares = { 0 };
	uint64_t cpu;

	if (count != block->columns)
		return false;
	if (slice_is(words[block->state], "all"))
		return true;
	if (!cpu_number(words[block->state], &cpu))
		return false;
	for (size_t i = block->state + 1; i < count; i++) {
		if (block->counters[i] != COUNTER_NONE && !add_share(&shares, block->counters[i], words[i]))
			return false;
	}
	tell_shares(block, cpu, &shares);
	return true;
}

static bool mpstat_take(struct block *block, struct slice line)
{
	struct slice words[BLOCK_COLUMNS_MAX];
	size_t count = line_words(line, words, ARRAY_SIZE(words)), at;

	if (block_take_banner(block, line))
		return true;
	if (mpstat_header(words, count, &at)) {
		mpstat_columns(block, words, count, at);
		return true;
	}
	if (is_other_header(words, count)) {
		block->columns = 0;
		block->number = true; /* a table without shares */
		return true;
	}
	if (!block->columns)
		return block->number;
	return mpstat_row(block, words, count);
}

/* ---- top ---- */

static bool top_made_by(const struct ticket_command *command)
{
	return command_runs(command, "top");
}

/* "%Cpu3  :  0.0 us, …" */
static bool is_cpu_line(struct slice line)
{
	return slice_starts(line, "%Cpu") && line.length > 5 && isdigit((unsigned char)line.data[4]);
}

static bool top_begins(struct slice line)
{
	return slice_starts(line, "top - ") || is_cpu_line(line);
}

/* The next state of "0.0 ni,100.0 id, …": what was glued to the name before is its value. */
static bool next_state(struct cursor *cursor, struct slice *ret_value, struct slice *ret_name)
{
	const char *comma;

	if (!cursor_word(cursor, ret_value) || !cursor_word(cursor, ret_name))
		return false;
	comma = memchr(ret_name->data, ',', ret_name->length);
	if (comma) {
		cursor->rest.length += (size_t)(cursor->rest.data - comma) - 1;
		cursor->rest.data = comma + 1;
		ret_name->length = (size_t)(comma - ret_name->data);
	}
	return true;
}

/* "%Cpu0  :  0.3 us,  0.7 sy, …", "%Cpu0 :0.3/0.7 1[ …": the latter has no names and tells nothing. */
static bool take_cpu_line(struct block *block, struct slice line)
{
	const char *colon = memchr(line.data, ':', line.length);
	struct shares shares = { 0 };
	struct cursor cursor;
	struct slice value, name;
	uint64_t cpu;

	if (!colon || !leading_number((struct slice){ line.data + 4, line.length - 4 }, &cpu) || cpu >= CPUS_MAX)
		return false;
	cursor = cursor_of(colon + 1, (size_t)(line.data + line.length - colon) - 1);
	while (next_state(&cursor, &value, &name)) {
		if (counter_of_state(name) == COUNTER_NONE || !add_share(&shares, counter_of_state(name), value))
			return false;
	}
	tell_shares(block, cpu, &shares);
	return true;
}

/* The list of processes and the sums above it tell nothing of packets. */
static bool top_take(struct block *block, struct slice line)
{
	struct slice words[3];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	static const char *const heads[] = { "top", "Tasks:", "Threads:", "%Cpu(s):", "Cpu(s):", "KiB",
					     "MiB", "GiB",    "Mem:",	  "Swap:",    "PID" };
	uint64_t pid;

	if (is_cpu_line(line))
		return take_cpu_line(block, line);
	for (size_t i = 0; count && i < ARRAY_SIZE(heads); i++) {
		if (slice_is(words[0], heads[i]))
			return true;
	}
	/* The sums above the list have other names in other languages, and a colon behind them. */
	for (size_t i = 0; i < count; i++) {
		if (words[i].data[words[i].length - 1] == ':')
			return true;
	}
	return !count || !parse_u64(words[0], &pid);
}

/* ---- pressure ---- */

static const char *const pressure_files[] = { "", "/proc/pressure/cpu", "/proc/pressure/io", "/proc/pressure/memory",
					      "/proc/pressure/irq" };

/* Which of the files a text names; 0: none. */
static unsigned int pressure_file(struct slice text)
{
	for (unsigned int i = 1; i < ARRAY_SIZE(pressure_files); i++) {
		if (line_has(text, pressure_files[i]))
			return i;
	}
	return 0;
}

static bool pressure_made_by(const struct ticket_command *command)
{
	for (size_t i = 1; i < command->count; i++) {
		if (line_has(command->words[i], "/proc/pressure"))
			return true;
	}
	return false;
}

static bool pressure_begins(struct slice line)
{
	return slice_starts(line, "==> /proc/pressure/");
}

static void pressure_end(struct block *block)
{
	if (block->state && block->text.length)
		(void)block_read_source(block, &source_pressure, pressure_files[block->state]);
	text_clear(&block->text);
}

static bool pressure_take(struct block *block, struct slice line)
{
	if (slice_starts(line, "==> ")) {
		pressure_end(block);
		block->state = pressure_file(line);
		return block->state != 0;
	}
	if (!slice_trim(line).length)
		return true;
	if (!block->state && block->command->count == 2)
		block->state = pressure_file(block->command->words[1]);
	if (!block->state || !(slice_starts(line, "some avg10=") || slice_starts(line, "full avg10=")))
		return false;
	return block_keep(block, line);
}

/* ---- memory ---- */

static bool meminfo_made_by(const struct ticket_command *command)
{
	return command->count > 1 && line_has(command->words[command->count - 1], "/proc/meminfo");
}

static bool meminfo_begins(struct slice line)
{
	struct slice words[4];

	return line_words(line, words, ARRAY_SIZE(words)) == 3 && slice_is(words[0], "MemTotal:") &&
	       slice_is(words[2], "kB");
}

static bool meminfo_take(struct block *block, struct slice line)
{
	struct slice words[4];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	uint64_t value;

	if (!count)
		return true;
	if (count < 2 || count > 3 || words[0].data[words[0].length - 1] != ':' || parse_u64(words[1], &value))
		return false;
	return block_keep(block, line);
}

static void meminfo_end(struct block *block)
{
	(void)block_read_source(block, &source_memory, "/proc/meminfo");
}

/* ---- which host ---- */

static bool uname_made_by(const struct ticket_command *command)
{
	return command_runs(command, "uname");
}

/* "Linux host 5.4.0-42-generic #46-Ubuntu SMP …" */
static bool uname_begins(struct slice line)
{
	struct slice words[5];

	return line_words(line, words, ARRAY_SIZE(words)) == 5 && slice_is(words[0], "Linux") &&
	       ((isdigit((unsigned char)words[2].data[0]) && words[3].data[0] == '#') || slice_is(words[1], "version"));
}

/* What else there is belongs to /proc/version. */
static bool uname_take(struct block *block, struct slice line)
{
	struct slice words[5];
	size_t count = line_words(line, words, ARRAY_SIZE(words));

	if (!count)
		return true;
	if (count == 1 && isdigit((unsigned char)words[0].data[0])) {
		set_once(&block->ticket->kernel, words[0]); /* uname -r */
		return true;
	}
	if (!uname_begins(line))
		return false;
	set_once(&block->ticket->kernel, words[2]);
	if (!slice_is(words[1], "version"))
		set_once(&block->ticket->hostname, words[1]);
	return true;
}

static bool hostname_made_by(const struct ticket_command *command)
{
	return command_runs(command, "hostname");
}

static bool hostname_take(struct block *block, struct slice line)
{
	struct slice words[2];
	size_t count = line_words(line, words, ARRAY_SIZE(words));

	if (count == 1 && (block->command->count < 2 || command_has(block->command, "-f")))
		set_once(&block->ticket->hostname, words[0]);
	return count == 1 || block->command->count > 1 || !count;
}

/* ---- passed over ---- */

static bool load_made_by(const struct ticket_command *command)
{
	return command_runs(command, "uptime") || (command->count > 1 && line_has(command->words[1], "/proc/loadavg"));
}

static bool uptime_begins(struct slice line)
{
	return line_has(line, " up ") && line_has(line, "load average:") && !slice_starts(line, "top ");
}

static bool load_take(struct block *block, struct slice line)
{
	struct slice words[8];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	uint64_t load;

	(void)block;
	return !count || uptime_begins(line) || (count == 5 && decimal_parse(words[0], &load));
}

const struct ticket_format ticket_formats_cpu[] = {
	{ "mpstat", .made_by = mpstat_made_by, .begins = mpstat_begins, .owns = is_sysstat_banner, .take = mpstat_take,
	  .every_line = true },
	{ "the first line of sar", .begins = is_sysstat_banner, .take = block_take_banner, .every_line = true,
	  .aside = true },
	{ "top", .made_by = top_made_by, .begins = top_begins, .take = top_take, .every_line = true },
	{ "/proc/pressure", .made_by = pressure_made_by, .begins = pressure_begins, .take = pressure_take,
	  .end = pressure_end, .every_line = true },
	{ "/proc/meminfo", .made_by = meminfo_made_by, .begins = meminfo_begins, .take = meminfo_take,
	  .end = meminfo_end },
	{ "uname", .made_by = uname_made_by, .begins = uname_begins, .take = uname_take, .every_line = true },
	{ "hostname", .made_by = hostname_made_by, .take = hostname_take },
	{ "uptime", .made_by = load_made_by, .begins = uptime_begins, .take = load_take, .every_line = true },
	{ 0 },
};
