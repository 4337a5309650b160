/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/interrupts (kernel/irq/proc.c: show_interrupts, online CPUs) and
 * /proc/softirqs (fs/proc/softirqs.c, possible CPUs): a header of CPUs, then a
 * row per interrupt with a number per CPU.
 *
 *	            CPU0       CPU1
 *	 38:          0        387 PCI-MSIX-0000:00:03.0   1-edge      virtio2-input.0
 *
 * The row is kept per CPU only for network interrupts, and only where it is not
 * 0: 128 queues on 4096 CPUs have half a million pairs, of which a few hundred
 * count. For the sums per CPU every row is read once; ERR and MIS have one
 * number for the host and belong to no CPU.
 */
#include "source/irq_name.h"
#include "source/procfs.h"

#include "model/series.h"

#include "base/alloc.h"
#include "base/vec.h"

#include <errno.h>

/* The CPUs of the header and a sum for each. */
struct cpu_columns {
	VEC(uint32_t) cpus;
	VEC(uint64_t) network, all; /* sums by column */
	VEC(uint64_t) row;	    /* of the row being read */
};

static struct cpu_columns interrupt_columns, softirq_columns; /* memory is kept; reading is single-threaded */

static bool read_header(struct cpu_columns *columns, struct slice line)
{
	struct cursor words = cursor_of(line.data, line.length);
	struct slice word;

	vec_clear(&columns->cpus);
	vec_clear(&columns->network);
	vec_clear(&columns->all);
	vec_clear(&columns->row);
	while (cursor_word(&words, &word)) {
		uint32_t *cpu = vec_add(&columns->cpus, PROCFS_CPUS_MAX);

		if (!cpu || !vec_add(&columns->network, PROCFS_CPUS_MAX) || !vec_add(&columns->all, PROCFS_CPUS_MAX) ||
		    !vec_add(&columns->row, PROCFS_CPUS_MAX))
			return false;
		if (!slice_starts(word, "CPU") || parse_u32((struct slice){ word.data + 3, word.length - 3 }, cpu) ||
		    *cpu >= PROCFS_CPUS_MAX || (cpu > columns->cpus.data && *cpu <= cpu[-1]))
			return false;
	}
	return columns->cpus.count != 0;
}

/* Reads a row's name and numbers; what follows stays in `rest`. False when a number is missing. */
static bool read_row(struct cpu_columns *columns, struct slice line, struct slice *ret_name, struct cursor *rest)
{
	*rest = cursor_of(line.data, line.length);
	if (!cursor_until(rest, ':', ret_name))
		return false;
	*ret_name = slice_trim(*ret_name);
	for (size_t i = 0; i < columns->cpus.count; i++)
		columns->row.data[i] = cursor_u64(rest);
	return !rest->error;
}

/* Whether the window has whole readings already: what is new was at 0 in them. */
static bool was_read(const struct source_context *context)
{
	const struct observation *seen =
		context->series ? series_observation(context->series, SOURCE_INTERRUPTS, OBJECT_HOST_ID) : NULL;

	return seen && seen->readings && !seen->partial;
}

/* The objects of an interrupt are one for each CPU that takes it; it is new when it takes its first. */
static void add_irq(const struct source_context *context, struct snapshot *snapshot, uint32_t irq, const char *name)
{
	const struct cpu_columns *columns = &interrupt_columns;

	for (size_t i = 0; i < columns->cpus.count; i++) {
		struct object_key key = { OBJECT_IRQ, 0, irq, columns->cpus.data[i] };
		struct object *object;
		bool fresh;

		if (!columns->row.data[i])
			continue;
		object = object_intern(context->objects, key, &fresh);
		if (object && fresh) {
			object->born = was_read(context);
			object_labelf(object, LABEL_CPUS, "%u", columns->cpus.data[i]);
		}
		if (object)
			object_label(object, LABEL_NAME, name);
		snapshot_add(snapshot, C_INTERRUPTS, object, columns->row.data[i]);
	}
}

/* Errors of the host, without a column per CPU. */
static bool is_error_row(struct slice number)
{
	return slice_is(number, "ERR") || slice_is(number, "MIS") || slice_is(number, "Err");
}

/* False when the row is malformed. */
static bool add_interrupt(const struct source_context *context, struct snapshot *snapshot, size_t row,
			  struct slice line)
{
	struct cpu_columns *columns = &interrupt_columns;
	const struct irq_name *name;
	struct slice number = { 0 };
	struct cursor rest;
	bool whole = read_row(columns, line, &number, &rest);
	uint32_t irq;

	if (!whole || is_error_row(number))
		return is_error_row(number);
	for (size_t i = 0; i < columns->cpus.count; i++)
		columns->all.data[i] += columns->row.data[i];
	if (parse_u32(number, &irq))
		return true; /* NMI, LOC, RES … */
	name = irq_name_at(context, row, rest.rest);
	if (!name || !name->network)
		return true;
	for (size_t i = 0; i < columns->cpus.count; i++)
		columns->network.data[i] += columns->row.data[i];
	add_irq(context, snapshot, irq, name->action);
	return true;
}

static void interrupts_read(const struct source_context *context, struct snapshot *snapshot)
{
	const struct object *host = procfs_host(context);
	struct cpu_columns *columns = &interrupt_columns;
	struct procfs_file file;
	struct slice line;

	if (!procfs_read(context, snapshot, SOURCE_INTERRUPTS, host, "/proc/interrupts", &file))
		return;
	if (!cursor_line(&file.lines, &line) || !read_header(columns, line)) {
		procfs_missed(snapshot, SOURCE_INTERRUPTS, host, file.path, -EBADMSG);
		return;
	}
	irq_names_begin();
	for (size_t row = 0; cursor_line(&file.lines, &line); row++) {
		if (slice_trim(line).length && !add_interrupt(context, snapshot, row, line))
			procfs_fault(&file, PROCFS_BAD_LINE);
	}
	for (size_t i = 0; i < columns->cpus.count && !file.fault; i++) {
		const struct object *cpu = procfs_cpu(context, columns->cpus.data[i]);

		snapshot_add(snapshot, C_INTERRUPTS_CPU_NETWORK, cpu, columns->network.data[i]);
		snapshot_add(snapshot, C_INTERRUPTS_CPU, cpu, columns->all.data[i]);
	}
	procfs_covered(snapshot, SOURCE_INTERRUPTS, host, &file);
}

/* False when the row is malformed. Only the rows that move packets are kept. */
static bool add_softirq(const struct source_context *context, struct snapshot *snapshot, struct slice line)
{
	struct slice name = { 0 }, more;
	counter_id counter;
	struct cursor rest;

	if (!read_row(&softirq_columns, line, &name, &rest) || cursor_word(&rest, &more))
		return false;
	if (slice_is(name, "NET_RX"))
		counter = C_SOFTIRQ_NET_RX;
	else if (slice_is(name, "NET_TX"))
		counter = C_SOFTIRQ_NET_TX;
	else
		return true;
	for (size_t i = 0; i < softirq_columns.cpus.count; i++)
		snapshot_add(snapshot, counter, procfs_cpu(context, softirq_columns.cpus.data[i]),
			     softirq_columns.row.data[i]);
	return true;
}

static void softirqs_read(const struct source_context *context, struct snapshot *snapshot)
{
	const struct object *host = procfs_host(context);
	struct procfs_file file;
	struct slice line;

	if (!procfs_read(context, snapshot, SOURCE_SOFTIRQS, host, "/proc/softirqs", &file))
		return;
	if (!cursor_line(&file.lines, &line) || !read_header(&softirq_columns, line)) {
		procfs_missed(snapshot, SOURCE_SOFTIRQS, host, file.path, -EBADMSG);
		return;
	}
	while (cursor_line(&file.lines, &line)) {
		if (!add_softirq(context, snapshot, line))
			procfs_fault(&file, PROCFS_BAD_LINE);
	}
	procfs_covered(snapshot, SOURCE_SOFTIRQS, host, &file);
}

const struct source source_interrupts = { SOURCE_INTERRUPTS, SCOPE_HOST, COST_MIDDLE, interrupts_read };
const struct source source_softirqs = { SOURCE_SOFTIRQS, SCOPE_HOST, COST_CHEAP, softirqs_read };
