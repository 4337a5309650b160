/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words of a rule, from left to right. nft: "ip saddr 10.0.0.0/8 udp dport { 53, 67-68 } counter drop"; iptables-save:
 * "-s 10.0.0.0/8 -p udp -m udp ! --dport 53 -j DROP".
 */
#include "diagnose/rule_match.h"

#include "base/alloc.h"
#include "base/parse.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>

/* What a word is about. */
enum aspect { PROTOCOL, SOURCE, DESTINATION, SOURCE_PORT, DESTINATION_PORT };

struct rule {
	struct cursor words;
	const struct rule_packet *packet;
	bool cannot, may;
};

static const struct {
	const char *name;
	uint8_t number;
} protocols[] = {
	{ "icmp", 1 }, { "igmp", 2 }, { "tcp", 6 },	{ "udp", 17 },	     { "dccp", 33 },  { "gre", 47 },
	{ "esp", 50 }, { "ah", 51 },  { "icmpv6", 58 }, { "ipv6-icmp", 58 }, { "sctp", 132 }, { "udplite", 136 },
};

static bool protocol_number(struct slice word, uint64_t *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (slice_is(word, protocols[i].name)) {
			*ret = protocols[i].number;
			return true;
		}
	}
	return parse_u64(word, ret) == 0;
}

/* "53", "67-68", iptables' "67:68". -1: not understood; a port's name is not, since nothing here may ask for it. */
static int port_is(struct slice word, uint16_t port)
{
	struct cursor cursor = cursor_of(word.data, word.length);
	struct slice first;
	uint64_t low, high;

	if (!cursor_until(&cursor, '-', &first)) {
		cursor = cursor_of(word.data, word.length);
		if (!cursor_until(&cursor, ':', &first))
			return parse_u64(word, &low) ? -1 : low == port;
	}
	if (parse_u64(first, &low) || parse_u64(cursor.rest, &high))
		return -1;
	return low <= port && port <= high;
}

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned int bits)
{
	uint8_t mask = (uint8_t)(0xff00 >> (bits & 7));

	return memcmp(a, b, bits / 8) == 0 && (!(bits & 7) || ((a[bits / 8] ^ b[bits / 8]) & mask) == 0);
}

/* "10.0.0.0/8", "fd00::1". -1: not understood. */
static int address_matches(struct slice word, bool ipv6, const uint8_t *address)
{
	struct cursor cursor = cursor_of(word.data, word.length);
	unsigned int most = ipv6 ? 128 : 32;
	uint64_t bits = most;
	uint8_t network[16];
	struct slice base = word;
	char text[INET6_ADDRSTRLEN];

	if (cursor_until(&cursor, '/', &base) && parse_u64(cursor.rest, &bits))
		return -1;
	if (base.length >= sizeof(text) || bits > most)
		return -1;
	memcpy(text, base.data, base.length);
	text[base.length] = 0;
	if (inet_pton(ipv6 ? AF_INET6 : AF_INET, text, network) != 1)
		return -1;
	return same_bits(network, address, (unsigned int)bits);
}

/* One value of an aspect: 1 it holds, 0 it does not, -1 not known. */
static int value_holds(const struct rule_packet *packet, enum aspect aspect, struct slice word)
{
	uint64_t number;

	switch (aspect) {
	case PROTOCOL:
		return protocol_number(word, &number) ? number == packet->protocol : -1;
	case SOURCE:
		return address_matches(word, packet->ipv6, packet->source);
	case DESTINATION:
		return address_matches(word, packet->ipv6, packet->destination);
	case SOURCE_PORT:
		return packet->has_ports ? port_is(word, packet->source_port) : 0;
	case DESTINATION_PORT:
		return packet->has_ports ? port_is(word, packet->destination_port) : 0;
	}
	return -1;
}

static struct slice without_comma(struct slice word)
{
	if (word.length && word.data[word.length - 1] == ',')
		word.length--;
	return word;
}

/* "{ 53, 67-68 }", of which the first brace was read: any of them. */
static int list_holds(struct rule *rule, enum aspect aspect)
{
	int holds = 0;
	struct slice word;

	while (cursor_word(&rule->words, &word) && !slice_is(word, "}")) {
		int one = value_holds(rule->packet, aspect, without_comma(word));

		if (one == 1 || (one < 0 && !holds))
			holds = one;
	}
	return holds;
}

/* The value or list behind a word, and what it means for the rule. */
static void judge(struct rule *rule, enum aspect aspect, bool negated)
{
	struct slice word;
	int holds;

	if (!cursor_word(&rule->words, &word))
		return;
	if (slice_is(word, "!=")) {
		negated = !negated;
		if (!cursor_word(&rule->words, &word))
			return;
	}
	holds = slice_is(word, "{") ? list_holds(rule, aspect) : value_holds(rule->packet, aspect, word);
	if (holds < 0)
		rule->may = true;
	else if ((holds == 1) == negated)
		rule->cannot = true;
}

static const struct {
	const char *word;
	enum aspect aspect;
} aspects[] = {
	{ "saddr", SOURCE },
	{ "daddr", DESTINATION },
	{ "sport", SOURCE_PORT },
	{ "dport", DESTINATION_PORT },
	{ "protocol", PROTOCOL },
	{ "nexthdr", PROTOCOL },
	{ "l4proto", PROTOCOL },
	{ "-s", SOURCE },
	{ "-d", DESTINATION },
	{ "-p", PROTOCOL },
	{ "--sport", SOURCE_PORT },
	{ "--dport", DESTINATION_PORT },
	{ "--source-port", SOURCE_PORT },
	{ "--destination-port", DESTINATION_PORT },
};

static bool take_aspect(struct rule *rule, struct slice word, bool negated)
{
	for (size_t i = 0; i < ARRAY_SIZE(aspects); i++) {
		if (slice_is(word, aspects[i].word)) {
			judge(rule, aspects[i].aspect, negated);
			return true;
		}
	}
	return false;
}

/* "udp" before "dport", "ip6" before "saddr": they say a protocol or a family by themselves. */
static bool take_prefix(struct rule *rule, struct slice word)
{
	uint64_t number;

	if (slice_is(word, "ip") || slice_is(word, "ip6")) {
		if (slice_is(word, "ip6") != rule->packet->ipv6)
			rule->cannot = true;
		return true;
	}
	if (slice_is(word, "th")) /* any transport */
		return true;
	if (parse_u64(word, &number) == 0 || !protocol_number(word, &number))
		return false;
	if (number != rule->packet->protocol)
		rule->cannot = true;
	return true;
}

/* Words that say nothing about packets. Those with a value swallow it. */
static bool take_silent(struct rule *rule, struct slice word)
{
	static const char *const alone[] = { "counter", "drop", "reject", "meta", "DROP", "REJECT", "accept" };
	static const char *const with_value[] = { "-m", "-j", "-A", "comment", "--comment" };
	struct slice value;

	for (size_t i = 0; i < ARRAY_SIZE(alone); i++) {
		if (slice_is(word, alone[i]))
			return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(with_value); i++) {
		if (slice_is(word, with_value[i])) {
			(void)cursor_word(&rule->words, &value);
			return true;
		}
	}
	return false;
}

enum rule_match rule_matches(const char *text, const struct rule_packet *packet)
{
	struct rule rule = { .words = cursor_of(text, strlen(text)), .packet = packet };
	bool negated = false;
	struct slice word;

	while (cursor_word(&rule.words, &word)) {
		if (slice_is(word, "!")) {
			negated = true;
			continue;
		}
		if (!take_aspect(&rule, word, negated) && !take_prefix(&rule, word) && !take_silent(&rule, word))
			rule.may = true;
		negated = false;
	}
	return rule.cannot ? RULE_CANNOT : rule.may ? RULE_MAY : RULE_DOES;
}
