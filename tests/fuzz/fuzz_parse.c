/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * base/parse over any bytes: the whole input as each kind of number, then lines,
 * words and fields of it. What a parser says must agree with what it consumed.
 */
#include "base/parse.h"
#include "fuzz/fuzz.h"

#include <stdlib.h>

#define REQUIRE(condition)        \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

static void numbers(struct slice text)
{
	uint64_t u64 = 1, hex = 1, ns = 1;
	uint32_t u32 = 1;
	int64_t i64 = 1;

	REQUIRE(parse_u64(text, &u64) == 0 || u64 == 1);
	REQUIRE(parse_hex(text, &hex) == 0 || hex == 1);
	REQUIRE(parse_duration_ns(text, &ns) == 0 || ns == 1);
	REQUIRE(parse_i64(text, &i64) == 0 || i64 == 1);
	if (parse_u32(text, &u32) == 0)
		REQUIRE(parse_u64(text, &u64) == 0 && u64 == u32);
}

static void fields(struct slice line)
{
	struct cursor words = cursor_of(line.data, line.length), values = words, key = words;
	struct slice piece = { 0 };

	while (cursor_word(&words, &piece))
		REQUIRE(piece.length && piece.data >= line.data &&
			piece.data + piece.length <= line.data + line.length);
	while (!values.error && values.rest.length)
		cursor_u64(&values);
	if (cursor_until(&key, ':', &piece))
		REQUIRE(piece.length + 1 + key.rest.length == line.length);
	numbers(slice_trim(piece));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor cursor = cursor_of((const char *)data, size);
	struct slice line;
	size_t seen = 0;

	numbers(cursor.rest);
	while (cursor_line(&cursor, &line)) {
		seen += line.length;
		fields(line);
	}
	REQUIRE(cursor.rest.length == 0 && seen <= size);
	return 0;
}
