/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Levenshtein's distance over one row of the matrix. */
#include "cmd/nearest.h"

#include "base/alloc.h"

#include <ctype.h>
#include <string.h>

#define WORD_MAX 64 /* longer words are not compared */

static size_t least(size_t a, size_t b, size_t c)
{
	size_t low = a < b ? a : b;

	return low < c ? low : c;
}

static size_t distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], length = strlen(b);

	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= length; j++) {
			size_t same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);
			size_t above = row[j];

			row[j] = least(diagonal + !same, above + 1, row[j - 1] + 1);
			diagonal = above;
		}
	}
	return row[length];
}

void nearest_try(struct nearest *nearest, const char *candidate)
{
	size_t edits;

	if (strlen(nearest->word) > WORD_MAX || strlen(candidate) > WORD_MAX)
		return;
	edits = distance(nearest->word, candidate);
	if (edits > 1 + strlen(candidate) / 4 || edits >= strlen(candidate))
		return;
	if (!nearest->best || edits < nearest->distance) {
		*nearest = (struct nearest){ .word = nearest->word, .best = candidate, .distance = edits };
		return;
	}
	if (edits > nearest->distance || strcmp(candidate, nearest->best) == 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(nearest->also); i++) {
		if (!nearest->also[i])
			nearest->also[i] = candidate;
		if (strcmp(nearest->also[i], candidate) == 0)
			return;
	}
}
