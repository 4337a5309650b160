/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/net/softnet_stat (net/core/net-procfs.c: softnet_seq_show): a row of
 * hexadecimal numbers per online CPU, the same in every namespace.
 *
 *	columns 1-3  processed, dropped, time_squeeze
 *	column 9     cpu_collision, 0 since 4.8
 *	column 10    received_rps (2.6.35)	column 11  flow_limit (3.11)
 *	column 12    backlog length (5.10)	column 13  CPU (5.10)
 *	columns 14, 15  input and process queue length (6.4)
 *
 * Before 5.10 a row does not say its CPU: the n-th row is the n-th CPU online.
 */
#include "source/procfs.h"

#include "base/alloc.h"
#include "base/vec.h"

#define COLUMNS_LEAST 9
#define COLUMN_CPU 12 /* from 0 */
#define COLUMNS_READ 15

struct layout {
	size_t columns;	      /* of the first row; all have as many */
	int64_t last_cpu;     /* rows come in order */
	VEC(uint32_t) online; /* where rows do not say their CPU */
};

static const struct {
	size_t column; /* from 0 */
	counter_id counter;
} softnet_counters[] = {
	{ 0, C_SOFTNET_PROCESSED },	 { 1, C_SOFTNET_DROPPED },	    { 2, C_SOFTNET_TIME_SQUEEZE },
	{ 9, C_SOFTNET_RECEIVED_RPS },	 { 10, C_SOFTNET_FLOW_LIMIT },	    { 11, C_SOFTNET_BACKLOG },
	{ 13, C_SOFTNET_BACKLOG_INPUT }, { 14, C_SOFTNET_BACKLOG_PROCESS },
};

/* How many words a line has. */
static size_t count_words(struct slice line)
{
	struct cursor words = cursor_of(line.data, line.length);
	struct slice word;
	size_t count = 0;

	while (cursor_word(&words, &word))
		count++;
	return count;
}

/* One part of a CPU list: "3" or "0-3". */
static void add_range(struct layout *layout, struct slice part)
{
	struct cursor ends = cursor_of(part.data, part.length);
	struct slice first;
	uint32_t from, to;

	if (cursor_until(&ends, '-', &first) ? parse_u32(first, &from) || parse_u32(ends.rest, &to)
					     : parse_u32(part, &from) || parse_u32(part, &to))
		return;
	for (; from <= to && to < PROCFS_CPUS_MAX; from++) {
		uint32_t *cpu = vec_add(&layout->online, PROCFS_CPUS_MAX);

		if (cpu)
			*cpu = from;
	}
}

/* /sys/devices/system/cpu/online: "0-1,3". Left empty where it cannot be read. */
static void read_online(const struct source_context *context, struct layout *layout)
{
	CLEANUP_TEXT struct text text = { .max = 65536 };
	struct source_context aside = *context; /* context->buffer holds the rows */
	struct cursor list;
	struct slice part;

	aside.buffer = &text;
	if (source_read_file(&aside, "/sys/devices/system/cpu/online"))
		return;
	part = slice_trim((struct slice){ text_string(&text), text.length });
	list = cursor_of(part.data, part.length);
	while (cursor_until(&list, ',', &part))
		add_range(layout, part);
	add_range(layout, list.rest);
}

/* The CPU of a row, or -1 when it cannot be: out of order, or beyond any machine. */
static int64_t row_cpu(const struct layout *layout, size_t row, const uint64_t *values)
{
	uint64_t cpu = row;

	if (layout->columns > COLUMN_CPU)
		cpu = values[COLUMN_CPU];
	else if (row < layout->online.count)
		cpu = layout->online.data[row];
	return cpu < PROCFS_CPUS_MAX && (int64_t)cpu > layout->last_cpu ? (int64_t)cpu : -1;
}

static bool add_row(const struct source_context *context, struct snapshot *snapshot, struct layout *layout, size_t row,
		    struct slice line)
{
	uint64_t values[COLUMNS_READ] = { 0 };
	struct cursor words = cursor_of(line.data, line.length);
	const struct object *cpu;

	if (count_words(line) != layout->columns)
		return false;
	for (size_t i = 0; i < layout->columns && i < COLUMNS_READ; i++) {
		values[i] = cursor_hex(&words);
		if (values[i] > UINT32_MAX)
			return false;
	}
	if (words.error || row_cpu(layout, row, values) < 0)
		return false;
	layout->last_cpu = row_cpu(layout, row, values);
	cpu = procfs_cpu(context, (uint64_t)layout->last_cpu);
	for (size_t i = 0; i < ARRAY_SIZE(softnet_counters); i++) {
		if (softnet_counters[i].column < layout->columns)
			snapshot_add(snapshot, softnet_counters[i].counter, cpu, values[softnet_counters[i].column]);
	}
	return true;
}

static void softnet_read(const struct source_context *context, struct snapshot *snapshot)
{
	const struct object *host = procfs_host(context);
	struct layout layout = { .last_cpu = -1 };
	struct procfs_file file;
	struct slice line;

	if (!procfs_read(context, snapshot, SOURCE_SOFTNET, host, "/proc/thread-self/net/softnet_stat", &file))
		return;
	for (size_t row = 0; cursor_line(&file.lines, &line); row++) {
		if (!layout.columns && count_words(line) >= COLUMNS_LEAST) {
			layout.columns = count_words(line);
			if (layout.columns <= COLUMN_CPU)
				read_online(context, &layout);
		}
		if (!layout.columns || !add_row(context, snapshot, &layout, row, line))
			procfs_fault(&file, PROCFS_BAD_LINE);
	}
	vec_free(&layout.online);
	procfs_covered(snapshot, SOURCE_SOFTNET, host, &file);
}

const struct source source_softnet = { SOURCE_SOFTNET, SCOPE_HOST, COST_CHEAP, softnet_read };
