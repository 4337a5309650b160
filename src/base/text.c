/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Growable strings. */
#include "base/text.h"

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for `more` bytes and the NUL; returns how many of them fit under the maximum. */
static size_t text_room(struct text *text, size_t more)
{
	size_t max = text->max ? text->max : TEXT_MAX_DEFAULT;
	size_t left = text->length < max ? max - text->length : 0;

	if (more > left) {
		text->overflow = true;
		more = left;
	}
	if (!text->data || text->length + more >= text->capacity) {
		size_t grown = (text->length + more + 1) * 2;

		text->data = mem_resize(text->data, grown, 1);
		text->capacity = grown;
		text->data[text->length] = '\0';
	}
	return more;
}

void text_add_bytes(struct text *text, const char *bytes, size_t length)
{
	length = text_room(text, length);
	memcpy(text->data + text->length, bytes, length);
	text->length += length;
	text->data[text->length] = '\0';
}

void text_add(struct text *text, const char *string)
{
	text_add_bytes(text, string, strlen(string));
}

void text_vaddf(struct text *text, const char *format, va_list arguments)
{
	char small[256];
	va_list again;
	int length;

	va_copy(again, arguments);
	length = vsnprintf(small, sizeof(small), format, arguments);
	if (length >= 0 && (size_t)length < sizeof(small)) {
		text_add_bytes(text, small, (size_t)length);
	} else if (length >= 0) {
		CLEANUP_FREE char *large = mem_new((size_t)length + 1, 1);

		vsnprintf(large, (size_t)length + 1, format, again);
		text_add_bytes(text, large, (size_t)length);
	}
	va_end(again);
}

void text_addf(struct text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text_vaddf(text, format, arguments);
	va_end(arguments);
}

const char *text_string(const struct text *text)
{
	return text->data ? text->data : "";
}

void text_clear(struct text *text)
{
	text->length = 0;
	text->overflow = false;
	if (text->data)
		text->data[0] = '\0';
}

void text_free(struct text *text)
{
	free(text->data);
	*text = (struct text){ .max = text->max };
}

char *text_take(struct text *text)
{
	char *data = text->data ? text->data : mem_strdup("");

	*text = (struct text){ .max = text->max };
	return data;
}

char *text_format(const char *format, ...)
{
	struct text text = { 0 };
	va_list arguments;

	va_start(arguments, format);
	text_vaddf(&text, format, arguments);
	va_end(arguments);
	return text_take(&text);
}

bool text_is_one_of(const char *text, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(text, names[i]) == 0)
			return true;
	}
	return false;
}
