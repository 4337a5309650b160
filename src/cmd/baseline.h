/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The baseline of a file with two recordings, and what is different since then. */
#pragma once

#include "cmd/evidence.h"
#include "diagnose/compare.h"
#include "render/baseline.h"

struct baseline {
	struct watched watched;
	struct evidence_facts facts;
	struct diagnosis diagnosis;
	struct comparison comparison;
	struct answer_baseline answer; /* for the renderers: it refers to the comparison */
};

/*
 * Compares the second recording of the file, which was read and diagnosed as `options` say, with its baseline. 0, or STATUS_ERROR
 * after one line on stderr; free with baseline_free() either way.
 */
int baseline_compare(const char *path, const struct diagnosis *diagnosis, const struct diagnose_options *options,
		     const struct evidence_facts *facts, struct baseline *ret) __attribute__((warn_unused_result));
void baseline_free(struct baseline *baseline);
