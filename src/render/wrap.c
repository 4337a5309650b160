/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines are broken at the last blank that fits; a word longer than a line is cut. */
#include "render/wrap.h"

#include "render/printable.h"

#include "base/alloc.h"

void text_add_blanks(struct text *text, size_t count)
{
	while (count-- > 0)
		text_add(text, " ");
}

size_t text_bytes_of_columns(const char *string, size_t columns)
{
	size_t length = 0;

	while (string[length]) {
		size_t next = length + 1;

		while (((unsigned char)string[next] & 0xc0) == 0x80)
			next++;
		if (columns-- == 0)
			break;
		length = next;
	}
	return length;
}

/* How much of the text fits a line: up to a blank if there is one, else cut in the word. */
static size_t line_length(const char *rest, size_t room)
{
	size_t fits = text_bytes_of_columns(rest, room), blank = fits;

	if (!rest[fits])
		return fits;
	while (blank && rest[blank] != ' ')
		blank--;
	return blank ? blank : fits;
}

void text_add_wrapped(struct text *text, const char *string, size_t column, size_t indent)
{
	while (*string) {
		size_t length = line_length(string, WRAP_COLUMNS - column);

		text_add_bytes(text, string, length);
		string += length;
		while (*string == ' ')
			string++;
		if (*string) {
			text_add(text, "\n");
			text_add_blanks(text, indent);
			column = indent;
		}
	}
	text_add(text, "\n");
}

void text_add_cut(struct text *text, const char *string, size_t room, bool unicode)
{
	CLEANUP_TEXT struct text clean = { 0 };

	text_add_printable(&clean, string, unicode);
	if (text_columns(text_string(&clean)) <= room) {
		text_add(text, text_string(&clean));
		return;
	}
	room = room > 3 ? room - 3 : 0;
	text_add_bytes(text, text_string(&clean), text_bytes_of_columns(text_string(&clean), room));
	text_add(text, "...");
}
