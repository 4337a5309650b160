/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/pressure/{cpu,io,memory,irq} (kernel/sched/psi.c: psi_show):
 *
 *	some avg10=0.00 avg60=0.00 avg300=0.00 total=12345
 *	full avg10=0.00 avg60=0.00 avg300=0.00 total=123
 *
 * Totals in microseconds; the kernel brings them up to date every two seconds
 * only. Kernels without CONFIG_PSI have no such files, and with psi=0 they are
 * there and cannot be opened (EOPNOTSUPP): then nothing is told, and nothing is
 * missed, for no loss shows here.
 */
#include "source/proc_pressure.h"
#include "source/procfs.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>

static bool parse_total(struct cursor words, uint64_t *ret_ns)
{
	struct slice skipped;
	uint64_t total_us;

	while (cursor_until(&words, '=', &skipped))
		;
	return parse_u64(slice_trim(words.rest), &total_us) == 0 &&
	       !__builtin_mul_overflow(total_us, NS_PER_US, ret_ns);
}

int pressure_parse(struct slice text, struct pressure *ret)
{
	struct cursor lines = cursor_of(text.data, text.length);
	struct pressure pressure = { 0 };
	struct slice line, head;

	while (cursor_line(&lines, &line)) {
		struct cursor words = cursor_of(line.data, line.length);

		if (!cursor_word(&words, &head))
			continue;
		if (slice_is(head, "some"))
			pressure.has_some = parse_total(words, &pressure.some_ns);
		else if (slice_is(head, "full"))
			pressure.has_full = parse_total(words, &pressure.full_ns);
	}
	if (!pressure.has_some && !pressure.has_full)
		return -EBADMSG;
	*ret = pressure;
	return 0;
}

static const struct {
	const char *path;
	counter_id some, full;
} files[] = {
	{ "/proc/pressure/cpu", C_PRESSURE_CPU_SOME, COUNTER_NONE },
	{ "/proc/pressure/io", C_PRESSURE_IO_SOME, C_PRESSURE_IO_FULL },
	{ "/proc/pressure/memory", C_PRESSURE_MEMORY_SOME, C_PRESSURE_MEMORY_FULL },
	{ "/proc/pressure/irq", COUNTER_NONE, C_PRESSURE_IRQ_FULL },
};

static void pressure_read(const struct source_context *context, struct snapshot *snapshot)
{
	const struct object *host = procfs_host(context);

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct pressure pressure = { 0 };
		int error = source_read_file(context, files[i].path);

		if (error == -ENOENT || error == -EOPNOTSUPP)
			continue; /* no PSI, or a kernel without this kind of it */
		if (!error)
			error = pressure_parse((struct slice){ text_string(context->buffer), context->buffer->length },
					       &pressure);
		if (error) {
			procfs_missed(snapshot, SOURCE_PRESSURE, host, files[i].path, error);
			return;
		}
		if (pressure.has_some)
			snapshot_add(snapshot, files[i].some, host, pressure.some_ns);
		if (pressure.has_full)
			snapshot_add(snapshot, files[i].full, host, pressure.full_ns);
	}
	snapshot_covered(snapshot, SOURCE_PRESSURE, host);
}

const struct source source_pressure = { SOURCE_PRESSURE, SCOPE_HOST, COST_MIDDLE, pressure_read };
