/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What writing and reading bundles share. Nobody else includes this. */
#pragma once

#include "evidence/bundle.h"

#include "base/text.h"

#include <jansson.h>
#include <stdint.h>

#define BUNDLE_RELATIONS 5
#define BUNDLE_RELATION_NAMES                              \
	{                                                  \
		"netns", "link", "parent", "peer", "owner" \
	}

#define BUNDLE_MANIFEST "manifest.json"
#define BUNDLE_END "end.json"
#define BUNDLE_WINDOW_PREFIX "window-"
#define BUNDLE_DURING_PREFIX "during/" /* of all names of a second recording */

/*
 * The numbers of one reading of one source: which ones they are is written once, a shape, and from then on only what has
 * changed. A shape is a list of counter, object, counter, object, …
 */
#define SHAPES_MAX 200000
#define SHAPE_CELLS_MAX (8u << 20) /* of all shapes */

struct shape {
	uint64_t hash;
	uint32_t *cells;  /* 2 * count; owned */
	uint64_t *values; /* as written or read last; owned */
	size_t count;
};

struct shapes {
	VEC(struct shape) list;
	size_t cells; /* of all */
};

void shapes_clear(struct shapes *shapes);

/* A new one, for `count` cells, whose values are 0; NULL when there are too many. */
struct shape *shapes_add(struct shapes *shapes, size_t count);

/* ---- texts: bundle_write.c ---- */

/* A string as it is, or its bytes as {"hex": "…"} where it is no UTF-8. */
json_t *string_or_bytes(const char *string);

/* ---- single packets: bundle_events.c ---- */

struct redactor;

/* Appends the member of a snapshot that holds them; `redactor` NULL: as they are. Nothing where none were wanted. */
void bundle_events_put(const struct snapshot *snapshot, const struct redactor *redactor, struct text *ret);

#define BUNDLE_UNKNOWN UINT32_MAX

/*
 * Adds those of a snapshot as it was written, in the order of their time. `ids`: an object's number in the bundle: its id here,
 * or BUNDLE_UNKNOWN. How many were left out because no writer makes such ones.
 */
size_t bundle_events_take(const json_t *json, const uint32_t *ids, size_t id_count, struct snapshot *snapshot);

/* ---- the archive: bundle_out.c, bundle_in.c ---- */

struct bundle_out;

/* As bundle_create(). */
int bundle_out_open(const char *path, struct bundle_out **ret) __attribute__((warn_unused_result));
/* As bundle_append(). */
int bundle_out_append(const char *path, uint64_t bytes, struct bundle_out **ret) __attribute__((warn_unused_result));
/* Another archive may follow in the file: this one gets no mark of its end, where tar would stop to read. */
void bundle_out_leave_open(struct bundle_out *out);
/* Adds a file and sees to it that it can be read whatever happens next. 0 or -errno; after an error nothing is written. */
int bundle_out_file(struct bundle_out *out, const char *name, const struct text *content)
	__attribute__((warn_unused_result));
/* Ends the archive, unless there was an error, and frees. 0 or -errno of the first error. */
int bundle_out_close(struct bundle_out *out) __attribute__((warn_unused_result));
/* The same; the file is as it was before bundle_out_append(). */
int bundle_out_undo(struct bundle_out *out) __attribute__((warn_unused_result));

struct bundle_in;

int bundle_in_open(const char *path, struct bundle_in **ret, const char **ret_why) __attribute__((warn_unused_result));
/* The next file, whole: its name and content are good until the next call. False at the end. */
bool bundle_in_next(struct bundle_in *in, const char **ret_name, const struct text **ret_content);
/* After the last file: why there were no more, one phrase; NULL where the archive was whole. */
const char *bundle_in_cut(const struct bundle_in *in);
/* How much of the file the first recording takes, 0 while its end was not read; and whether more follows. */
void bundle_in_frame(const struct bundle_in *in, uint64_t *ret_bytes, bool *ret_followed);
void bundle_in_close(struct bundle_in *in);

/* ---- what a bundle says of itself: bundle_about.c ---- */

/* Sources by the numbers that readings have in the bundle: here, or SOURCE_COUNT. */
struct bundle_sources {
	VEC(uint32_t) list;
};

/* NULL, or why it cannot be read, one phrase, static; both results are filled in as far as they can be. */
const char *bundle_take_manifest(const struct text *content, struct bundle_about *ret,
				 struct bundle_sources *ret_sources);
void bundle_take_end(const struct text *content, struct bundle_end *end);
enum source_id bundle_source(const char *name);	     /* SOURCE_COUNT when there is none */
const char *bundle_part_name(enum bundle_part part); /* NULL for a recording alone */

/* The rest of a name of the second recording; NULL for others. */
const char *bundle_name_during(const char *name);
