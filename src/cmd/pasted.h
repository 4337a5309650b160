/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Outputs that somebody pasted or collected, as if they had just been watched. */
#pragma once

#include "cmd/command.h"
#include "cmd/evidence.h"

/*
 * Reads the paths as one ticket, the first of them as what was before. As evidence_load(): `ret` is freed with
 * watched_free(), `ret_facts` with evidence_facts_free(). 0, or STATUS_ERROR after one line on stderr.
 */
int pasted_load(const struct option_list *paths, const char *netns, struct scope *scope, struct watched *ret,
		struct evidence_facts *ret_facts) __attribute__((warn_unused_result));
