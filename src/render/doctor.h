/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be observed on a host, for people and for programs (docs/doctor.schema.json). */
#pragma once

#include "diagnose/checkup.h"
#include "render/answer.h"

struct doctor_answer {
	const struct checkup *checkup;
	struct host host;
	bool root;
	size_t namespaces, refused,
		hidden_processes;  /* seen in all; of them not enterable; processes that hide theirs */
	const uint64_t *source_ns; /* what one reading of each source took, SOURCE_COUNT of them */
	double cpu_seconds;	   /* of the whole look */
	uint64_t max_rss_bytes;
};

void render_doctor_text(const struct doctor_answer *answer, const struct style *style, struct text *ret);
void render_doctor_json(const struct doctor_answer *answer, struct text *ret);
