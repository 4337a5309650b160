/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the sources below /proc share: a file as whole lines, what is said when
 * it could not be read or not be understood, and tables with a row per CPU.
 */
#pragma once

#include "source/source.h"

#include "base/parse.h"

#define PROCFS_CPUS_MAX 65536

/* A file in context->buffer, good until that is used again. */
struct procfs_file {
	const char *path;
	struct cursor lines; /* whole lines only: a last line without its end is left out, it may lack digits */
	const char *fault;   /* NULL, or why it was understood in part only: a static phrase */
};

/*
 * Reads a file. False when that failed or it was empty: then the miss is in the
 * snapshot already and the source is done.
 */
bool procfs_read(const struct source_context *context, struct snapshot *snapshot, enum source_id id,
		 const struct object *object, const char *path, struct procfs_file *ret)
	__attribute__((warn_unused_result));

/* The same without a word in the snapshot: 0 or -errno. An empty file is -ENODATA. */
int procfs_read_quietly(const struct source_context *context, const char *path, struct procfs_file *ret)
	__attribute__((warn_unused_result));

/* Covered; in part when the file has a fault. */
void procfs_covered(struct snapshot *snapshot, enum source_id id, const struct object *object,
		    const struct procfs_file *file);

/* Missed, with "/proc/net/snmp: no permission (needs root)" as the reason. */
void procfs_missed(struct snapshot *snapshot, enum source_id id, const struct object *object, const char *path,
		   int error);

/* Notes why the file was understood in part only; the first reason stays. */
void procfs_fault(struct procfs_file *file, const char *fault);
#define PROCFS_BAD_LINE "a line was not understood"

/* A letter, then letters, digits, '_', '-' and '.', at most 64 in all: what may become the name of a counter. */
bool procfs_is_name(struct slice text);

/* The whole file as one number, as in /proc/sys: 0 or -errno. */
int procfs_read_number(const struct source_context *context, const char *path, uint64_t *ret)
	__attribute__((warn_unused_result));

struct object *procfs_host(const struct source_context *context);
struct object *procfs_cpu(const struct source_context *context, uint64_t cpu);

/* A column of a table below /proc/net/stat. */
struct procfs_column {
	const char *name; /* in the header */
	counter_id counter;
};

#define PROCFS_COLUMNS_MAX 64

/*
 * A table with a header of names and a row of hexadecimal 32-bit numbers per
 * CPU (net/ipv4/route.c: rt_cpu_seq_show, nf_conntrack_standalone.c:
 * ct_cpu_seq_show): adds the known columns to `object`, totals summed over the
 * CPUs modulo 2^32 (so that their difference is right although each CPU wraps
 * alone), gauges from the last row (each row says the same). Unknown columns are
 * passed over. One bad row makes every sum wrong, so then nothing is added and
 * the result is -EBADMSG.
 */
int procfs_add_columns(struct procfs_file *file, struct snapshot *snapshot, const struct object *object,
		       const struct procfs_column *columns, size_t count) __attribute__((warn_unused_result));

/* A line "name value" or "name: value kB" that is known. */
struct procfs_name {
	const char *name;
	counter_id counter;
	uint64_t unit; /* what one of it is, in the counter's unit */
};

/*
 * Lines of a name and a number (vmstat, meminfo, cpu.stat): adds the known ones to `object`, passes over the others;
 * a known name without a number is a fault of the file. Returns how many were added.
 */
size_t procfs_add_names(struct procfs_file *file, struct snapshot *snapshot, const struct object *object,
			const struct procfs_name *names, size_t count);

/*
 * Lines of a name and a number of which every one is a counter of that source (xfrm_stat, sctp/snmp): a name that no
 * row of counters.def knows becomes a counter of `domain` with that check.
 */
void procfs_add_statistics(struct procfs_file *file, struct snapshot *snapshot, const struct object *object,
			   enum source_id id, enum domain domain, const char *check);
