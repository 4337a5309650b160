/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ping of iputils in other languages than English. The order of what it prints is the same in all of them
 * (ping_common.c: finish), and the share of what was lost has to fit the counts before it: by that the summary is known.
 */
#include "evidence/ticket_decimal.h"
#include "evidence/ticket_probe.h"

#include "base/alloc.h"

#include <ctype.h>
#include <string.h>

#define PARTS_MAX 8
#define LINE_MAX_BYTES 300
#define MILLIONTHS UINT64_C(1000000)

/* What a number behind a plus counts, in the languages of iputils: errors, or packets that came twice or damaged. */
static const char *const error_words[] = {
	"chyb",	   "Fehler",	  "virhettä", "erreurs", "errores", "error",   "errori", "erros", "エラー",
	"შეცდომა", "n tuccḍiwin", "오류",     "erori",	 "hata",    "помилок", "错误",	 "錯誤",
};
static const char *const other_words[] = {
	"dup",	  "Dup",	 "kaksoiskappaletta",
	"重複",	  "重复",	 "ასლი",
	"중복",	  "yinelenen",	 "дублікатів",
	"poškoz", "beschädigt",	 "corr",
	"corup",  "vioittuneet", "korup",
	"破損",	  "გაფუჭებული",	 "손상",
	"bozuk",  "пошкоджено",	 "损坏",
};

static bool is_one_of(struct slice text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (slice_starts(text, words[i]))
			return true;
	}
	return false;
}

/* Where a part of the summary ends: a comma, but for one between digits; in Chinese one of its own. */
static size_t part_length(struct slice rest, size_t *ret_skip)
{
	static const char wide[] = "，";

	for (size_t i = 0; i < rest.length; i++) {
		bool digit = i + 1 < rest.length && isdigit((unsigned char)rest.data[i + 1]);

		*ret_skip = rest.data[i] == ',' && !digit ? 1 : 0;
		if (rest.length - i >= strlen(wide) && memcmp(rest.data + i, wide, strlen(wide)) == 0)
			*ret_skip = strlen(wide);
		if (*ret_skip)
			return i;
	}
	*ret_skip = 0;
	return rest.length;
}

static size_t split(struct slice line, struct slice *parts)
{
	size_t count = 0, skip = 1;

	while (count < PARTS_MAX && skip) {
		size_t length = part_length(line, &skip);

		parts[count++] = slice_trim((struct slice){ line.data, length });
		line.data += length + skip;
		line.length -= length + skip;
	}
	return count;
}

/* What begins with the only digits of a part: "33,3333 % paquets perdus" of that; empty when there are none, or more. */
static struct slice from_number(struct slice part)
{
	size_t at = 0;

	while (at < part.length && !isdigit((unsigned char)part.data[at]))
		at++;
	return (struct slice){ part.data + at, part.length - at };
}

static bool number_of(struct slice part, uint64_t *ret)
{
	return leading_number(from_number(part), ret);
}

/* "33%", "33,3333%", "%33,3": in millionths of a percent. */
static bool share_of(struct slice part, uint64_t *ret)
{
	struct slice number = from_number(part);
	size_t length = 0;

	while (length < number.length &&
	       (isdigit((unsigned char)number.data[length]) ||
		((number.data[length] == '.' || number.data[length] == ',') && length + 1 < number.length &&
		 isdigit((unsigned char)number.data[length + 1]))))
		length++;
	return memchr(part.data, '%', part.length) && decimal_parse((struct slice){ number.data, length }, ret);
}

/* Old versions cut the fraction off, later ones have six digits. */
static bool fits(uint64_t share, uint64_t sent, uint64_t answered)
{
	unsigned __int128 exact = (unsigned __int128)(sent - answered) * 100 * MILLIONTHS / sent;

	return exact + 100 >= share && exact < share + MILLIONTHS;
}

/* "+3 Fehler": false when nobody knows what it counts. */
static bool take_plus(struct slice part, uint64_t *ret_refused)
{
	struct slice words;
	uint64_t number;

	if (!leading_number((struct slice){ part.data + 1, part.length - 1 }, &number))
		return false;
	words = from_number(part);
	while (words.length && isdigit((unsigned char)words.data[0]))
		words = (struct slice){ words.data + 1, words.length - 1 };
	words = slice_trim(words);
	if (is_one_of(words, error_words, ARRAY_SIZE(error_words)))
		*ret_refused = number;
	else if (!is_one_of(words, other_words, ARRAY_SIZE(other_words)))
		return false;
	return true;
}

/* The numbers before the share; *ret_share: its place. */
static bool take_counts(const struct slice *parts, size_t all, struct probe_count *ret, size_t *ret_share)
{
	size_t at = 2;

	if (all < 3 || !number_of(parts[0], &ret->sent) || !number_of(parts[1], &ret->answered) || !ret->sent ||
	    ret->answered > ret->sent)
		return false;
	for (; at < all && parts[at].length && parts[at].data[0] == '+'; at++) {
		if (!take_plus(parts[at], &ret->refused))
			return false;
	}
	*ret_share = at;
	return at < all;
}

bool ping_foreign_summary(struct slice line, struct probe_count *ret, uint64_t *ret_milliseconds)
{
	struct probe_count count = { 0 };
	struct slice parts[PARTS_MAX];
	size_t all, at;
	uint64_t share;

	if (line.length > LINE_MAX_BYTES || !line.length || !memchr(line.data, '%', line.length))
		return false;
	all = split(line, parts);
	if (!take_counts(parts, all, &count, &at) || !share_of(parts[at], &share) ||
	    !fits(share, count.sent, count.answered))
		return false;
	*ret = count;
	if (at + 1 >= all || !number_of(parts[at + 1], ret_milliseconds))
		*ret_milliseconds = 0;
	return true;
}

/* "64 Bytes von 10.0.0.9: icmp_seq=1 ttl=64 Zeit=0.2 ms" */
bool ping_foreign_answer(struct slice line)
{
	uint64_t bytes;

	return leading_number(line, &bytes) && line_has(line, "icmp_seq=") &&
	       (line_has(line, " ttl=") || line_has(line, " TTL="));
}

static bool is_address(struct slice word)
{
	size_t marks = 0;

	while (word.length && strchr("():,", word.data[word.length - 1]))
		word.length--;
	for (size_t i = 0; i < word.length; i++)
		marks += word.data[i] == '.' || word.data[i] == ':';
	return word.length && marks > 0;
}

/* "Von 10.0.0.9 icmp_seq=1 …": an error in place of an answer. Of what stands in brackets behind it only an MTU is one's. */
bool ping_foreign_refusal(struct slice line)
{
	const char *sequence = line.length ? memmem(line.data, line.length, "icmp_seq=", 9) : NULL;
	struct slice words[2], rest;

	if (!sequence || line_words(line, words, 2) < 2 || !is_address(words[1]))
		return false;
	rest = (struct slice){ sequence, line.length - (size_t)(sequence - line.data) };
	return !memchr(rest.data, '(', rest.length) || line_has(rest, "mtu");
}
