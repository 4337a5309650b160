/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SipHash with two rounds for each word and four at the end; the names are those of the paper, section 2. */
#include "base/siphash.h"

#include <endian.h>
#include <string.h>

static uint64_t word_at(const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return le64toh(word);
}

static uint64_t rotated(uint64_t word, unsigned int by)
{
	return word << by | word >> (64 - by);
}

static void sip_rounds(uint64_t v[4], unsigned int rounds)
{
	while (rounds--) {
		v[0] += v[1];
		v[1] = rotated(v[1], 13) ^ v[0];
		v[0] = rotated(v[0], 32);
		v[2] += v[3];
		v[3] = rotated(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = rotated(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = rotated(v[1], 17) ^ v[2];
		v[2] = rotated(v[2], 32);
	}
}

static void compress(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_rounds(v, 2);
	v[0] ^= word;
}

uint64_t siphash(const uint8_t key[SIPHASH_KEY_BYTES], const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	uint64_t k0 = word_at(key), k1 = word_at(key + 8);
	uint64_t v[4] = { k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
			  k1 ^ 0x7465646279746573 };
	uint8_t last[8] = { 0 };
	size_t left = length % 8;

	for (size_t i = 0; i + 8 <= length; i += 8)
		compress(v, word_at(at + i));
	if (left)
		memcpy(last, at + length - left, left);
	last[7] = (uint8_t)length;
	compress(v, word_at(last));
	v[2] ^= 0xff;
	sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
