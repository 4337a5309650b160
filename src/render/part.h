/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts that more than one format shows, so that the formats cannot drift apart. */
#pragma once

#include "render/answer.h"

/* The objects of the series. */
const struct objects *answer_objects(const struct answer *answer);
const struct object *answer_object(const struct answer *answer, uint32_t object);

/* Who must act: the owner of the last known reason, or of the cause itself. */
enum owner finding_owner(const struct finding *finding);

/* The command that shows the same number, printable; nothing when there is none. */
void evidence_check(const struct answer *answer, const struct evidence *evidence, struct text *ret);

/*
 * The commands of a remedy for an object, one per call, led into its namespace and printable. `*cursor` starts at
 * remedy->commands; `ret` is emptied first; false when none is left.
 */
bool remedy_command(const struct answer *answer, uint32_t object, const char **cursor, struct text *ret);

/* A remedy's or a hint's sentence with its placeholders filled in. */
void sentence_fill(const struct answer *answer, uint32_t object, const char *template, struct text *ret);

/* The remedies of a finding: those of its reasons, root first, then its own. NULL past the last. */
const struct remedy *finding_remedy(const struct answer *answer, const struct finding *finding, size_t index,
				    uint32_t *ret_object);

/* A gauge: its values are levels, nothing was counted. */
bool evidence_is_level(const struct evidence *evidence);

/* What a reading's state means to a reader, or NULL when there is nothing to say. */
const char *evidence_state(const struct evidence *evidence);

/* "1,234" */
void text_add_count(struct text *text, uint64_t count);
