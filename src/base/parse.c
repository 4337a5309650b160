/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slices, numbers and cursors over foreign text. */
#include "base/parse.h"

#include "base/clock.h"

#include <errno.h>
#include <string.h>

#define DURATION_MAX_S (UINT64_C(10) * 365 * 86400)

struct slice slice_of(const char *string)
{
	return (struct slice){ string, strlen(string) };
}

bool slice_same(struct slice a, struct slice b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

bool slice_is(struct slice slice, const char *string)
{
	return slice_same(slice, slice_of(string));
}

bool slice_starts(struct slice slice, const char *prefix)
{
	size_t length;

	/* Most texts that are held against many prefixes differ from them in their first letter. */
	if (slice.length && *prefix && slice.data[0] != *prefix)
		return false;
	length = strlen(prefix);
	return slice.length >= length && memcmp(slice.data, prefix, length) == 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice slice_trim(struct slice slice)
{
	while (slice.length && is_blank(slice.data[0])) {
		slice.data++;
		slice.length--;
	}
	while (slice.length && is_blank(slice.data[slice.length - 1]))
		slice.length--;
	return slice;
}

static void slice_skip(struct slice *slice, size_t count)
{
	if (count) /* an empty slice may be NULL, and even NULL + 0 is undefined */
		slice->data += count;
	slice->length -= count;
}

static unsigned int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned int)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned int)(c - 'A') + 10;
	return 99;
}

#define DIGITS_SAFE 16 /* that many fit, whatever they are, in base 16 and below */

static int parse_base(struct slice text, unsigned int base, uint64_t *ret)
{
	uint64_t value = 0;

	if (!text.length)
		return -EINVAL;
	for (size_t i = 0; i < text.length; i++) {
		unsigned int digit = digit_value(text.data[i]);

		if (digit >= base)
			return -EINVAL;
		if (i < DIGITS_SAFE)
			value = value * base + digit;
		else if (__builtin_mul_overflow(value, base, &value) || __builtin_add_overflow(value, digit, &value))
			return -ERANGE;
	}
	*ret = value;
	return 0;
}

int parse_u64(struct slice text, uint64_t *ret)
{
	return parse_base(text, 10, ret);
}

int parse_hex(struct slice text, uint64_t *ret)
{
	return parse_base(text, 16, ret);
}

int parse_u32(struct slice text, uint32_t *ret)
{
	uint64_t value;
	int error = parse_u64(text, &value);

	if (error)
		return error;
	if (value > UINT32_MAX)
		return -ERANGE;
	*ret = (uint32_t)value;
	return 0;
}

int parse_i64(struct slice text, int64_t *ret)
{
	bool negative = text.length && text.data[0] == '-';
	uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
	uint64_t value;
	int error;

	if (negative) {
		text.data++;
		text.length--;
	}
	error = parse_u64(text, &value);
	if (error)
		return error;
	if (value > limit)
		return -ERANGE;
	*ret = negative ? (int64_t)(0 - value) : (int64_t)value;
	return 0;
}

static int duration_unit_ns(struct slice unit, uint64_t *ret)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {
		{ "", NS_PER_S },	   { "ns", 1 },
		{ "us", NS_PER_US },	   { "ms", NS_PER_MS },
		{ "s", NS_PER_S },	   { "m", 60 * NS_PER_S },
		{ "min", 60 * NS_PER_S },  { "h", 3600 * NS_PER_S },
		{ "d", 86400 * NS_PER_S },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (slice_is(unit, units[i].name)) {
			*ret = units[i].ns;
			return 0;
		}
	}
	return -EINVAL;
}

/* Length of the digits at the start. */
static size_t digits_length(struct slice text)
{
	size_t length = 0;

	while (length < text.length && digit_value(text.data[length]) < 10)
		length++;
	return length;
}

/* The digits after a point, as nanoseconds of a unit. */
static int fraction_ns(struct slice digits, uint64_t unit_ns, uint64_t *ret_ns)
{
	uint64_t part, scale = 1;

	if (digits.length > 9 || parse_u64(digits, &part))
		return -EINVAL;
	for (size_t i = 0; i < digits.length; i++)
		scale *= 10;
	*ret_ns = (uint64_t)((unsigned __int128)part * unit_ns / scale);
	return 0;
}

int parse_duration_ns(struct slice text, uint64_t *ret_ns)
{
	struct slice whole = { text.data, digits_length(text) }, fraction = { 0 };
	uint64_t unit_ns, value, part_ns = 0;
	int error;

	slice_skip(&text, whole.length);
	if (text.length && text.data[0] == '.') {
		slice_skip(&text, 1);
		fraction = (struct slice){ text.data, digits_length(text) };
		if (!fraction.length)
			return -EINVAL;
		slice_skip(&text, fraction.length);
	}
	if (duration_unit_ns(text, &unit_ns))
		return -EINVAL;
	error = parse_u64(whole, &value);
	if (error)
		return error;
	if (value > DURATION_MAX_S * NS_PER_S / unit_ns)
		return -ERANGE;
	if (fraction.length && fraction_ns(fraction, unit_ns, &part_ns))
		return -EINVAL;
	*ret_ns = value * unit_ns + part_ns;
	return 0;
}

struct cursor cursor_of(const char *data, size_t length)
{
	return (struct cursor){ .rest = { data, length } };
}

bool cursor_until(struct cursor *cursor, char stop, struct slice *ret)
{
	const char *end = cursor->rest.length ? memchr(cursor->rest.data, stop, cursor->rest.length) : NULL;

	if (!end)
		return false;
	*ret = (struct slice){ cursor->rest.data, (size_t)(end - cursor->rest.data) };
	slice_skip(&cursor->rest, ret->length + 1);
	return true;
}

bool cursor_line(struct cursor *cursor, struct slice *ret)
{
	if (!cursor->rest.length)
		return false;
	if (!cursor_until(cursor, '\n', ret)) {
		*ret = cursor->rest;
		slice_skip(&cursor->rest, cursor->rest.length);
	}
	return true;
}

bool cursor_word(struct cursor *cursor, struct slice *ret)
{
	size_t blanks = 0, length = 0;

	while (blanks < cursor->rest.length && is_blank(cursor->rest.data[blanks]))
		blanks++;
	slice_skip(&cursor->rest, blanks);
	while (length < cursor->rest.length && !is_blank(cursor->rest.data[length]))
		length++;
	if (!length)
		return false;
	*ret = (struct slice){ cursor->rest.data, length };
	slice_skip(&cursor->rest, length);
	return true;
}

static uint64_t cursor_number(struct cursor *cursor, unsigned int base)
{
	struct slice word;
	uint64_t value = 0;
	int error = cursor_word(cursor, &word) ? parse_base(word, base, &value) : -ENODATA;

	if (error && !cursor->error)
		cursor->error = error;
	return error ? 0 : value;
}

uint64_t cursor_u64(struct cursor *cursor)
{
	return cursor_number(cursor, 10);
}

uint64_t cursor_hex(struct cursor *cursor)
{
	return cursor_number(cursor, 16);
}
