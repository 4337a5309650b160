/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The headers of one packet, from the first bytes of it: a sample, which may end anywhere and hold anything. Every step
 * goes forward and the layers are counted, so that no packet can keep the decoder busy. Checksums are not looked at: a
 * sample is not whole, and cards fill them in later.
 *
 * Ethernet II, VLAN tags (IEEE 802.1Q, 802.1ad), ARP (RFC 826), IPv4 (RFC 791), IPv6 with its extension headers (RFC
 * 8200), TCP, UDP, SCTP, ICMP, ICMPv6, and packets in packets: IP in IP (RFC 2003, 2473, 4213), GRE (RFC 2784, 2890),
 * VXLAN (RFC 7348), Geneve (RFC 8926).
 */
#pragma once

#include "base/siphash.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_LAYERS 16    /* headers; what is nested deeper is left alone */
#define PACKET_EXTENSIONS 8 /* extension headers of one IPv6 packet, likewise */

enum packet_kind {
	PACKET_ETHERNET,
	PACKET_VLAN,
	PACKET_ARP,
	PACKET_IPV4,
	PACKET_IPV6, /* with its extension headers */
	PACKET_TCP,
	PACKET_UDP,
	PACKET_SCTP,
	PACKET_ICMP,
	PACKET_ICMPV6,
	PACKET_GRE,
	PACKET_VXLAN,
	PACKET_GENEVE,
	PACKET_KINDS,
};

enum packet_state {
	PACKET_WHOLE,	  /* every header that is understood is there; the payload may not be */
	PACKET_TRUNCATED, /* the bytes, or those of this fragment, end within a header */
	PACKET_MALFORMED, /* a header contradicts itself or the one around it */
	PACKET_DEEP,	  /* more headers than are looked at */
	PACKET_UNREAD,	  /* not one byte of it */
	PACKET_STATES,
};

/* One header. The last one may be cut where the state says so: its length is then what could be read of it. */
struct packet_layer {
	enum packet_kind kind;
	uint32_t offset, length; /* bytes, from the first one given */
	uint32_t id;		 /* of VLAN, VXLAN, Geneve: its number; of GRE: its key, if it has one */
	bool has_id;
};

enum packet_family {
	PACKET_NO_FAMILY, /* the EtherType is all there is */
	PACKET_FAMILY_IPV4,
	PACKET_FAMILY_IPV6,
	PACKET_FAMILY_ARP, /* with IPv4 addresses: the sender's, the one asked for */
};

enum packet_tunnel {
	PACKET_NO_TUNNEL,
	PACKET_IN_IP,
	PACKET_IN_GRE,
	PACKET_IN_VXLAN,
	PACKET_IN_GENEVE,
};

/* Who sends to whom, from one network header and the one after it. Numbers in the host's byte order. */
struct packet_flow {
	enum packet_family family;
	uint16_t ethertype;			 /* 0: not known; below 0x600: the length of an IEEE 802.3 frame */
	unsigned int layer;			 /* index of the network header, where there is a family */
	uint8_t source[16], destination[16];	 /* as in the packet; of IPv4 the first four bytes */
	uint8_t protocol;			 /* of IP, behind the extension headers that could be read */
	bool has_ports, has_icmp, has_tcp_flags; /* a later fragment has none of them */
	uint16_t source_port, destination_port;
	uint8_t icmp_type, icmp_code;
	uint8_t tcp_flags;	/* as in the packet: FIN is 1, CWR is 128 */
	uint16_t arp_operation; /* 1: request, 2: reply */
	uint8_t ttl;		/* or hop limit */
	bool more_fragments;
	uint16_t fragment_offset;  /* bytes */
	uint32_t fragment_id;	   /* of IPv4 in every packet; of IPv6 in fragments */
	uint32_t length;	   /* bytes by its own header, that one included; 0: not said (jumbo packets) */
	enum packet_tunnel tunnel; /* the one it came out of */
	bool has_tunnel_id;
	uint32_t tunnel_id; /* VNI, or key of GRE */
};

struct packet {
	enum packet_state state;
	unsigned int count;
	struct packet_layer layers[PACKET_LAYERS];
	struct packet_flow outer;
	struct packet_flow inner; /* the innermost whose addresses are there; the outer one without a tunnel */
	bool tunnelled;		  /* inner is another than outer */
};

/* From the network header, with the EtherType that the kernel has for it; from the Ethernet header. Never fail. */
void packet_decode_network(const void *bytes, size_t length, uint16_t ethertype, struct packet *ret);
void packet_decode_frame(const void *bytes, size_t length, struct packet *ret);

const char *packet_kind_name(enum packet_kind kind);	/* "VXLAN" */
const char *packet_state_name(enum packet_state state); /* "cut short" */
const char *packet_protocol_name(uint8_t protocol);	/* "UDP"; NULL for the rare ones */

/*
 * One line, ASCII, without a newline: "IPv4 10.0.0.1:4000 > 10.0.0.2:53 UDP", "IPv4 10.0.0.1 > 10.0.0.2 ICMP echo
 * request in VXLAN 42 from 192.0.2.1 to 192.0.2.2". The flow alone; the packet with its tunnels and its state.
 *
 * `redact_key` NULL shows addresses. Otherwise they become names that hold for this key: "v4-5b2c90e1aa". A key is
 * random bytes of one run (getrandom), kept nowhere. Forty bits are shown: among 10,000 addresses two share a name once
 * in 20,000 runs.
 */
void packet_flow_print(const struct packet_flow *flow, const uint8_t *redact_key, struct text *text);
void packet_print(const struct packet *packet, const uint8_t *redact_key, struct text *text);

/* The address alone, as the lines above have it, of a family that is not PACKET_NO_FAMILY. */
void packet_address_print(enum packet_family family, const uint8_t address[16], const uint8_t *redact_key,
			  struct text *text);
