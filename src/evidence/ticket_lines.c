/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of a ticket: what pasting did to them is taken off; their words, their numbers, and the times that they tell. */
#include "evidence/ticket_parts.h"

#include "base/alloc.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define ESCAPE '\033'

/* ---- cleaning ---- */

/* What follows an escape character belongs to it: "[0;31m", "]0;title\a", "(B". Gives how many bytes. */
static size_t escape_length(struct slice rest)
{
	size_t at = 1;

	if (rest.length < 2)
		return rest.length;
	if (rest.data[1] == '[') {
		for (at = 2; at < rest.length && (rest.data[at] < '@' || rest.data[at] > '~');)
			at++;
		return at < rest.length ? at + 1 : rest.length;
	}
	if (rest.data[1] == ']') {
		for (at = 2; at < rest.length && rest.data[at] != '\a' && rest.data[at] != ESCAPE;)
			at++;
		return at < rest.length ? at + 1 : rest.length;
	}
	return rest.data[1] == '(' && rest.length > 2 ? 3 : 2;
}

/* "> > text": what mail and issue trackers put before what they quote. */
static struct slice without_quoting(struct slice line)
{
	while (line.length && line.data[0] == '>' && (line.length == 1 || line.data[1] == ' ' || line.data[1] == '>')) {
		size_t skip = line.length > 1 && line.data[1] == ' ' ? 2 : 1;

		line.data += skip;
		line.length -= skip;
	}
	return line;
}

/* How many bytes are left as they are before the next that may not be. */
static size_t plain_length(struct slice rest)
{
	size_t length = 0;

	while (length < rest.length && rest.data[length] != ESCAPE && rest.data[length] != '\0' &&
	       rest.data[length] != '\r' && rest.data[length] != '\b' && rest.data[length] != '\xc2')
		length++;
	return length;
}

struct slice line_clean(struct slice line, struct text *into)
{
	size_t from = into->length;

	line = without_quoting(line);
	for (size_t i = 0; i < line.length;) {
		size_t plain = plain_length((struct slice){ line.data + i, line.length - i });
		char c;

		text_add_bytes(into, line.data + i, plain);
		i += plain;
		if (i == line.length)
			break;
		c = line.data[i];
		if (c == ESCAPE) {
			i += escape_length((struct slice){ line.data + i, line.length - i });
			continue;
		}
		if (c == '\0' || c == '\r' || (c == '\b' && into->length > from))
			c = '\0';
		/* A blank that does not break lines, in UTF-8: web pages make tabs and columns of them. */
		if (c == '\xc2' && i + 1 < line.length && line.data[i + 1] == '\xa0') {
			c = ' ';
			i++;
		}
		if (c)
			text_add_bytes(into, &c, 1);
		i++;
	}
	return (struct slice){ into->data ? into->data + from : "", into->length - from };
}

/* ---- words ---- */

size_t line_words(struct slice line, struct slice *words, size_t max)
{
	struct cursor cursor = cursor_of(line.data, line.length);
	size_t count = 0;

	while (count < max && cursor_word(&cursor, &words[count]))
		count++;
	return count;
}

bool leading_number(struct slice text, uint64_t *ret)
{
	size_t digits = 0;

	while (digits < text.length && isdigit((unsigned char)text.data[digits]))
		digits++;
	return digits && !parse_u64((struct slice){ text.data, digits }, ret);
}

static const char *find_in(struct slice line, const char *part)
{
	return line.length ? memmem(line.data, line.length, part, strlen(part)) : NULL;
}

bool line_has(struct slice line, const char *part)
{
	return find_in(line, part) != NULL;
}

bool line_has_digit(struct slice line)
{
	for (size_t i = 0; i < line.length; i++) {
		if (isdigit((unsigned char)line.data[i]))
			return true;
	}
	return false;
}

bool is_word_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

bool number_behind(struct slice line, const char *word, uint64_t *ret)
{
	size_t length = strlen(word);
	struct slice rest = line;
	const char *found;

	while ((found = find_in(rest, word))) {
		const char *end = line.data + line.length, *at = found + length;
		bool whole = found == line.data || !is_word_byte(found[-1]) || !is_word_byte(*word);

		while (at < end && (*at == ' ' || *at == '\t' || *at == '=' || *at == ':'))
			at++;
		if (whole && leading_number((struct slice){ at, (size_t)(end - at) }, ret))
			return true;
		rest = (struct slice){ found + 1, (size_t)(end - found) - 1 };
	}
	return false;
}

/* ---- times ---- */

#define DAY 86400

static bool two_digits(const char *at, uint64_t *ret)
{
	return isdigit((unsigned char)at[0]) && isdigit((unsigned char)at[1]) &&
	       !parse_u64((struct slice){ at, 2 }, ret);
}

/* "13:05:51" at that place, as seconds since midnight. */
static bool clock_at(const char *at, size_t left, uint64_t *ret)
{
	uint64_t hours, minutes, seconds;

	if (left < 8 || at[2] != ':' || at[5] != ':' || !two_digits(at, &hours) || !two_digits(at + 3, &minutes) ||
	    !two_digits(at + 6, &seconds) || hours > 23 || minutes > 59 || seconds > 60)
		return false;
	*ret = hours * 3600 + minutes * 60 + seconds;
	return true;
}

/* Days since 1970 of a date of the Gregorian calendar. */
static uint64_t days_of(uint64_t year, uint64_t month, uint64_t day)
{
	uint64_t shifted = month > 2 ? year : year - 1, era = shifted / 400, of_era = shifted % 400;
	uint64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* "2026-11-20" at that place. */
static bool date_at(const char *at, size_t left, uint64_t *ret_days)
{
	uint64_t year, month, day;

	if (left < 10 || at[4] != '-' || at[7] != '-' || parse_u64((struct slice){ at, 4 }, &year) ||
	    !two_digits(at + 5, &month) || !two_digits(at + 8, &day) || year < 1970 || !month || month > 12 || !day ||
	    day > 31)
		return false;
	*ret_days = days_of(year, month, day);
	return true;
}

/* The beginnings of months in English, German, French, Spanish, Italian and Portuguese, in lower case. */
static const struct {
	const char *name;
	uint64_t month;
} months[] = {
	{ "jan", 1 },  { "gen", 1 },  { "ene", 1 },  { "feb", 2 },  { "fev", 2 },  { "fév", 2 },  { "mar", 3 },
	{ "mär", 3 },  { "mrz", 3 },  { "apr", 4 },  { "abr", 4 },  { "avr", 4 },  { "mai", 5 },  { "may", 5 },
	{ "mag", 5 },  { "juin", 6 }, { "jun", 6 },  { "giu", 6 },  { "juil", 7 }, { "jul", 7 },  { "lug", 7 },
	{ "aug", 8 },  { "ago", 8 },  { "aoû", 8 },  { "sep", 9 },  { "set", 9 },  { "oct", 10 }, { "okt", 10 },
	{ "ott", 10 }, { "out", 10 }, { "nov", 11 }, { "dec", 12 }, { "dez", 12 }, { "dic", 12 }, { "déc", 12 },
};

/* 1 to 12, 0 for other words. */
static uint64_t month_of(struct slice word)
{
	for (size_t i = 0; i < ARRAY_SIZE(months); i++) {
		size_t length = strlen(months[i].name);

		if (word.length >= length && strncasecmp(word.data, months[i].name, length) == 0)
			return months[i].month;
	}
	return 0;
}

/* "Sat", "Di", "dim.": a day of the week in a language that has its months above. */
static bool is_weekday(struct slice word)
{
	return word.length >= 2 && word.length <= 5 && !line_has_digit(word) && !memchr(word.data, ':', word.length);
}

/* "2026年 11月 22日 日曜日": in Japanese and Chinese. */
static bool date_of_signs(const struct slice *words, size_t count, uint64_t *ret_days)
{
	static const char *const signs[] = { "年", "月", "日" };
	uint64_t numbers[ARRAY_SIZE(signs)];

	for (size_t i = 0; i < ARRAY_SIZE(signs); i++) {
		if (i >= count || !leading_number(words[i], &numbers[i]) || !line_has(words[i], signs[i]))
			return false;
	}
	*ret_days = days_of(numbers[0], numbers[1], numbers[2]);
	return numbers[0] >= 1970 && numbers[0] < 10000 && numbers[1] >= 1 && numbers[1] <= 12 && numbers[2] >= 1 &&
	       numbers[2] <= 31;
}

#define DATE_WORDS_MAX 7

struct date {
	uint64_t year, month, day;
	bool morning, afternoon; /* as told where clocks go to 12 */
};

static void take_date_word(struct date *date, struct slice word)
{
	uint64_t month = month_of(word), number;

	date->month = month ? month : date->month;
	date->afternoon |= slice_is(word, "PM");
	date->morning |= slice_is(word, "AM");
	if (strchr(".,", word.data[word.length - 1]))
		word.length--;
	if (parse_u64(word, &number))
		return;
	if (number >= 1970 && number < 10000)
		date->year = number;
	else if (number >= 1 && number <= 31)
		date->day = number;
}

/*
 * "Fri Nov 20 10:00:00 UTC 2026", "Fri 20 Nov 2026 10:00:00 AM CET", "dim. 22 nov. 2026 10:00:00 CET", of which the clock was
 * read. Days of the week come before months and may be called like them ("mar." is Tuesday, and March).
 */
static bool date_of_words(struct slice line, uint64_t clock, uint64_t *ret_seconds)
{
	struct slice words[DATE_WORDS_MAX + 1];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	struct date date = { 0 };
	uint64_t days;

	if (date_of_signs(words, count, &days)) {
		*ret_seconds = days * DAY + clock;
		return true;
	}
	if (count < 5 || count > DATE_WORDS_MAX || !is_weekday(words[0]))
		return false;
	for (size_t i = 0; i < count; i++)
		take_date_word(&date, words[i]);
	if (!date.year || !date.month || !date.day)
		return false;
	if (date.morning || date.afternoon)
		clock = clock % (DAY / 2) + (date.afternoon ? DAY / 2 : 0);
	*ret_seconds = days_of(date.year, date.month, date.day) * DAY + clock;
	return true;
}

/* A clock anywhere in a line that also tells the day, or at the beginning of any line. */
bool line_time(struct slice line, uint64_t *ret_seconds)
{
	uint64_t clock, days;

	line = slice_trim(line);
	if (date_at(line.data, line.length, &days) && line.length >= 19 && line.length < 36 &&
	    clock_at(line.data + 11, line.length - 11, &clock)) {
		*ret_seconds = days * DAY + clock;
		return true;
	}
	for (size_t i = 0; line.length < 60 && i + 8 <= line.length; i++) {
		if (!clock_at(line.data + i, line.length - i, &clock) || (i && line.data[i - 1] != ' '))
			continue;
		if (date_of_words(line, clock, ret_seconds))
			return true;
		*ret_seconds = i == 0 && line.length == 8 ? clock : *ret_seconds;
		return i == 0 && line.length == 8;
	}
	return false;
}
