/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A packet in one line, with its addresses or with names in their place. */
#include "model/packet.h"

#include "base/alloc.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

const char *packet_kind_name(enum packet_kind kind)
{
	static const char *const names[PACKET_KINDS] = {
		[PACKET_ETHERNET] = "Ethernet", [PACKET_VLAN] = "VLAN", [PACKET_ARP] = "ARP",
		[PACKET_IPV4] = "IPv4",		[PACKET_IPV6] = "IPv6", [PACKET_TCP] = "TCP",
		[PACKET_UDP] = "UDP",		[PACKET_SCTP] = "SCTP", [PACKET_ICMP] = "ICMP",
		[PACKET_ICMPV6] = "ICMPv6",	[PACKET_GRE] = "GRE",	[PACKET_VXLAN] = "VXLAN",
		[PACKET_GENEVE] = "Geneve",
	};

	return names[kind];
}

const char *packet_state_name(enum packet_state state)
{
	static const char *const names[PACKET_STATES] = {
		[PACKET_WHOLE] = "whole",	  [PACKET_TRUNCATED] = "cut short",
		[PACKET_MALFORMED] = "malformed", [PACKET_DEEP] = "nested too deeply",
		[PACKET_UNREAD] = "not read",
	};

	return names[state];
}

/* IANA's protocol numbers, those that hosts drop. */
const char *packet_protocol_name(uint8_t protocol)
{
	static const struct {
		uint8_t protocol;
		const char *name;
	} names[] = {
		{ IPPROTO_HOPOPTS, "hop-by-hop options" },
		{ IPPROTO_ICMP, "ICMP" },
		{ IPPROTO_IGMP, "IGMP" },
		{ IPPROTO_IPIP, "IPv4 in IP" },
		{ IPPROTO_TCP, "TCP" },
		{ IPPROTO_UDP, "UDP" },
		{ IPPROTO_DCCP, "DCCP" },
		{ IPPROTO_IPV6, "IPv6 in IP" },
		{ IPPROTO_ROUTING, "routing header" },
		{ IPPROTO_FRAGMENT, "fragment header" },
		{ IPPROTO_GRE, "GRE" },
		{ IPPROTO_ESP, "ESP" },
		{ IPPROTO_AH, "AH" },
		{ IPPROTO_ICMPV6, "ICMPv6" },
		{ IPPROTO_NONE, "no next header" },
		{ IPPROTO_DSTOPTS, "destination options" },
		{ 89, "OSPF" },
		{ IPPROTO_PIM, "PIM" },
		{ 112, "VRRP" },
		{ IPPROTO_SCTP, "SCTP" },
		{ IPPROTO_UDPLITE, "UDP-Lite" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].protocol == protocol)
			return names[i].name;
	}
	return NULL;
}

/* ---- addresses ---- */

#define SHOWN_BITS 40

/* The family is part of what is hashed, so that an IPv4 address and an IPv6 one that begins alike differ. */
static void pseudonym_print(bool is_ipv6, const uint8_t address[16], const uint8_t *key, struct text *text)
{
	uint8_t named[17] = { is_ipv6 ? 6 : 4 };
	size_t length = is_ipv6 ? 16 : 4;
	uint64_t hash;

	memcpy(named + 1, address, length);
	hash = siphash(key, named, 1 + length) >> (64 - SHOWN_BITS);
	text_addf(text, "v%c-%0*llx", is_ipv6 ? '6' : '4', SHOWN_BITS / 4, (unsigned long long)hash);
}

void packet_address_print(enum packet_family family, const uint8_t address[16], const uint8_t *redact_key,
			  struct text *text)
{
	char shown[INET6_ADDRSTRLEN] = "";
	bool is_ipv6 = family == PACKET_FAMILY_IPV6;

	if (redact_key) {
		pseudonym_print(is_ipv6, address, redact_key, text);
		return;
	}
	inet_ntop(is_ipv6 ? AF_INET6 : AF_INET, address, shown, sizeof(shown));
	text_add(text, shown);
}

/* RFC 5952, 6: brackets keep the port apart from an IPv6 address. */
static void end_print(const struct packet_flow *flow, const uint8_t address[16], uint16_t port,
		      const uint8_t *redact_key, struct text *text)
{
	bool brackets = flow->family == PACKET_FAMILY_IPV6 && flow->has_ports && !redact_key;

	text_add(text, brackets ? "[" : "");
	packet_address_print(flow->family, address, redact_key, text);
	text_add(text, brackets ? "]" : "");
	if (flow->has_ports)
		text_addf(text, ":%u", port);
}

/* ---- what it is ---- */

/* A frame that holds no packet of IP, or none that could be read. */
static void frame_print(uint16_t ethertype, struct text *text)
{
	static const struct {
		uint16_t ethertype;
		const char *name;
	} names[] = {
		{ ETH_P_IP, "IPv4" },	    { ETH_P_IPV6, "IPv6" },   { ETH_P_ARP, "ARP" },
		{ ETH_P_8021Q, "VLAN" },    { ETH_P_8021AD, "VLAN" }, { ETH_P_MPLS_UC, "MPLS" },
		{ ETH_P_PPP_SES, "PPPoE" }, { ETH_P_PAE, "802.1X" },  { ETH_P_LLDP, "LLDP" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].ethertype == ethertype) {
			text_addf(text, "%s packet", names[i].name);
			return;
		}
	}
	if (!ethertype)
		text_add(text, "frame");
	else if (ethertype < ETH_P_802_3_MIN)
		text_add(text, "IEEE 802.3 frame");
	else
		text_addf(text, "frame of EtherType 0x%04x", ethertype);
}

static void tcp_flags_print(uint8_t flags, struct text *text)
{
	static const char *const names[] = { "FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR" };
	char before = ' ';

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!(flags & 1u << i))
			continue;
		text_addf(text, "%c%s", before, names[i]);
		before = '+';
	}
}

/* RFC 792, 4443, 4861: those that a host sends and gets. */
static void message_print(const struct packet_flow *flow, struct text *text)
{
	static const struct {
		enum packet_family family;
		uint8_t type;
		const char *name;
	} names[] = {
		{ PACKET_FAMILY_IPV4, 0, "echo reply" },
		{ PACKET_FAMILY_IPV4, 3, "unreachable" },
		{ PACKET_FAMILY_IPV4, 5, "redirect" },
		{ PACKET_FAMILY_IPV4, 8, "echo request" },
		{ PACKET_FAMILY_IPV4, 11, "time exceeded" },
		{ PACKET_FAMILY_IPV6, 1, "unreachable" },
		{ PACKET_FAMILY_IPV6, 2, "packet too big" },
		{ PACKET_FAMILY_IPV6, 3, "time exceeded" },
		{ PACKET_FAMILY_IPV6, 128, "echo request" },
		{ PACKET_FAMILY_IPV6, 129, "echo reply" },
		{ PACKET_FAMILY_IPV6, 133, "router solicitation" },
		{ PACKET_FAMILY_IPV6, 134, "router advertisement" },
		{ PACKET_FAMILY_IPV6, 135, "neighbour solicitation" },
		{ PACKET_FAMILY_IPV6, 136, "neighbour advertisement" },
	};
	const char *name = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].family == flow->family && names[i].type == flow->icmp_type)
			name = names[i].name;
	}
	if (name)
		text_addf(text, " %s", name);
	else
		text_addf(text, " type %u", flow->icmp_type);
	if (flow->icmp_code)
		text_addf(text, " code %u", flow->icmp_code);
}

static void protocol_print(const struct packet_flow *flow, struct text *text)
{
	const char *name = packet_protocol_name(flow->protocol);

	if (name)
		text_addf(text, " %s", name);
	else
		text_addf(text, " protocol %u", flow->protocol);
	if (flow->has_tcp_flags)
		tcp_flags_print(flow->tcp_flags, text);
	if (flow->has_icmp)
		message_print(flow, text);
	if (flow->fragment_offset)
		text_addf(text, " fragment at %u", flow->fragment_offset);
	else if (flow->more_fragments)
		text_add(text, " first fragment");
}

static void arp_print(const struct packet_flow *flow, const uint8_t *redact_key, struct text *text)
{
	text_add(text, "ARP ");
	packet_address_print(flow->family, flow->source, redact_key, text);
	text_add(text, " > ");
	packet_address_print(flow->family, flow->destination, redact_key, text);
	if (flow->arp_operation == 1)
		text_add(text, " request");
	else if (flow->arp_operation == 2)
		text_add(text, " reply");
	else
		text_addf(text, " operation %u", flow->arp_operation);
}

void packet_flow_print(const struct packet_flow *flow, const uint8_t *redact_key, struct text *text)
{
	switch (flow->family) {
	case PACKET_NO_FAMILY:
		frame_print(flow->ethertype, text);
		return;
	case PACKET_FAMILY_ARP:
		arp_print(flow, redact_key, text);
		return;
	case PACKET_FAMILY_IPV4:
	case PACKET_FAMILY_IPV6:
		break;
	}
	text_add(text, flow->family == PACKET_FAMILY_IPV4 ? "IPv4 " : "IPv6 ");
	end_print(flow, flow->source, flow->source_port, redact_key, text);
	text_add(text, " > ");
	end_print(flow, flow->destination, flow->destination_port, redact_key, text);
	protocol_print(flow, text);
}

/* ---- what it is in ---- */

static bool kind_is_ip(enum packet_kind kind)
{
	return kind == PACKET_IPV4 || kind == PACKET_IPV6;
}

/* The name of the tunnel that begins at this layer, NULL when none does. */
static const char *tunnel_name(const struct packet *packet, unsigned int layer)
{
	static const char *const in_ipv4[] = { "IPIP", "6in4" }, *const in_ipv6[] = { "4in6", "6in6" };
	enum packet_kind kind = packet->layers[layer].kind;

	if (kind == PACKET_GRE || kind == PACKET_VXLAN || kind == PACKET_GENEVE)
		return packet_kind_name(kind);
	if (!kind_is_ip(kind) || layer + 1 >= packet->count || !kind_is_ip(packet->layers[layer + 1].kind))
		return NULL;
	return (kind == PACKET_IPV4 ? in_ipv4 : in_ipv6)[packet->layers[layer + 1].kind == PACKET_IPV6];
}

static void tunnel_print(const struct packet *packet, unsigned int layer, const char *before, struct text *text)
{
	const char *name = tunnel_name(packet, layer);

	if (!name)
		return;
	text_addf(text, " %s %s", before, name);
	if (packet->layers[layer].has_id)
		text_addf(text, " %u", packet->layers[layer].id);
}

void packet_print(const struct packet *packet, const uint8_t *redact_key, struct text *text)
{
	packet_flow_print(&packet->inner, redact_key, text);
	/* A tunnel whose content could not be read; that it is GRE has been said. */
	for (unsigned int i = packet->inner.layer + 1; i < packet->count; i++) {
		if (packet->layers[i].kind != PACKET_GRE)
			tunnel_print(packet, i, "carrying", text);
	}
	for (unsigned int i = packet->inner.layer; packet->tunnelled && i-- > packet->outer.layer;)
		tunnel_print(packet, i, "in", text);
	if (packet->tunnelled) {
		text_add(text, " from ");
		packet_address_print(packet->outer.family, packet->outer.source, redact_key, text);
		text_add(text, " to ");
		packet_address_print(packet->outer.family, packet->outer.destination, redact_key, text);
	}
	if (packet->state != PACKET_WHOLE)
		text_addf(text, ", %s", packet_state_name(packet->state));
}
