/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decodes UTF-8 (RFC 3629) strictly: no overlong forms, no surrogates; what fails is shown byte by byte. */
#include "render/printable.h"

#include "base/alloc.h"

#include <stdint.h>
#include <string.h>

/* The length of the character that starts here, 0 when it is none. */
static size_t character_decode(const unsigned char *bytes, uint32_t *ret)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t lowest;
	} forms[] = { { 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 } };

	for (size_t form = 0; form < ARRAY_SIZE(forms); form++) {
		uint32_t value;
		size_t i;

		if ((bytes[0] & forms[form].mask) != forms[form].lead)
			continue;
		value = bytes[0] & (unsigned char)~forms[form].mask;
		for (i = 1; i <= form && (bytes[i] & 0xc0) == 0x80; i++)
			value = value << 6 | (bytes[i] & 0x3f);
		if (i <= form || value < forms[form].lowest || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
			return 0;
		*ret = value;
		return form + 1;
	}
	return 0;
}

#define ELLIPSIS 0x2026 /* the only character outside ASCII in our own words */

static bool character_is_plain(uint32_t character, bool unicode)
{
	if (character < 0x80)
		return character >= 0x20 && character != 0x7f;
	if (!unicode || character < 0xa0)
		return false;
	/* Separators that break lines, marks and overrides of direction, invisible joiners, a byte order mark. */
	return !(character >= 0x200b && character <= 0x200f) && !(character >= 0x2028 && character <= 0x202e) &&
	       !(character >= 0x2060 && character <= 0x206f) && character != 0xfeff && character != 0x61c;
}

void text_add_printable(struct text *text, const char *string, bool unicode)
{
	const unsigned char *bytes = (const unsigned char *)string;

	while (*bytes) {
		uint32_t character = 0;
		size_t length = character_decode(bytes, &character);

		if (length && character_is_plain(character, unicode)) {
			text_add_bytes(text, (const char *)bytes, length);
			bytes += length;
			continue;
		}
		if (character == ELLIPSIS) {
			text_add(text, "...");
			bytes += length;
			continue;
		}
		for (length = length ? length : 1; length; length--)
			text_addf(text, "\\x%02x", *bytes++);
	}
}

size_t text_columns(const char *string)
{
	size_t columns = 0;

	for (; *string; string++)
		columns += ((unsigned char)*string & 0xc0) != 0x80;
	return columns;
}
