/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interned strings: few and seldom new, so a list is searched. */
#include "base/intern.h"

#include "base/alloc.h"
#include "base/text.h"
#include "base/vec.h"

#include <string.h>

#define INTERN_MAX 4096

static VEC(char *) interned;

const char *text_intern(const char *text)
{
	char **slot;

	if (!text)
		return NULL;
	vec_each(&interned, slot) {
		if (strcmp(*slot, text) == 0)
			return *slot;
	}
	slot = vec_add(&interned, INTERN_MAX);
	if (!slot)
		return "(more reasons)";
	*slot = mem_strdup(text);
	return *slot;
}

const char *text_internf(const char *format, ...)
{
	struct text text = { .max = 1024 };
	const char *kept;
	va_list arguments;

	va_start(arguments, format);
	text_vaddf(&text, format, arguments);
	va_end(arguments);
	kept = text_intern(text_string(&text));
	text_free(&text);
	return kept;
}
