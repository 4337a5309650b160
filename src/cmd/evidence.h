/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A window into a bundle, and out of one again: what `record`, `diagnose --record` and `diagnose --from` share. */
#pragma once

#include "cmd/window.h"
#include "evidence/bundle.h"
#include "render/answer.h"

/* Makes the bundle for what will be watched, or opens the one with its baseline. 0, or STATUS_ERROR after one line on stderr. */
int evidence_open(const char *path, const struct watch_settings *settings, const struct scope *scope,
		  struct bundle_writer **ret) __attribute__((warn_unused_result));

/* What an answer shows that is not in the window. */
struct evidence_facts {
	struct host host;
	double cpu_seconds;
	uint64_t max_rss_bytes;
	const char *cut; /* why the recording ends early; NULL for a whole one */
	size_t skipped;
	enum bundle_part part;
	VEC(char *) notes; /* what else is to be said of it; owned */
};

#define EVIDENCE_NOTES_MAX 64

/* Takes the line over. */
void evidence_note(struct evidence_facts *facts, char *line);
void evidence_facts_free(struct evidence_facts *facts);

/* Of this host and this program, as it is now. */
void evidence_facts_here(struct evidence_facts *ret);

/* Writes the end; `watched` is NULL when there was no window. 0, or STATUS_ERROR after one line on stderr. */
int evidence_close(const char *path, struct bundle_writer *writer, const struct watched *watched,
		   const struct evidence_facts *facts) __attribute__((warn_unused_result));

/*
 * What the user asks of evidence, by words, becomes `scope`, with what was asked when it was made where the user asks nothing.
 * 0, or STATUS_ERROR after one line on stderr: there is no such thing in it.
 */
int evidence_narrow(const struct objects *objects, const struct bundle_about *about, const char *path,
		    const char *netns, struct scope *scope) __attribute__((warn_unused_result));

/* Whether a file is a bundle by its first bytes: then evidence_load() reads it, else pasted_load(). */
bool evidence_is_bundle(const char *path);

/*
 * Reads a bundle as if it had just been watched: `ret` is freed with watched_free(). `scope` holds what the user asks of it,
 * by words, and gets what was asked when it was recorded where the user asks nothing. 0, or STATUS_ERROR after one line.
 */
int evidence_load(const char *path, const char *netns, struct scope *scope, struct watched *ret,
		  struct evidence_facts *ret_facts) __attribute__((warn_unused_result));

/* The same of the baseline, of a file that has one. */
int evidence_load_baseline(const char *path, const char *netns, struct scope *scope, struct watched *ret,
			   struct evidence_facts *ret_facts) __attribute__((warn_unused_result));
