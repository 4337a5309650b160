/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From findings to the verdict: harm, spread over time, order, coverage, sentences. */
#pragma once

#include "diagnose/diagnose.h"

/* By the rule of its cause or domain (harm.def). */
bool finding_is_harmful(const struct finding *finding);
const char *harm_why(enum cause cause);

/* Sets the pattern, and the detail of a bursty loss, from the movements of its first drop counter. */
void finding_spread(const struct series *series, struct finding *finding);

/* Fills domains[].observed, not_observed and ruled_out of the diagnosis. */
void diagnose_coverage(struct diagnosis *diagnosis);

/* The sentence of the verdict; the caller owns it. */
char *diagnose_summary(const struct diagnosis *diagnosis);
