/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The answer in each of its formats. A renderer adds no judgement: what is harmful, innocent or ruled out is the
 * diagnosis's; which words and in which order is report.c's, for people, and json.c's, for programs.
 */
#pragma once

#include "model/verdict.h"

/* What is printed about the host besides the diagnosis. Texts are not owned; "" when unknown. */
struct host {
	const char *hostname, *kernel, *boot_id;
	unsigned int cpus;
};

struct answer_baseline;

struct answer {
	const struct diagnosis *diagnosis;
	struct host host;
	uint64_t interval_ns; /* longest between two looks at the cheap counters; 0 when unknown */
	uint64_t max_gap_ns;  /* longest time in which the tool did not get to look; 0 when unknown */
	uint64_t waited_ns;   /* for the loss; 0 when it was not waited for */
	const char *ended;    /* why the window ended: "time", "interrupt", "certain", "loss", "cut"; NULL: "time" */
	size_t namespaces;    /* looked at */
	const char *const *notes; /* what the tool did less of, to stay cheap; ends with NULL; may be NULL */
	const struct answer_baseline *baseline; /* render/baseline.h; NULL: there is none */
};

struct style {
	bool colour;
	bool unicode; /* else plain ASCII */
};

/* Each appends the whole answer. Everything that came from the host is made printable. */
void render_text(const struct answer *answer, const struct style *style, struct text *ret);
void render_markdown(const struct answer *answer, struct text *ret);
void render_html(const struct answer *answer, struct text *ret); /* one page, complete in itself */
void render_json(const struct answer *answer, struct text *ret);
