/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The exact totals of a probe: by reason, and by flow where flows were counted. */
#pragma once

#include "render/trace.h"
#include "source/drops.h"
#include "source/kernel_names.h"

#include "base/vec.h"

struct trace_sum {
	struct trace_totals totals; /* its rows and flows are those below */
	VEC(struct trace_total) rows;
	VEC(struct trace_flow) flows;
};

/* Adds to `totals` what the probe counted; drops_stop() comes first, or the parts may not fit together. */
void trace_sum(struct trace_sum *sum, const struct drops *drops, struct kernel_names *names);

/* For counts from elsewhere: the row of a reason, made when new, NULL when there is no room; then all, as totals. */
struct trace_total *trace_sum_row(struct trace_sum *sum, const char *reason, const char *meaning);
void trace_sum_rows(struct trace_sum *sum);
void trace_sum_free(struct trace_sum *sum);
