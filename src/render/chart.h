/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters over time as SVG that stands in an HTML page: bars of one colour, with a title and a description in words. */
#pragma once

#include "model/verdict.h"

/*
 * How a loss went over the window: what was lost, below it the symptom that followed or what passed, on the same axis of time;
 * and the worst moment alone where it came in bursts. Nothing when the readings do not tell. `number` makes ids unique.
 */
void chart_finding(const struct diagnosis *diagnosis, const struct finding *finding, size_t number, struct text *ret);

/* Text for HTML, printable, in content and in attributes between double quotes. */
void text_add_html(struct text *ret, const char *string);
/* The same of a text of several lines, which is printable already. */
void text_add_html_lines(struct text *ret, const char *string);
