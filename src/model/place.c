/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of places, and which of its rows speaks for a drop. */
#include "model/place.h"

#include "base/alloc.h"

#include <stdio.h>
#include <string.h>

#define ANY "*"
#define SAYS_NOTHING ""

static const struct place places[] = {
#define PLACE(symbol, reason, domain, harm, cause, also, field, way, meaning)         \
	{ symbol,	reason,	       DOMAIN_##domain, REASON_##harm, CAUSE_##cause, \
	  CAUSE_##also, PLACE_##field, PLACE_##way,	meaning },
#include "model/places.def"
#undef PLACE
};

const struct place *place_at(size_t index)
{
	return index < ARRAY_SIZE(places) ? &places[index] : NULL;
}

void place_symbol(const char *name, char ret[PLACE_SYMBOL_MAX])
{
	const char *dot = *name ? strchr(name + 1, '.') : NULL;

	snprintf(ret, PLACE_SYMBOL_MAX, "%.*s", dot ? (int)(dot - name) : PLACE_SYMBOL_MAX, name);
}

/* How many characters of a symbol a row names, plus one; SIZE_MAX for all of them; 0 when the row is another's. */
static size_t likeness(const char *pattern, const char *symbol)
{
	size_t length = strlen(pattern), symbol_length = strlen(symbol);

	if (strcmp(pattern, symbol) == 0)
		return SIZE_MAX;
	if (symbol_length < length - 1)
		return 0;
	if (pattern[length - 1] == '*')
		return strncmp(pattern, symbol, length - 1) == 0 ? length : 0;
	if (pattern[0] == '*')
		return strcmp(pattern + 1, symbol + symbol_length - (length - 1)) == 0 ? length : 0;
	return 0;
}

/* The row that is most like the symbol, of those for this reason (NULL: whatever they are for). */
static const struct place *find_row(const char *symbol, const char *reason)
{
	const struct place *best = NULL;
	size_t best_likeness = 0;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		size_t like;

		if (reason && strcmp(places[i].reason, reason) != 0)
			continue;
		like = likeness(places[i].symbol, symbol);
		if (like > best_likeness) {
			best_likeness = like;
			best = &places[i];
		}
	}
	return best;
}

static bool says_nothing(const struct reason *reason)
{
	return !reason || strcmp(reason->name, "NOT_SPECIFIED") == 0;
}

static const struct place *find(const char *symbol, const struct reason *reason)
{
	const struct place *row = NULL;

	if (!says_nothing(reason))
		row = find_row(symbol, reason->name);
	if (!row)
		row = find_row(symbol, ANY);
	if (!row && says_nothing(reason))
		row = find_row(symbol, SAYS_NOTHING);
	return row;
}

const struct place *place_find(const char *symbol, const char *reason)
{
	char bare[PLACE_SYMBOL_MAX];

	place_symbol(symbol, bare);
	return find(bare, reason ? reason_find(reason) : NULL);
}

/* By the reason alone. */
static struct drop_meaning by_reason(const struct reason *known)
{
	if (!known)
		return (struct drop_meaning){ .domain = DOMAIN_NONE,
					      .harm = REASON_EITHER,
					      .cause = CAUSE_NONE,
					      .also = CAUSE_NONE,
					      .meaning = "a drop that nothing here knows more about" };
	return (struct drop_meaning){ .domain = known->domain,
				      .harm = known->harm,
				      .cause = known->cause,
				      .also = known->also,
				      .meaning = known->meaning,
				      .known = known };
}

struct drop_meaning drop_meaning_of(const char *symbol, const char *reason)
{
	const struct reason *known = reason ? reason_find(reason) : NULL;
	struct drop_meaning meaning = by_reason(known);
	char bare[PLACE_SYMBOL_MAX];
	const struct place *row;

	if (!symbol)
		return meaning;
	place_symbol(symbol, bare);
	row = find(bare, known);
	if (row)
		meaning = (struct drop_meaning){ row->domain, row->harm,    row->cause, row->also, row->field,
						 row->way,    row->meaning, row,	known };
	else
		row = find_row(bare, NULL); /* for another reason: where device and namespace are is the same */
	if (row) {
		meaning.field = row->field;
		meaning.way = row->way;
	}
	return meaning;
}

const char *drop_way(const struct drop_meaning *meaning, const char *seen)
{
	switch (meaning->way) {
	case PLACE_ARRIVING:
		return "arriving";
	case PLACE_LEAVING:
		return "leaving";
	case PLACE_EITHER_WAY:
		break;
	}
	return seen;
}
