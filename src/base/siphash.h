/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A short keyed hash (SipHash-2-4; Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012): whoever does not
 * know the key can neither tell what was hashed by trying all addresses nor make inputs that collide.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SIPHASH_KEY_BYTES 16

uint64_t siphash(const uint8_t key[SIPHASH_KEY_BYTES], const void *bytes, size_t length);
