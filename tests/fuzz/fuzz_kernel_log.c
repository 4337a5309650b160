/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel log: any bytes as what was said since the reading before. No line counts twice, and what a line
 * counts for stays below the number of lines.
 */
#include "fuzz/proc_file.h"
#include "model/series.h"

static void log_read(const struct source_context *context, struct series *series, struct snapshot *snapshot)
{
	snapshot_begin(snapshot, context->objects);
	source_kernel_log.read(context, snapshot);
	proc_check(snapshot, context->objects);
	series_add(series, snapshot);
}

static uint64_t counted(const struct series *series)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < series_cells(series); i++) {
		const struct cell *cell = series_cell_by_index(series, i);

		if (cell->object == OBJECT_HOST_ID && counter_get(cell->counter)->form == FORM_TOTAL)
			sum += cell->increase;
	}
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char before[] = "6,100,1,-;before the window\n";
	struct text buffer = { 0 };
	struct snapshot snapshot = { 0 };
	struct source_context context = { .objects = objects_new(), .sysroot = proc_root, .buffer = &buffer };
	struct series *series = series_new(context.objects);
	uint64_t once;
	size_t lines = 1;

	context.netns = object_intern(context.objects, (struct object_key){ OBJECT_NETNS, 1, 0, 0 }, NULL);
	context.series = series;
	proc_write("/dev/kmsg", (const uint8_t *)before, sizeof(before) - 1);
	log_read(&context, series, &snapshot);
	proc_write("/dev/kmsg", data, size);
	log_read(&context, series, &snapshot);
	once = counted(series);
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	REQUIRE(once <= lines);
	log_read(&context, series, &snapshot);
	REQUIRE(counted(series) == once);
	snapshot_free(&snapshot);
	text_free(&buffer);
	series_free(series);
	objects_free(context.objects);
	return 0;
}
