/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growable string with a maximum. Writing past the maximum truncates and
 * latches `overflow`; the content stays a valid NUL-terminated string.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct text {
	char *data; /* NUL-terminated once anything was written, else NULL */
	size_t length;
	size_t capacity;
	size_t max; /* bytes, 0 means TEXT_MAX_DEFAULT */
	bool overflow;
};

#define TEXT_MAX_DEFAULT (64u << 20)
#define CLEANUP_TEXT CLEANUP(text_free)

/* Appends; the format is printf's. */
void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const char *bytes, size_t length);
void text_addf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vaddf(struct text *text, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

/* True when `text` is one of `count` names. */
bool text_is_one_of(const char *text, const char *const *names, size_t count);

/* The string, "" when empty; valid until the next change. */
const char *text_string(const struct text *text);

/* Empties, keeping the memory; frees. */
void text_clear(struct text *text);
void text_free(struct text *text);

/* Gives the string away; the caller frees it. Never NULL. */
char *text_take(struct text *text) __attribute__((warn_unused_result));

/* printf into new memory, which the caller owns. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2), warn_unused_result));
