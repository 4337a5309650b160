/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decimal fractions as tools print them, in every locale. */
#include "evidence/ticket_decimal.h"

#define MILLION 1000000
#define PLACES 6
#define WHOLE_MAX UINT64_C(1000000000000)

bool decimal_parse(struct slice word, uint64_t *ret_millionths)
{
	uint64_t whole, fraction = 0;
	size_t digits = 0, at;

	if (word.length && word.data[word.length - 1] == '%')
		word.length--;
	for (at = 0; at < word.length && word.data[at] != '.' && word.data[at] != ',';)
		at++;
	if (parse_u64((struct slice){ word.data, at }, &whole) || whole > WHOLE_MAX || at + 1 == word.length)
		return false;
	for (at++; at < word.length; at++) {
		if (word.data[at] < '0' || word.data[at] > '9')
			return false;
		if (digits < PLACES) {
			fraction = fraction * 10 + (uint64_t)(word.data[at] - '0');
			digits++;
		}
	}
	for (; digits < PLACES; digits++)
		fraction *= 10;
	*ret_millionths = whole * MILLION + fraction;
	return true;
}

uint64_t decimal_share(uint64_t percent_millionths, uint64_t all)
{
	unsigned __int128 scaled = (unsigned __int128)percent_millionths * all;
	uint64_t unit = UINT64_C(100) * MILLION;

	return (uint64_t)((scaled + unit / 2) / unit);
}
