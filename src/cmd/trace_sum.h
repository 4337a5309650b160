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
void trace_sum_free(struct trace_sum *sum);
