/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Evidence bundles (.wdb): what a diagnosis was made from, to make it again elsewhere and later. A zstd-compressed tar of
 * JSON that anyone can look into (docs/BUNDLE.md has the layout):
 *
 *	manifest.json			who wrote it, on which host, what was asked for
 *	window-1/000001.jsonl …		a file for each snapshot: new and changed objects and counters, then the numbers
 *	end.json			how it ended; not there when the recording was cut short
 *
 * A baseline, recorded while all is well, can be followed in the same file by what was recorded later: another zstd frame
 * with another tar, whose names begin with during/.
 *
 * Every snapshot is written out before the next one is read, so whatever ends the program, what was recorded before can be
 * read.
 */
#pragma once

#include "model/series.h"
#include "source/sampler.h"

#define BUNDLE_VERSION 2 /* of a file with a baseline, which older programs refuse; other files are of version 1 */

enum bundle_part { BUNDLE_ALONE, BUNDLE_BASELINE, BUNDLE_DURING };

/* Known before the first snapshot. Texts are "" when unknown, and not owned by the writer. */
struct bundle_about {
	const char *version; /* of the program that wrote it */
	const char *hostname, *kernel, *boot_id;
	unsigned int cpus;
	uint64_t netns;			/* inode of the only namespace watched, 0 for all */
	const char *interface, *target; /* what was asked about; "" for everything */
	uint64_t duration_ns, interval_ns;
	bool redacted; /* addresses and names in it are others (evidence/redact.h) */
	enum bundle_part part;
};

/* Known when it is over. */
struct bundle_end {
	struct sampler_result result; /* the numbers that an answer shows, not the costs of single sources */
	const char *ended; /* "time", "interrupt", "certain", "loss"; "cut" where the end was never written */
	uint64_t waited_ns;
	double cpu_seconds; /* of the program that wrote it */
	uint64_t max_rss_bytes;
};

/* ---- writing ---- */

struct bundle_writer;

/*
 * Makes the file, for its owner alone (0600); one that is there is replaced. With about->redacted what is written is
 * redacted, the host's name included. 0 and *ret (ended by bundle_close()), or -errno and nothing made.
 */
int bundle_create(const char *path, const struct bundle_about *about, struct bundle_writer **ret)
	__attribute__((warn_unused_result));

/*
 * The same for a second recording (BUNDLE_DURING) at the end of a file whose baseline takes `bytes`, as bundle_look() says;
 * what is there stays as it is. -EBUSY: the file has grown, or another program is adding to it.
 */
int bundle_append(const char *path, uint64_t bytes, const struct bundle_about *about, struct bundle_writer **ret)
	__attribute__((warn_unused_result));

/* A window begins, with a registry of its own: before its first snapshot. */
void bundle_window(struct bundle_writer *writer);

/* Writes a snapshot out. The first error is kept for bundle_close(); what comes after it is not written. */
void bundle_add(struct bundle_writer *writer, const struct snapshot *snapshot);

/* 0 while everything could be written, else -errno. */
int bundle_error(const struct bundle_writer *writer);

/*
 * Writes the end and frees the writer. 0, or -errno of the first thing that could not be written. A second recording that has
 * no snapshot leaves nothing behind.
 */
int bundle_close(struct bundle_writer *writer, const struct bundle_end *end) __attribute__((warn_unused_result));

/* ---- reading ---- */

struct bundle {
	struct bundle_about about;
	struct bundle_end end;
	struct objects *objects;
	struct series *series; /* the last window; the last two as one where there was more than one */
	const char *cut;       /* why it ends early, one phrase; NULL for a whole one */
	size_t skipped;	       /* numbers and objects of kinds that this program does not know */
	bool followed;	       /* of a baseline: a second recording was begun, in which there is nothing to be read */
};

/* What a file holds. */
struct bundle_look {
	struct bundle_about about; /* of its first recording. If that is a baseline: */
	bool holds, whole;	   /* it has snapshots; its end is there */
	uint64_t bytes;		   /* it takes so much of the file; 0 when that has no end, or not one of its own */
	bool followed;		   /* by something, whatever it is */
	bool during;		   /* by a second recording that has snapshots */
};

/* 0 and *ret, or -errno and *ret_why, as bundle_read(). */
int bundle_look(const char *path, struct bundle_look *ret, const char **ret_why) __attribute__((warn_unused_result));

/* Whether the file begins as bundles do: packed by zstd, and the manifest is its first file. */
bool bundle_is_one(const char *path);

/*
 * Reads what there is of it: of a file with two recordings the second, where that has snapshots, else the baseline (about.part
 * says which it is). 0 and *ret (free with bundle_free()), or -errno and *ret_why, one phrase, static: nothing in
 * it can be used. Hostile files cost no more than BUNDLE_MOST_BYTES of memory and write nothing.
 */
int bundle_read(const char *path, struct bundle *ret, const char **ret_why) __attribute__((warn_unused_result));

/* The baseline of a file that has one, whatever follows it. */
int bundle_read_baseline(const char *path, struct bundle *ret, const char **ret_why)
	__attribute__((warn_unused_result));

/*
 * As bundle_read(), as a replay: each snapshot once it is in the series of its window (from 1 on), which the bundle has until the
 * next window begins. False ends the reading there: what was read up to it is what the bundle holds.
 */
typedef bool bundle_taken(void *argument, const struct bundle *bundle, uint32_t window,
			  const struct snapshot *snapshot);
int bundle_replay(const char *path, bundle_taken *taken, void *argument, struct bundle *ret, const char **ret_why)
	__attribute__((warn_unused_result));
void bundle_free(struct bundle *bundle);

#define BUNDLE_MOST_BYTES (UINT64_C(2) << 30) /* unpacked, all files together */
#define BUNDLE_FILE_MOST_BYTES (UINT64_C(256) << 20)
