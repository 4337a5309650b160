/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets made by hand, each from its payload outwards: a header goes before what is there and so knows its length. The
 * table at the end has one of every kind with what must be said of it.
 */
#pragma once

#include "base/alloc.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#define MADE_ROOM 2048

struct made {
	uint8_t room[MADE_ROOM];
	size_t length; /* used, at the end of the room */
};

static inline uint8_t *made_bytes(struct made *made)
{
	return made->room + MADE_ROOM - made->length;
}

static inline uint8_t *made_before(struct made *made, size_t bytes)
{
	made->length += bytes;
	return made_bytes(made);
}

static inline void put16(uint8_t *at, unsigned int value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

static inline void made_payload(struct made *made, size_t bytes)
{
	memset(made_before(made, bytes), 'x', bytes);
}

static inline void made_ports(uint8_t *header, unsigned int source, unsigned int destination)
{
	put16(header, source);
	put16(header + 2, destination);
}

static inline uint8_t *made_udp(struct made *made, unsigned int source, unsigned int destination)
{
	uint8_t *header = made_before(made, 8);

	made_ports(header, source, destination);
	put16(header + 4, (unsigned int)made->length);
	return header;
}

static inline uint8_t *made_tcp(struct made *made, unsigned int source, unsigned int destination, uint8_t flags,
				size_t option_bytes)
{
	uint8_t *header = made_before(made, 20 + option_bytes);

	made_ports(header, source, destination);
	header[12] = (uint8_t)((20 + option_bytes) / 4 << 4);
	header[13] = flags;
	memset(header + 20, 1, option_bytes); /* no operation */
	return header;
}

static inline void made_sctp(struct made *made, unsigned int source, unsigned int destination)
{
	made_ports(made_before(made, 12), source, destination);
}

static inline void made_icmp(struct made *made, uint8_t type, uint8_t code)
{
	uint8_t *header = made_before(made, 8);

	header[0] = type;
	header[1] = code;
}

static inline uint8_t *made_ipv4_with(struct made *made, const char *source, const char *destination, uint8_t protocol,
				      size_t option_bytes)
{
	uint8_t *header = made_before(made, 20 + option_bytes);

	header[0] = (uint8_t)(0x40 | (20 + option_bytes) / 4);
	put16(header + 2, (unsigned int)made->length);
	put16(header + 4, 0x1234);
	header[8] = 63;
	header[9] = protocol;
	inet_pton(AF_INET, source, header + 12);
	inet_pton(AF_INET, destination, header + 16);
	memset(header + 20, 1, option_bytes);
	return header;
}

static inline uint8_t *made_ipv4(struct made *made, uint8_t protocol)
{
	return made_ipv4_with(made, "10.0.0.1", "10.0.0.2", protocol, 0);
}

static inline uint8_t *made_outer_ipv4(struct made *made, uint8_t protocol)
{
	return made_ipv4_with(made, "192.0.2.1", "192.0.2.2", protocol, 0);
}

static inline uint8_t *made_ipv6_with(struct made *made, const char *source, const char *destination, uint8_t protocol)
{
	size_t payload = made->length;
	uint8_t *header = made_before(made, 40);

	header[0] = 0x60;
	put16(header + 4, (unsigned int)payload);
	header[6] = protocol;
	header[7] = 62;
	inet_pton(AF_INET6, source, header + 8);
	inet_pton(AF_INET6, destination, header + 24);
	return header;
}

static inline uint8_t *made_ipv6(struct made *made, uint8_t protocol)
{
	return made_ipv6_with(made, "2001:db8::1", "2001:db8::2", protocol);
}

/* Of so many times eight bytes, filled with options that pad. */
static inline void made_extension(struct made *made, uint8_t next, size_t units)
{
	uint8_t *header = made_before(made, units * 8);

	memset(header, 0, units * 8);
	header[0] = next;
	header[1] = (uint8_t)(units - 1);
	header[2] = 1; /* PadN */
	header[3] = (uint8_t)(units * 8 - 4);
}

static inline void made_fragment(struct made *made, uint8_t next, unsigned int offset, unsigned int more)
{
	uint8_t *header = made_before(made, 8);

	header[0] = next;
	header[1] = 0;
	put16(header + 2, offset | more);
	put32(header + 4, 0xabcd1234);
}

static inline void made_ethernet(struct made *made, unsigned int ethertype)
{
	static const uint8_t addresses[12] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 };
	uint8_t *header = made_before(made, 14);

	memcpy(header, addresses, sizeof(addresses));
	put16(header + 12, ethertype);
}

static inline void made_vlan(struct made *made, unsigned int number, unsigned int ethertype)
{
	uint8_t *tag = made_before(made, 4);

	put16(tag, 0x6000 | number); /* priority 3 */
	put16(tag + 2, ethertype);
}

static inline uint8_t *made_arp(struct made *made, unsigned int operation)
{
	uint8_t *header = made_before(made, 28);

	memset(header, 0, 28);
	put16(header, 1);
	put16(header + 2, ETH_P_IP);
	header[4] = 6;
	header[5] = 4;
	put16(header + 6, operation);
	inet_pton(AF_INET, "10.0.0.1", header + 14);
	inet_pton(AF_INET, "10.0.0.2", header + 24);
	return header;
}

#define GRE_CHECKSUM 0x8000u
#define GRE_KEY 0x2000u
#define GRE_SEQUENCE 0x1000u

static inline uint8_t *made_gre(struct made *made, unsigned int flags, unsigned int ethertype, uint32_t key)
{
	size_t words = !!(flags & GRE_CHECKSUM) + !!(flags & GRE_KEY) + !!(flags & GRE_SEQUENCE);
	uint8_t *header = made_before(made, 4 + 4 * words);

	memset(header, 0, 4 + 4 * words);
	put16(header, flags);
	put16(header + 2, ethertype);
	if (flags & GRE_KEY)
		put32(header + (flags & GRE_CHECKSUM ? 8 : 4), key);
	return header;
}

static inline void made_vxlan(struct made *made, uint32_t number)
{
	uint8_t *header = made_before(made, 8);

	put32(header, 0x08000000);
	put32(header + 4, number << 8);
}

static inline void made_geneve(struct made *made, uint32_t number, unsigned int ethertype, size_t option_bytes)
{
	uint8_t *header = made_before(made, 8 + option_bytes);

	memset(header, 0, 8 + option_bytes);
	header[0] = (uint8_t)(option_bytes / 4);
	put16(header + 2, ethertype);
	put32(header + 4, number << 8);
	if (option_bytes)
		header[8 + 3] = (uint8_t)((option_bytes - 4) / 4); /* one option of that length */
}

/* ---- one of every kind ---- */

static inline void make_udp(struct made *made)
{
	made_payload(made, 10);
	made_udp(made, 4000, 53);
	made_ipv4(made, IPPROTO_UDP);
}

static inline void make_tcp(struct made *made)
{
	made_tcp(made, 4000, 80, 0x12, 4);
	made_ipv4(made, IPPROTO_TCP);
}

static inline void make_options(struct made *made)
{
	made_udp(made, 4000, 53);
	made_ipv4_with(made, "10.0.0.1", "10.0.0.2", IPPROTO_UDP, 12);
}

static inline void make_icmp(struct made *made)
{
	made_icmp(made, 8, 0);
	made_ipv4(made, IPPROTO_ICMP);
}

static inline void make_unreachable(struct made *made)
{
	made_payload(made, 28);
	made_icmp(made, 3, 4);
	made_ipv4(made, IPPROTO_ICMP);
}

static inline void make_first_fragment(struct made *made)
{
	made_payload(made, 16);
	put16(made_udp(made, 4000, 53) + 4, 2000); /* the whole datagram's length */
	put16(made_ipv4(made, IPPROTO_UDP) + 6, 0x2000);
}

static inline void make_later_fragment(struct made *made)
{
	made_payload(made, 16);
	put16(made_ipv4(made, IPPROTO_UDP) + 6, 1480 / 8);
}

static inline void make_ospf(struct made *made)
{
	made_payload(made, 24);
	made_ipv4(made, 89);
}

static inline void make_rare(struct made *made)
{
	made_payload(made, 24);
	made_ipv4(made, 200);
}

static inline void make_segments(struct made *made)
{
	made_payload(made, 100);
	made_tcp(made, 4000, 80, 0x10, 0);
	put16(made_ipv4(made, IPPROTO_TCP) + 2, 0);
}

static inline void make_udp6(struct made *made)
{
	made_payload(made, 10);
	made_udp(made, 4000, 53);
	made_ipv6(made, IPPROTO_UDP);
}

static inline void make_too_big(struct made *made)
{
	made_payload(made, 48);
	made_icmp(made, 2, 0);
	made_ipv6(made, IPPROTO_ICMPV6);
}

static inline void make_extensions(struct made *made)
{
	made_tcp(made, 4000, 80, 0x02, 0);
	made_extension(made, IPPROTO_TCP, 2);
	made_extension(made, IPPROTO_DSTOPTS, 1);
	made_ipv6(made, IPPROTO_HOPOPTS);
}

static inline void make_first_fragment6(struct made *made)
{
	made_payload(made, 16);
	put16(made_udp(made, 4000, 53) + 4, 2000);
	made_fragment(made, IPPROTO_UDP, 0, 1);
	made_ipv6(made, IPPROTO_FRAGMENT);
}

static inline void make_later_fragment6(struct made *made)
{
	made_payload(made, 16);
	made_fragment(made, IPPROTO_UDP, 1448, 1);
	made_ipv6(made, IPPROTO_FRAGMENT);
}

static inline void make_authenticated(struct made *made)
{
	uint8_t *header;

	made_tcp(made, 4000, 80, 0x01, 0);
	header = made_before(made, 24);
	memset(header, 0, 24);
	header[0] = IPPROTO_TCP;
	header[1] = 24 / 4 - 2;
	made_ipv6(made, IPPROTO_AH);
}

static inline void make_esp(struct made *made)
{
	made_payload(made, 24);
	made_ipv6(made, IPPROTO_ESP);
}

static inline void make_sctp(struct made *made)
{
	made_payload(made, 16);
	made_sctp(made, 2905, 2906);
	made_ipv4(made, IPPROTO_SCTP);
}

static inline void make_vlans(struct made *made)
{
	make_udp(made);
	made_vlan(made, 20, ETH_P_IP);
	made_vlan(made, 10, ETH_P_8021Q);
	made_ethernet(made, ETH_P_8021AD);
}

static inline void make_padded(struct made *made)
{
	made_payload(made, 18);
	memset(made_bytes(made), 0, 18);
	made_udp(made, 4000, 8472); /* whose padding is no VXLAN */
	put16(made_bytes(made) + 4, 8);
	put16(made_ipv4(made, IPPROTO_UDP) + 2, 28);
	made_ethernet(made, ETH_P_IP);
}

static inline void make_arp(struct made *made)
{
	made_arp(made, 1);
	made_ethernet(made, ETH_P_ARP);
}

static inline void make_lldp(struct made *made)
{
	made_payload(made, 30);
	made_ethernet(made, ETH_P_LLDP);
}

static inline void make_unknown_type(struct made *made)
{
	made_payload(made, 30);
	made_ethernet(made, 0x9999);
}

static inline void make_old_frame(struct made *made)
{
	made_payload(made, 38);
	made_ethernet(made, 38);
}

static inline void make_gre(struct made *made)
{
	make_udp(made);
	made_gre(made, 0, ETH_P_IP, 0);
	made_outer_ipv4(made, IPPROTO_GRE);
}

static inline void make_gre_ethernet(struct made *made)
{
	make_udp6(made);
	made_ethernet(made, ETH_P_IPV6);
	made_gre(made, GRE_CHECKSUM | GRE_KEY | GRE_SEQUENCE, ETH_P_TEB, 77);
	made_outer_ipv4(made, IPPROTO_GRE);
}

static inline void make_pptp(struct made *made)
{
	made_payload(made, 16);
	made_gre(made, GRE_KEY | 1, 0x880b, 77);
	made_ipv4(made, IPPROTO_GRE);
}

static inline void make_ipip(struct made *made)
{
	make_tcp(made);
	made_outer_ipv4(made, IPPROTO_IPIP);
}

static inline void make_6in4(struct made *made)
{
	make_udp6(made);
	made_outer_ipv4(made, IPPROTO_IPV6);
}

static inline void make_4in6(struct made *made)
{
	make_udp(made);
	made_ipv6_with(made, "2001:db8:f::1", "2001:db8:f::2", IPPROTO_IPIP);
}

static inline void make_6in6(struct made *made)
{
	make_udp6(made);
	made_ipv6_with(made, "2001:db8:f::1", "2001:db8:f::2", IPPROTO_IPV6);
}

static inline void make_vxlan(struct made *made)
{
	make_icmp(made);
	made_ethernet(made, ETH_P_IP);
	made_vxlan(made, 42);
	made_udp(made, 50000, 4789);
	made_outer_ipv4(made, IPPROTO_UDP);
	made_ethernet(made, ETH_P_IP);
}

static inline void make_old_vxlan(struct made *made)
{
	made_arp(made, 2);
	made_vlan(made, 30, ETH_P_ARP);
	made_ethernet(made, ETH_P_8021Q);
	made_vxlan(made, 0xffffff);
	made_udp(made, 50000, 8472);
	made_ipv6_with(made, "2001:db8:f::1", "2001:db8:f::2", IPPROTO_UDP);
}

static inline void make_vxlan_lldp(struct made *made)
{
	make_lldp(made);
	made_vxlan(made, 42);
	made_udp(made, 50000, 4789);
	made_ipv4(made, IPPROTO_UDP);
}

/* To the port of VXLAN, and none: the flag that says so is missing. */
static inline void make_not_vxlan(struct made *made)
{
	made_payload(made, 64);
	made_bytes(made)[0] = 0;
	made_udp(made, 4000, 8472);
	made_ipv4(made, IPPROTO_UDP);
}

static inline void make_geneve(struct made *made)
{
	make_tcp(made);
	made_ethernet(made, ETH_P_IP);
	made_geneve(made, 7, ETH_P_TEB, 8);
	made_udp(made, 50000, 6081);
	made_outer_ipv4(made, IPPROTO_UDP);
}

static inline void make_geneve_ip(struct made *made)
{
	make_udp6(made);
	made_geneve(made, 8, ETH_P_IPV6, 0);
	made_udp(made, 50000, 6081);
	made_outer_ipv4(made, IPPROTO_UDP);
}

static inline void make_nested(struct made *made)
{
	make_udp(made);
	made_ethernet(made, ETH_P_IP);
	made_vxlan(made, 42);
	made_udp(made, 50000, 4789);
	made_ipv4_with(made, "172.16.0.1", "172.16.0.2", IPPROTO_UDP, 0);
	made_gre(made, GRE_KEY, ETH_P_IP, 5);
	made_outer_ipv4(made, IPPROTO_GRE);
}

#define FRAME 0 /* begins with an Ethernet header */

static const struct packet_case {
	void (*make)(struct made *made);
	uint16_t ethertype;
	size_t headers; /* bytes; without the last of them the packet is cut short */
	const char *kinds, *line;
} packet_cases[] = {
	{ make_udp, ETH_P_IP, 28, "IPv4 UDP", "IPv4 10.0.0.1:4000 > 10.0.0.2:53 UDP" },
	{ make_tcp, ETH_P_IP, 44, "IPv4 TCP", "IPv4 10.0.0.1:4000 > 10.0.0.2:80 TCP SYN+ACK" },
	{ make_options, ETH_P_IP, 40, "IPv4 UDP", "IPv4 10.0.0.1:4000 > 10.0.0.2:53 UDP" },
	{ make_icmp, ETH_P_IP, 28, "IPv4 ICMP", "IPv4 10.0.0.1 > 10.0.0.2 ICMP echo request" },
	{ make_unreachable, ETH_P_IP, 28, "IPv4 ICMP", "IPv4 10.0.0.1 > 10.0.0.2 ICMP unreachable code 4" },
	{ make_first_fragment, ETH_P_IP, 28, "IPv4 UDP", "IPv4 10.0.0.1:4000 > 10.0.0.2:53 UDP first fragment" },
	{ make_later_fragment, ETH_P_IP, 20, "IPv4", "IPv4 10.0.0.1 > 10.0.0.2 UDP fragment at 1480" },
	{ make_ospf, ETH_P_IP, 20, "IPv4", "IPv4 10.0.0.1 > 10.0.0.2 OSPF" },
	{ make_rare, ETH_P_IP, 20, "IPv4", "IPv4 10.0.0.1 > 10.0.0.2 protocol 200" },
	{ make_segments, ETH_P_IP, 40, "IPv4 TCP", "IPv4 10.0.0.1:4000 > 10.0.0.2:80 TCP ACK" },
	{ make_udp6, ETH_P_IPV6, 48, "IPv6 UDP", "IPv6 [2001:db8::1]:4000 > [2001:db8::2]:53 UDP" },
	{ make_too_big, ETH_P_IPV6, 48, "IPv6 ICMPv6", "IPv6 2001:db8::1 > 2001:db8::2 ICMPv6 packet too big" },
	{ make_extensions, ETH_P_IPV6, 84, "IPv6 TCP", "IPv6 [2001:db8::1]:4000 > [2001:db8::2]:80 TCP SYN" },
	{ make_first_fragment6, ETH_P_IPV6, 56, "IPv6 UDP",
	  "IPv6 [2001:db8::1]:4000 > [2001:db8::2]:53 UDP first fragment" },
	{ make_later_fragment6, ETH_P_IPV6, 48, "IPv6", "IPv6 2001:db8::1 > 2001:db8::2 UDP fragment at 1448" },
	{ make_authenticated, ETH_P_IPV6, 84, "IPv6 TCP", "IPv6 [2001:db8::1]:4000 > [2001:db8::2]:80 TCP FIN" },
	{ make_esp, ETH_P_IPV6, 40, "IPv6", "IPv6 2001:db8::1 > 2001:db8::2 ESP" },
	{ make_sctp, ETH_P_IP, 32, "IPv4 SCTP", "IPv4 10.0.0.1:2905 > 10.0.0.2:2906 SCTP" },
	{ make_vlans, FRAME, 50, "Ethernet VLAN VLAN IPv4 UDP", "IPv4 10.0.0.1:4000 > 10.0.0.2:53 UDP" },
	{ make_padded, FRAME, 42, "Ethernet IPv4 UDP", "IPv4 10.0.0.1:4000 > 10.0.0.2:8472 UDP" },
	{ make_arp, FRAME, 42, "Ethernet ARP", "ARP 10.0.0.1 > 10.0.0.2 request" },
	{ make_lldp, FRAME, 14, "Ethernet", "LLDP packet" },
	{ make_unknown_type, FRAME, 14, "Ethernet", "frame of EtherType 0x9999" },
	{ make_old_frame, FRAME, 14, "Ethernet", "IEEE 802.3 frame" },
	{ make_gre, ETH_P_IP, 52, "IPv4 GRE IPv4 UDP",
	  "IPv4 10.0.0.1:4000 > 10.0.0.2:53 UDP in GRE from 192.0.2.1 to 192.0.2.2" },
	{ make_gre_ethernet, ETH_P_IP, 98, "IPv4 GRE Ethernet IPv6 UDP",
	  "IPv6 [2001:db8::1]:4000 > [2001:db8::2]:53 UDP in GRE 77 from 192.0.2.1 to 192.0.2.2" },
	{ make_pptp, ETH_P_IP, 24, "IPv4 GRE", "IPv4 10.0.0.1 > 10.0.0.2 GRE" },
	{ make_ipip, ETH_P_IP, 64, "IPv4 IPv4 TCP",
	  "IPv4 10.0.0.1:4000 > 10.0.0.2:80 TCP SYN+ACK in IPIP from 192.0.2.1 to 192.0.2.2" },
	{ make_6in4, ETH_P_IP, 68, "IPv4 IPv6 UDP",
	  "IPv6 [2001:db8::1]:4000 > [2001:db8::2]:53 UDP in 6in4 from 192.0.2.1 to 192.0.2.2" },
	{ make_4in6, ETH_P_IPV6, 68, "IPv6 IPv4 UDP",
	  "IPv4 10.0.0.1:4000 > 10.0.0.2:53 UDP in 4in6 from 2001:db8:f::1 to 2001:db8:f::2" },
	{ make_6in6, ETH_P_IPV6, 88, "IPv6 IPv6 UDP",
	  "IPv6 [2001:db8::1]:4000 > [2001:db8::2]:53 UDP in 6in6 from 2001:db8:f::1 to 2001:db8:f::2" },
	{ make_vxlan, FRAME, 92, "Ethernet IPv4 UDP VXLAN Ethernet IPv4 ICMP",
	  "IPv4 10.0.0.1 > 10.0.0.2 ICMP echo request in VXLAN 42 from 192.0.2.1 to 192.0.2.2" },
	{ make_old_vxlan, ETH_P_IPV6, 102, "IPv6 UDP VXLAN Ethernet VLAN ARP",
	  "ARP 10.0.0.1 > 10.0.0.2 reply in VXLAN 16777215 from 2001:db8:f::1 to 2001:db8:f::2" },
	{ make_vxlan_lldp, ETH_P_IP, 50, "IPv4 UDP VXLAN Ethernet",
	  "IPv4 10.0.0.1:50000 > 10.0.0.2:4789 UDP carrying VXLAN 42" },
	{ make_not_vxlan, ETH_P_IP, 36, "IPv4 UDP", "IPv4 10.0.0.1:4000 > 10.0.0.2:8472 UDP" },
	{ make_geneve, ETH_P_IP, 102, "IPv4 UDP Geneve Ethernet IPv4 TCP",
	  "IPv4 10.0.0.1:4000 > 10.0.0.2:80 TCP SYN+ACK in Geneve 7 from 192.0.2.1 to 192.0.2.2" },
	{ make_geneve_ip, ETH_P_IP, 84, "IPv4 UDP Geneve IPv6 UDP",
	  "IPv6 [2001:db8::1]:4000 > [2001:db8::2]:53 UDP in Geneve 8 from 192.0.2.1 to 192.0.2.2" },
	{ make_nested, ETH_P_IP, 106, "IPv4 GRE IPv4 UDP VXLAN Ethernet IPv4 UDP",
	  "IPv4 10.0.0.1:4000 > 10.0.0.2:53 UDP in VXLAN 42 in GRE 5 from 192.0.2.1 to 192.0.2.2" },
};
