/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Evidence for somebody who may not know whose it is: addresses and names give way to others, the same ones to the same ones
 * within one bundle. What the diagnosis goes by stays: which addresses are in one network, which are of loopback or
 * multicast, which interface is which.
 */
#pragma once

#include "model/object.h"

#define REDACT_KEY_BYTES 16

/* Of one bundle, kept nowhere: random bytes (getrandom). */
struct redactor {
	uint8_t key[REDACT_KEY_BYTES];
};

/* 0 or -errno. */
int redactor_make(struct redactor *ret) __attribute__((warn_unused_result));

/*
 * Appends `text` with other IPv4, IPv6 and hardware addresses in it. Two that have their first N bits in common do so
 * afterwards. The first 8 bits of IPv4 and 16 of IPv6 stay, as do loopback, multicast, broadcast and unspecified addresses.
 */
void redact_addresses(const struct redactor *redactor, const char *text, struct text *ret);

/* Appends another name for `text`: "name-1f0c22ab45". */
void redact_name(const struct redactor *redactor, const char *text, struct text *ret);

/* Appends what stands for that label of an object of that kind. */
void redact_label(const struct redactor *redactor, enum object_kind kind, enum label label, const char *text,
		  struct text *ret);

/* A key's number that was made from a name or an address: another one that is made from this number. */
uint64_t redact_number(const struct redactor *redactor, uint64_t number);
bool redact_is_hash(enum object_kind kind, bool second); /* whether the key's `a`, or its `b`, is such a one */
