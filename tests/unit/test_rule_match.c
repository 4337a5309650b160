/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diagnose/rule_match: what a rule's text says of a packet, in the words of nft and of iptables-save. */
#include "diagnose/rule_match.h"
#include "unit/unit.h"

#include <arpa/inet.h>
#include <string.h>

static struct rule_packet packet_of(const char *source, const char *destination, uint8_t protocol, uint16_t from,
				    uint16_t to)
{
	struct rule_packet packet = { .ipv6 = strchr(source, ':'),
				      .protocol = protocol,
				      .has_ports = from || to,
				      .source_port = from,
				      .destination_port = to };

	assert_int_equal(inet_pton(packet.ipv6 ? AF_INET6 : AF_INET, source, packet.source), 1);
	assert_int_equal(inet_pton(packet.ipv6 ? AF_INET6 : AF_INET, destination, packet.destination), 1);
	return packet;
}

static const struct {
	const char *text;
	enum rule_match ipv4, ipv6; /* for a datagram 10.1.2.3:4000 > 10.9.9.9:53, and fd00::1:4000 > fd00::2:53 */
} rules[] = {
	{ "drop", RULE_DOES, RULE_DOES },
	{ "counter drop", RULE_DOES, RULE_DOES },
	{ "udp dport 53 drop", RULE_DOES, RULE_DOES },
	{ "udp dport 54 drop", RULE_CANNOT, RULE_CANNOT },
	{ "udp sport 4000 counter drop", RULE_DOES, RULE_DOES },
	{ "tcp dport 53 drop", RULE_CANNOT, RULE_CANNOT },
	{ "tcp dport 53 ct state new drop", RULE_CANNOT, RULE_CANNOT },
	{ "udp dport 53 ct state new drop", RULE_MAY, RULE_MAY },
	{ "udp dport != 53 drop", RULE_CANNOT, RULE_CANNOT },
	{ "udp dport != 54 drop", RULE_DOES, RULE_DOES },
	{ "udp dport { 22, 53 } drop", RULE_DOES, RULE_DOES },
	{ "udp dport { 22, 80-90 } drop", RULE_CANNOT, RULE_CANNOT },
	{ "udp dport 50-60 drop", RULE_DOES, RULE_DOES },
	{ "udp dport @blocked drop", RULE_MAY, RULE_MAY },
	{ "udp dport { domain } drop", RULE_MAY, RULE_MAY },
	{ "th dport 53 drop", RULE_DOES, RULE_DOES },
	{ "meta l4proto udp drop", RULE_DOES, RULE_DOES },
	{ "meta l4proto { tcp, icmp } drop", RULE_CANNOT, RULE_CANNOT },
	{ "ip protocol udp drop", RULE_DOES, RULE_CANNOT },
	{ "ip6 nexthdr udp drop", RULE_CANNOT, RULE_DOES },
	{ "ip saddr 10.0.0.0/8 drop", RULE_DOES, RULE_CANNOT },
	{ "ip saddr 10.2.0.0/15 drop", RULE_CANNOT, RULE_CANNOT },
	{ "ip saddr 10.0.0.0/15 drop", RULE_DOES, RULE_CANNOT },
	{ "ip daddr 10.9.9.9 drop", RULE_DOES, RULE_CANNOT },
	{ "ip daddr { 10.9.9.8, 10.9.9.9 } drop", RULE_DOES, RULE_CANNOT },
	{ "ip6 saddr fd00::/8 udp dport 53 drop", RULE_CANNOT, RULE_DOES },
	{ "iifname \"eth0\" udp dport 53 drop", RULE_MAY, RULE_MAY },
	{ "iifname \"eth0\" udp dport 54 drop", RULE_CANNOT, RULE_CANNOT },
	{ "-p udp -m udp --dport 53 -j DROP", RULE_DOES, RULE_DOES },
	{ "-p udp -m udp ! --dport 53 -j DROP", RULE_CANNOT, RULE_CANNOT },
	{ "-p tcp -m tcp --dport 53 -j DROP", RULE_CANNOT, RULE_CANNOT },
	{ "-p udp -m udp --sport 4000:4001 -j DROP", RULE_DOES, RULE_DOES },
	{ "-s 10.1.2.3/32 -j DROP", RULE_DOES, RULE_MAY },
	{ "-i eth0 -p udp -j DROP", RULE_MAY, RULE_MAY },
};

static void each_rule_as_it_reads(void **state)
{
	const struct rule_packet ipv4 = packet_of("10.1.2.3", "10.9.9.9", 17, 4000, 53);
	const struct rule_packet ipv6 = packet_of("fd00::1", "fd00::2", 17, 4000, 53);

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		enum rule_match four = rule_matches(rules[i].text, &ipv4), six = rule_matches(rules[i].text, &ipv6);

		if (four != rules[i].ipv4 || six != rules[i].ipv6)
			fail_msg("%s: IPv4 %d instead of %d, IPv6 %d instead of %d", rules[i].text, four, rules[i].ipv4,
				 six, rules[i].ipv6);
	}
}

/* A later fragment has no ports to be met by. */
static void without_ports_no_port_rule_matches(void **state)
{
	const struct rule_packet fragment = packet_of("10.1.2.3", "10.9.9.9", 17, 0, 0);

	assert_int_equal(rule_matches("udp dport 53 drop", &fragment), RULE_CANNOT);
	assert_int_equal(rule_matches("ip protocol udp drop", &fragment), RULE_DOES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_as_it_reads),
		cmocka_unit_test(without_ports_no_port_rule_matches),
	};

	return cmocka_run_group_tests_name("rule_match", tests, NULL, NULL);
}
