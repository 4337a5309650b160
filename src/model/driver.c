/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds a driver's own counter names in drivers.def. Names are matched as the
 * driver prints them, but for the blanks that some put around them (vmxnet3
 * indents) and the " [2]" that tells apart names which a device prints twice.
 * A lookup walks the table once; most rows fail at their driver or at the first
 * character. Callers keep the answer: once per name, not per sample.
 */
#include "model/driver.h"

#include "base/alloc.h"

#include <string.h>

static const struct driver_counter rows[] = {
#define DRIVER(driver, pattern, kind, cause, overlap, with, basis, meaning) \
	{ driver, pattern, KIND_##kind, CAUSE_##cause, OVERLAP_##overlap, with, basis, meaning },
#include "model/drivers.def"
#undef DRIVER
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * Takes one pattern character ('#' takes all digits there are) off `*name`. False when they differ.
 */
static bool match_one(char pattern, const char **name, const char *end)
{
	if (*name == end)
		return false;
	if (pattern != '#')
		return *(*name)++ == pattern;
	if (!is_digit(**name))
		return false;
	while (*name < end && is_digit(**name))
		(*name)++;
	return true;
}

/* Backtracks to the last '*' only: the earlier ones need no second try. */
static bool match(const char *pattern, const char *name, const char *end)
{
	const char *star = NULL, *retry = NULL;

	for (;;) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = name;
		} else if (!*pattern && name == end) {
			return true;
		} else if (*pattern && match_one(*pattern, &name, end)) {
			pattern++;
		} else if (star && retry < end) {
			pattern = star;
			name = ++retry;
		} else {
			return false;
		}
	}
}

/* Where the name ends without blanks and without " [2]"; "rx_drops[2]" is a name of its own. */
static const char *name_end(const char *name)
{
	const char *end = name + strlen(name), *at;

	while (end > name && end[-1] == ' ')
		end--;
	if (end == name || end[-1] != ']')
		return end;
	for (at = end - 1; at > name && is_digit(at[-1]);)
		at--;
	return at + 1 < end && at - name >= 2 && at[-1] == '[' && at[-2] == ' ' ? at - 2 : end;
}

/* How much a row says about the name: its own driver first, then no wildcard, then literal characters. */
static unsigned int row_weight(const struct driver_counter *row)
{
	size_t length = strlen(row->pattern);
	unsigned int literal = 0;

	for (size_t i = 0; i < length; i++)
		literal += row->pattern[i] != '*' && row->pattern[i] != '#';
	return literal + (literal == length ? 1000 : 0) + (strcmp(row->driver, "*") != 0 ? 2000 : 0);
}

static const char *name_begin(const char *name, const char *end)
{
	while (name < end && *name == ' ')
		name++;
	return name;
}

/* Whether the first characters allow it: most rows end here. */
static bool may_match(const char *pattern, const char *name)
{
	return *pattern == *name || *pattern == '*' || *pattern == '#';
}

bool driver_counter_matches(const struct driver_counter *row, const char *name)
{
	const char *end = name_end(name);

	return match(row->pattern, name_begin(name, end), end);
}

const struct driver_counter *driver_counter_find(const char *driver, const char *name)
{
	const char *driver_end = driver + strlen(driver), *end = name_end(name), *begin = name_begin(name, end);
	const struct driver_counter *best = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct driver_counter *row = &rows[i];

		if (!may_match(row->driver, driver) || !may_match(row->pattern, begin) ||
		    !match(row->driver, driver, driver_end) || !match(row->pattern, begin, end))
			continue;
		if (!best || row_weight(row) > row_weight(best))
			best = row;
	}
	return best;
}

const struct driver_counter *driver_counter_at(size_t index)
{
	return index < ARRAY_SIZE(rows) ? &rows[index] : NULL;
}
