/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a series to a verdict. Pure: it reads the series and nothing else, so a
 * live host, a recording and a test give the same answer.
 */
#pragma once

#include "model/verdict.h"

/* What the user asked about. Everything by default. */
struct diagnose_options {
	const char *interface; /* only findings on this device, or NULL */
	const char *target;    /* numeric addresses of the peer asked about, blanks between them, or NULL */
	uint64_t netns;	       /* inode of the only namespace asked about, 0 for all */
};

/*
 * Fills `ret` (zeroed first). The series must outlive it; free with diagnosis_free().
 * The tool's own account (cpu_seconds …) is the caller's to fill.
 */
void diagnose(const struct series *series, const struct diagnose_options *options, struct diagnosis *ret);
