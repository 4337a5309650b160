/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Other addresses by a keyed hash of each of their prefixes, one bit at a time (as Xu, Fan, Ammar and Moon describe it in
 * "Prefix-preserving IP address anonymization", 2002): networks stay networks.
 */
#include "evidence/redact.h"

#include "base/alloc.h"
#include "base/parse.h"
#include "base/siphash.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define MAC_BYTES 6
#define WORD_MAX 64 /* an address in text is shorter */

int redactor_make(struct redactor *ret)
{
	ssize_t got = getrandom(ret->key, sizeof(ret->key), 0);

	return got == (ssize_t)sizeof(ret->key) ? 0 : got < 0 ? -errno : -EIO;
}

/* ---- addresses ---- */

/* Changes the bits of an address from `first` on, each by what stands before it and how much that is. */
static void change_bits(const struct redactor *redactor, uint8_t *address, size_t bytes, size_t first)
{
	uint8_t prefix[18] = { (uint8_t)bytes }; /* so that IPv4 and IPv6 differ */

	memcpy(prefix + 2, address, first / 8);
	for (size_t bit = first; bit < bytes * 8; bit++) {
		uint8_t mask = (uint8_t)(0x80 >> bit % 8), before = address[bit / 8];

		prefix[1] = (uint8_t)bit; /* or all zeros in a row would have one hash */
		if (siphash(redactor->key, prefix, sizeof(prefix)) & 1)
			address[bit / 8] ^= mask;
		prefix[2 + bit / 8] |= before & mask; /* the hash is of what stood there */
	}
}

static bool stays_ipv4(const uint8_t address[4])
{
	return address[0] == 0 || address[0] == 127 || address[0] >= 224;
}

static bool is_mapped(const uint8_t address[16])
{
	static const uint8_t prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	return memcmp(address, prefix, sizeof(prefix)) == 0;
}

static bool stays_ipv6(const uint8_t address[16])
{
	static const uint8_t zeros[15];

	return address[0] == 0xff || (memcmp(address, zeros, sizeof(zeros)) == 0 && address[15] <= 1);
}

static bool stays_mac(const uint8_t address[MAC_BYTES])
{
	static const uint8_t zeros[MAC_BYTES];

	return address[0] & 1 || memcmp(address, zeros, sizeof(zeros)) == 0;
}

/* Bits beyond a network's prefix stay 0. */
static void keep_prefix(uint8_t *address, size_t bytes, uint32_t prefix)
{
	for (size_t bit = prefix; bit < bytes * 8; bit++)
		address[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

static bool add_mac(const struct redactor *redactor, const char *word, struct text *ret)
{
	uint8_t address[MAC_BYTES];
	uint64_t hash;

	if (strlen(word) != 17)
		return false;
	for (size_t i = 0; i < MAC_BYTES; i++) {
		uint64_t byte;

		if (parse_hex((struct slice){ word + 3 * i, 2 }, &byte) || (i < 5 && word[3 * i + 2] != ':'))
			return false;
		address[i] = (uint8_t)byte;
	}
	if (!stays_mac(address)) {
		hash = siphash(redactor->key, address, sizeof(address));
		memcpy(address, &hash, sizeof(address));
		address[0] = 0x02; /* one that somebody gave */
	}
	for (size_t i = 0; i < MAC_BYTES; i++)
		text_addf(ret, "%s%02x", i ? ":" : "", address[i]);
	return true;
}

static bool add_ipv4(const struct redactor *redactor, const char *word, uint32_t prefix, struct text *ret)
{
	char shown[INET_ADDRSTRLEN];
	uint8_t address[4];

	if (inet_pton(AF_INET, word, address) != 1)
		return false;
	if (!stays_ipv4(address)) {
		change_bits(redactor, address, sizeof(address), 8);
		keep_prefix(address, sizeof(address), prefix < 32 ? prefix : 32);
	}
	text_add(ret, inet_ntop(AF_INET, address, shown, sizeof(shown)));
	return true;
}

static bool add_ipv6(const struct redactor *redactor, const char *word, uint32_t prefix, struct text *ret)
{
	char shown[INET6_ADDRSTRLEN];
	uint8_t address[16];

	if (inet_pton(AF_INET6, word, address) != 1)
		return false;
	if (is_mapped(address)) {
		if (!stays_ipv4(address + 12))
			change_bits(redactor, address + 12, 4, 8);
	} else if (!stays_ipv6(address)) {
		change_bits(redactor, address, sizeof(address), 16);
		keep_prefix(address, sizeof(address), prefix < 128 ? prefix : 128);
	}
	text_add(ret, inet_ntop(AF_INET6, address, shown, sizeof(shown)));
	return true;
}

/* "/24" after an address; UINT32_MAX where there is none. */
static uint32_t prefix_at(const char *text)
{
	uint32_t prefix;

	if (*text != '/' || parse_u32((struct slice){ text + 1, strspn(text + 1, "0123456789") }, &prefix))
		return UINT32_MAX;
	return prefix;
}

static bool may_be_address(char c)
{
	return isxdigit((unsigned char)c) || c == ':' || c == '.';
}

/* The address that the text begins with: how long it is, or 0 when it begins with none. */
static size_t add_address(const struct redactor *redactor, const char *text, struct text *ret)
{
	size_t length = 0, colon;
	char word[WORD_MAX];

	while (may_be_address(text[length]))
		length++;
	while (length && text[length - 1] == '.')
		length--;
	colon = strcspn(text, ":");
	for (size_t tried = length; tried; tried = tried == length && colon < length ? colon : 0) {
		uint32_t prefix = prefix_at(text + tried);

		if (tried >= sizeof(word))
			continue;
		memcpy(word, text, tried);
		word[tried] = '\0';
		if (add_mac(redactor, word, ret) || add_ipv6(redactor, word, prefix, ret) ||
		    add_ipv4(redactor, word, prefix, ret))
			return tried;
	}
	return 0;
}

void redact_addresses(const struct redactor *redactor, const char *text, struct text *ret)
{
	bool inside = false; /* a word */

	while (*text) {
		size_t length = inside || !may_be_address(*text) ? 0 : add_address(redactor, text, ret);

		inside = !length && (isalnum((unsigned char)*text) || *text == '_' || *text == '.');
		if (!length)
			text_add_bytes(ret, text, 1);
		text += length ? length : 1;
	}
}

/* ---- names ---- */

void redact_name(const struct redactor *redactor, const char *text, struct text *ret)
{
	text_addf(ret, "name-%010" PRIx64, siphash(redactor->key, text, strlen(text)) & UINT64_C(0xffffffffff));
}

/* Parts of paths that every host has. */
static bool is_common_part(const char *part)
{
	static const char *const common[] = { "proc",		"self",	 "ns",		 "net",	       "run",
					      "netns",		"var",	 "system.slice", "user.slice", "init.scope",
					      "kubepods.slice", "docker" };

	return part[strspn(part, "0123456789")] == '\0' || text_is_one_of(part, common, ARRAY_SIZE(common));
}

/* Each part of a path by itself: what lies in the same directory does so afterwards. */
static void redact_path(const struct redactor *redactor, const char *text, struct text *ret)
{
	while (*text) {
		size_t length = strcspn(text, "/");
		CLEANUP_TEXT struct text part = { 0 };

		text_add_bytes(&part, text, length);
		if (is_common_part(text_string(&part)))
			text_add(ret, text_string(&part));
		else
			redact_name(redactor, text_string(&part), ret);
		text += length;
		if (*text == '/')
			text_add_bytes(ret, text++, 1);
	}
}

/* Names that the kernel, udev and container runtimes give by themselves tell nothing. */
static bool is_common_interface(const char *name)
{
	static const char *const prefixes[] = {
		"lo",	"eth", "en",  "wl",  "ww",     "ib",	"bond", "team", "br",
		"veth", "tun", "tap", "cni", "docker", "vxlan", "wg",	"ifb",	"dummy"
	};

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		size_t length = strlen(prefixes[i]);

		if (strncmp(name, prefixes[i], length) == 0 &&
		    strspn(name + length, "0123456789abcdefnopsux.-") == strlen(name + length))
			return true;
	}
	return false;
}

static void redact_interface(const struct redactor *redactor, const char *text, struct text *ret)
{
	if (is_common_interface(text))
		text_add(ret, text);
	else
		redact_name(redactor, text, ret);
}

/* Addresses, and what stands in quotation marks: comments and prefixes of log lines. */
static void redact_rule(const struct redactor *redactor, const char *text, struct text *ret)
{
	while (*text) {
		size_t length = strcspn(text, "\"");
		CLEANUP_TEXT struct text part = { 0 };

		text_add_bytes(&part, text, length);
		redact_addresses(redactor, text_string(&part), ret);
		text += length;
		if (!*text)
			return;
		length = strcspn(text + 1, "\"");
		text_clear(&part);
		text_add_bytes(&part, text + 1, length);
		text_add(ret, "\"");
		redact_name(redactor, text_string(&part), ret);
		text_add(ret, "\"");
		text += 1 + length + (text[1 + length] == '"');
	}
}

static void redact_object_name(const struct redactor *redactor, enum object_kind kind, const char *text,
			       struct text *ret)
{
	switch ((int)kind) {
	case OBJECT_NETNS:
	case OBJECT_PROCESS:
	case OBJECT_CGROUP:
		redact_name(redactor, text, ret);
		return;
	case OBJECT_LINK:
		redact_interface(redactor, text, ret);
		return;
	default:
		break;
	}
	if (kind == OBJECT_SOCKET && strchr(text, '/')) /* "unix /run/x.sock" */
		redact_path(redactor, text, ret);
	else
		redact_rule(redactor, text, ret);
}

void redact_label(const struct redactor *redactor, enum object_kind kind, enum label label, const char *text,
		  struct text *ret)
{
	switch ((int)label) {
	case LABEL_NAME:
		redact_object_name(redactor, kind, text, ret);
		return;
	case LABEL_LOCAL:
	case LABEL_REMOTE:
	case LABEL_ADDRESS:
	case LABEL_SOURCE:
	case LABEL_DESTINATION:
	case LABEL_TEXT:
		redact_rule(redactor, text, ret);
		return;
	case LABEL_COMM:
	case LABEL_CONTAINER:
	case LABEL_SERVICE:
	case LABEL_SWITCH:
		redact_name(redactor, text, ret);
		return;
	case LABEL_CGROUP:
		redact_path(redactor, text, ret);
		return;
	case LABEL_PATH:
		if (kind == OBJECT_NETNS)
			redact_path(redactor, text, ret);
		else
			text_add(ret, text);
		return;
	default:
		text_add(ret, text);
	}
}

bool redact_is_hash(enum object_kind kind, bool second)
{
	switch ((int)kind) {
	case OBJECT_FLOW:
		return true;
	case OBJECT_ROUTE:
		return !second;
	case OBJECT_NEIGHBOUR:
	case OBJECT_ADDRESS:
		return second;
	default:
		return false;
	}
}

uint64_t redact_number(const struct redactor *redactor, uint64_t number)
{
	return siphash(redactor->key, &number, sizeof(number));
}
