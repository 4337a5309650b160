/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text and numbers from outside. Nothing else in the project turns bytes into
 * numbers. A cursor cannot read past its end and latches its first error, so a
 * parser checks once, at its end. Input need not be NUL-terminated and may
 * hold anything.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A piece of somebody else's memory: not NUL-terminated, not owned. */
struct slice {
	const char *data;
	size_t length;
};

#define SLICE(literal) ((struct slice){ (literal), sizeof(literal) - 1 })

struct slice slice_of(const char *string);
bool slice_is(struct slice slice, const char *string);
bool slice_same(struct slice a, struct slice b);
bool slice_starts(struct slice slice, const char *prefix);
struct slice slice_trim(struct slice slice); /* without blanks, tabs, CR and LF at both ends */

/*
 * Whole slice as a number. Return 0, -EINVAL (empty or a foreign character) or
 * -ERANGE; *ret is untouched on failure. Hexadecimal has no 0x; both cases.
 */
int parse_u64(struct slice text, uint64_t *ret) __attribute__((warn_unused_result));
int parse_hex(struct slice text, uint64_t *ret) __attribute__((warn_unused_result));
int parse_i64(struct slice text, int64_t *ret) __attribute__((warn_unused_result)); /* leading '-' allowed */
int parse_u32(struct slice text, uint32_t *ret) __attribute__((warn_unused_result));

/*
 * A duration as users type it: "10s", "100ms", "1.5m", "2h", "500us"; a bare number is
 * seconds. Result in nanoseconds; -EINVAL or -ERANGE (over 10 years).
 */
int parse_duration_ns(struct slice text, uint64_t *ret_ns) __attribute__((warn_unused_result));

struct cursor {
	struct slice rest;
	int error; /* first error, 0 or -errno */
};

struct cursor cursor_of(const char *data, size_t length);

/* The next line without its newline; false at the end. The last line needs no newline. */
bool cursor_line(struct cursor *cursor, struct slice *ret);

/* The next word between blanks and tabs on what is left; false when none is left. */
bool cursor_word(struct cursor *cursor, struct slice *ret);

/* Everything up to `stop`, which is consumed; false (nothing consumed) without it. */
bool cursor_until(struct cursor *cursor, char stop, struct slice *ret);

/* The next word as a number; a missing or bad one latches the error and gives 0. */
uint64_t cursor_u64(struct cursor *cursor);
uint64_t cursor_hex(struct cursor *cursor);
