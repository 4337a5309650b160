/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of several rules dropped, by the flows that netfilter dropped: where each flow can have met one rule alone, the
 * number of its packets is that rule's. A policy gets what no rule can have met. If that leaves a doubt about any flow, or
 * not all packets are in flows, nothing is told.
 */
#include "diagnose/detection.h"

#include "diagnose/rule_match.h"

#include "base/alloc.h"
#include "base/parse.h"

#include <arpa/inet.h>
#include <string.h>

#define COMPLETE_SHARE 50 /* one packet in so many may be in no flow: the readings are not of one instant */

/* "10.0.0.1:4000", "[fd00::1]:53", "10.0.0.1" */
static bool endpoint_read(const char *text, uint8_t address[16], uint16_t *ret_port, bool *ret_ipv6)
{
	const char *host = text + (*text == '['), *end = strchr(text, ']'), *colon;
	char copy[INET6_ADDRSTRLEN];
	uint64_t port = 0;
	size_t length;

	colon = end ? end + 1 : strchr(text, '.') ? strchr(text, ':') : NULL;
	length = end ? (size_t)(end - host) : colon ? (size_t)(colon - host) : strlen(host);
	if (length >= sizeof(copy))
		return false;
	memcpy(copy, host, length);
	copy[length] = 0;
	if (colon && *colon == ':' && parse_u64(slice_of(colon + 1), &port))
		return false;
	*ret_port = (uint16_t)port;
	*ret_ipv6 = strchr(copy, ':');
	return inet_pton(*ret_ipv6 ? AF_INET6 : AF_INET, copy, address) == 1;
}

static bool packet_of(const struct object *flow, struct rule_packet *ret)
{
	uint64_t protocol = 0;
	bool ipv6;

	*ret = (struct rule_packet){ 0 };
	if (parse_u64(slice_of(object_text(flow, LABEL_KIND)), &protocol) ||
	    !endpoint_read(object_text(flow, LABEL_SOURCE), ret->source, &ret->source_port, &ret->ipv6) ||
	    !endpoint_read(object_text(flow, LABEL_DESTINATION), ret->destination, &ret->destination_port, &ipv6))
		return false;
	ret->protocol = (uint8_t)protocol;
	ret->has_ports = ret->source_port || ret->destination_port;
	return ipv6 == ret->ipv6;
}

/* The one rule that can have met the packet, else the one policy; SIZE_MAX when there are none, or several. */
static size_t culprit(const struct detection *detection, const uint32_t *rules, size_t count,
		      const struct rule_packet *packet)
{
	size_t found = SIZE_MAX, policy = SIZE_MAX, rules_met = 0, policies = 0;

	for (size_t i = 0; i < count; i++) {
		const struct object *rule = object_get(detection->objects, rules[i]);

		if (rule->key.kind == OBJECT_CHAIN) {
			policy = i;
			policies++;
		} else if (rule_matches(object_text(rule, LABEL_TEXT), packet) != RULE_CANNOT) {
			found = i;
			rules_met++;
		}
	}
	if (rules_met)
		return rules_met == 1 ? found : SIZE_MAX;
	return policies == 1 ? policy : SIZE_MAX;
}

bool detect_rules_of_flows(const struct detection *detection, uint32_t netns, const uint32_t *rules, size_t count,
			   uint64_t *ret_packets)
{
	uint64_t sum = 0, all = detect_told(detection, "NETFILTER_DROP", netns);
	const struct cell *cell;
	size_t i;

	memset(ret_packets, 0, count * sizeof(*ret_packets));
	series_each(detection->series, C_DROP_FLOW, i, cell) {
		const struct object *flow = object_get(detection->objects, cell->object);
		struct rule_packet packet;
		size_t rule;

		if (!cell->increase || flow->netns != netns)
			continue;
		rule = packet_of(flow, &packet) ? culprit(detection, rules, count, &packet) : SIZE_MAX;
		if (rule == SIZE_MAX)
			return false;
		ret_packets[rule] += cell->increase;
		sum += cell->increase;
	}
	return sum && sum + all / COMPLETE_SHARE >= all && sum <= all + all / COMPLETE_SHARE;
}
