/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is different between two hosts, for people and for programs (docs/diff.schema.json). */
#pragma once

#include "diagnose/compare.h"
#include "render/answer.h"

struct diff_side {
	const char *from; /* the file, or "this host" */
	struct host host;
	const struct diagnosis *diagnosis;
};

struct diff_answer {
	const struct comparison *comparison;
	struct diff_side sides[SIDE_COUNT];
};

void render_diff_text(const struct diff_answer *answer, const struct style *style, struct text *ret);
void render_diff_json(const struct diff_answer *answer, struct text *ret);
