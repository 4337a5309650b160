/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON from a bundle, which may be anything: what is not there, or is of another type, is 0, NULL or "". */
#pragma once

#include "base/alloc.h"
#include "base/intern.h"
#include "base/parse.h"
#include "base/text.h"

#include <jansson.h>
#include <string.h>

#define json_each(list, index, item) for ((index) = 0; ((item) = json_array_get((list), (index))); (index)++)

static inline uint64_t number_of(const json_t *json, const char *name)
{
	const json_t *value = json_object_get(json, name);

	return json_is_boolean(value) ? (uint64_t)json_is_true(value) : (uint64_t)json_integer_value(value);
}

static inline uint64_t wide_of(const json_t *json, const char *name)
{
	const char *text = json_string_value(json_object_get(json, name));
	uint64_t number;

	if (!text || strncmp(text, "0x", 2) != 0 || parse_hex(slice_of(text + 2), &number))
		return 0;
	return number;
}

/* The text, or that of {"hex": "…"}, in new memory; NULL where there is none. */
static inline char *text_of(const json_t *json)
{
	const char *text = json_string_value(json), *hex = json_string_value(json_object_get(json, "hex"));
	CLEANUP_TEXT struct text bytes = { 0 };

	if (text)
		return mem_strdup(text);
	for (; hex && hex[0] && hex[1]; hex += 2) {
		uint64_t number;
		char byte;

		if (parse_hex((struct slice){ hex, 2 }, &number) || !number)
			continue;
		byte = (char)number;
		text_add_bytes(&bytes, &byte, 1);
	}
	return hex ? text_take(&bytes) : NULL;
}

/* Kept for as long as the program runs; "" where there is none. */
static inline const char *kept(const json_t *json, const char *name)
{
	CLEANUP_FREE char *text = text_of(json_object_get(json, name));

	return text ? text_intern(text) : "";
}
