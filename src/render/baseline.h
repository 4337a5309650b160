/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is different since the baseline, as a part of the answer: for people and for programs. */
#pragma once

#include "diagnose/compare.h"
#include "render/report.h"

#include <jansson.h>

struct answer_baseline {
	const struct comparison *comparison; /* A: what the answer is about; B: the baseline */
	uint64_t start_wall_ns;
	double seconds;
	bool rebooted; /* the host was started again in between */
};

/* A section of its own; nothing where there is no baseline. */
void report_baseline(const struct answer *answer, struct page *page);

/* As docs/diagnosis.schema.json has it. */
json_t *json_baseline(const struct answer_baseline *baseline);
