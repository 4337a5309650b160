/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a firewall rule can have met a packet, by the rule's text as nft or iptables-save print it. Only what a rule says of
 * protocol, addresses and ports is understood; of everything else (interfaces, connection states, sets by name, marks) it
 * is not known whether it held.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum rule_match {
	RULE_CANNOT, /* something it says does not hold for the packet */
	RULE_MAY,    /* what is understood holds, and there is more */
	RULE_DOES,   /* all it says holds */
};

struct rule_packet {
	bool ipv6;
	uint8_t protocol;
	uint8_t source[16], destination[16]; /* of IPv4 the first four bytes */
	bool has_ports;
	uint16_t source_port, destination_port;
};

enum rule_match rule_matches(const char *text, const struct rule_packet *packet);
