/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running text in lines that fit a terminal of 80 columns. */
#pragma once

#include "base/text.h"

#define WRAP_COLUMNS 80

/* How many bytes the first `columns` characters of the string take; all of them when it is shorter. */
size_t text_bytes_of_columns(const char *string, size_t columns);

void text_add_blanks(struct text *text, size_t count);

/*
 * Appends `string`, broken at blanks, and a newline. The first line goes on where the text stands, at `column`; the others
 * begin at `indent`. It must be printable already; each character counts as one column.
 */
void text_add_wrapped(struct text *text, const char *string, size_t column, size_t indent);

/* Appends `string`, made printable, and cut with an ellipsis when it takes more than `room` columns. */
void text_add_cut(struct text *text, const char *string, size_t room, bool unicode);
