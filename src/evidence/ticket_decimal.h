/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decimal fractions of outputs: "5.49107%", "0,14", "100". */
#pragma once

#include "base/parse.h"

/*
 * Exactly a number with at most one point or comma, and perhaps a percent sign behind it, in millionths (further digits are
 * cut off). False when it is none, or beyond a thousand billion.
 */
bool decimal_parse(struct slice word, uint64_t *ret_millionths);

/* How many of `all` so many percent are, to the nearest whole. */
uint64_t decimal_share(uint64_t percent_millionths, uint64_t all);
