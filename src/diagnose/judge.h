/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From findings to the verdict: harm, spread over time, order, coverage, sentences. */
#pragma once

#include "diagnose/diagnose.h"

/* By the rule of its cause or domain (harm.def). */
bool finding_is_harmful(const struct series *series, const struct finding *finding);
const char *harm_why(enum cause cause);

/* The drop counter of its evidence whose movements tell its spread over time, or NULL when none of them moved. */
const struct cell *finding_cell(const struct series *series, const struct finding *finding);

/* Sets spread and pattern, and the detail unless a detector gave one. */
void finding_spread(const struct series *series, struct finding *finding);

/* Adds the symptoms of TCP that followed it, wherever timing can tell. */
void finding_effects(const struct series *series, struct finding *finding);

/* Fills domains[].observed, not_observed and ruled_out of the diagnosis. */
void diagnose_coverage(struct diagnosis *diagnosis);

/* The sentence of the verdict; the caller owns it. */
char *diagnose_summary(const struct diagnosis *diagnosis);
