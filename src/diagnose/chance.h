/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exact tests: how likely two counts differ as much as they do, or more, by chance alone. Two-sided: twice the smaller tail, at
 * most 1. Nothing is approximated by a normal distribution, so that small counts are judged rightly.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Whether two counts have the same rate when `a` was counted in `exposure_a` and `b` in `exposure_b` (packets that came by,
 * seconds): of a + b events the share of the first is binomial. 1 when nothing can be told.
 */
double chance_rates(uint64_t a, double exposure_a, uint64_t b, double exposure_b);

/* Whether `a` of `of_a` and `b` of `of_b` are the same share (Fisher's exact test). 1 when nothing can be told. */
double chance_shares(uint64_t a, uint64_t of_a, uint64_t b, uint64_t of_b);

/*
 * Holm's correction: `chances` become what each is worth when all `count` of them were looked at. Their order stays. The
 * pointers let a caller keep them in rows of its own.
 */
void chance_holm(double **chances, size_t count);
