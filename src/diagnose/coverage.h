/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a place on the packet's way needs to be observed (coverage.def): the diagnosis and the doctor judge by the same table. */
#pragma once

#include "model/series.h"

struct coverage_need {
	enum domain domain;
	enum source_id source;
	bool exact; /* without it the domain has no exact loss source; else a loss would be seen, but not whose */
	const char *remedy; /* what a privilege would add; "" when nothing */
};

/* All rows. `index` from 0; NULL past the last. */
const struct coverage_need *coverage_need_at(size_t index);

/* Whether the source is not there and nothing is missed by that: a part of the kernel that this host does without. */
bool coverage_is_absent(const struct observation *observation);

/* XDP programs drop before any counter of the stack: whether the driver of that link counts what they drop. */
bool coverage_counts_xdp_drops(const struct series *series, uint32_t link);
