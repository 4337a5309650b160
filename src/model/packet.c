/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each header has a function, which looks at what is there, adds a layer and names the function of the next one. What a
 * header says of its packet's end binds those inside it: padding is no header, and a header behind the end is an error
 * of the packet's, not of the sample's.
 */
#include "model/packet.h"

#include "base/alloc.h"

#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

#define IPV4_BYTES 20
#define IPV6_BYTES 40
#define ARP_BYTES 8
#define TCP_BYTES 20
#define UDP_BYTES 8
#define VXLAN_BYTES 8
#define GENEVE_BYTES 8

struct decoding {
	const uint8_t *bytes;
	size_t at, length; /* of the next header; of all there is */
	size_t limit;	   /* where the packet ends by its headers; SIZE_MAX while none has said so */
	bool fragmented;   /* what is behind the limit is in another fragment */
	uint16_t ethertype;
	enum packet_tunnel tunnel; /* that the next network header is in, and the layer that numbers it */
	const struct packet_layer *tunnel_layer;
	struct packet_flow *flow; /* of the last network header */
	struct packet *packet;
	void (*next)(struct decoding *decoding);
};

static uint16_t number16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static uint32_t number24(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 16 | (uint32_t)number16(bytes + 1);
}

static uint32_t number32(const uint8_t *bytes)
{
	return (uint32_t)number16(bytes) << 16 | number16(bytes + 2);
}

/* The first thing that is wrong is the one to tell. */
static void mark(struct decoding *decoding, enum packet_state state)
{
	if (decoding->packet->state == PACKET_WHOLE)
		decoding->packet->state = state;
}

/* The next bytes if so many are there. */
static const uint8_t *peek(const struct decoding *decoding, size_t count)
{
	size_t end = decoding->length < decoding->limit ? decoding->length : decoding->limit;

	return decoding->at <= end && count <= end - decoding->at ? decoding->bytes + decoding->at : NULL;
}

/* Likewise; that they are missing ends the decoding and is told. */
static const uint8_t *need(struct decoding *decoding, size_t count)
{
	const uint8_t *bytes = peek(decoding, count);

	if (!bytes && !decoding->fragmented &&
	    (decoding->at > decoding->limit || count > decoding->limit - decoding->at))
		mark(decoding, PACKET_MALFORMED);
	else if (!bytes)
		mark(decoding, PACKET_TRUNCATED);
	return bytes;
}

/* Goes over a header and adds its layer. The caller of the functions below has seen that there is room for one. */
static const uint8_t *take(struct decoding *decoding, enum packet_kind kind, size_t count)
{
	const uint8_t *bytes = need(decoding, count);
	struct packet *packet = decoding->packet;

	if (!bytes)
		return NULL;
	packet->layers[packet->count++] =
		(struct packet_layer){ .kind = kind, .offset = (uint32_t)decoding->at, .length = (uint32_t)count };
	decoding->at += count;
	return bytes;
}

/* Goes over more of the same header. */
static const uint8_t *take_more(struct decoding *decoding, size_t count)
{
	const uint8_t *bytes = need(decoding, count);

	if (!bytes)
		return NULL;
	decoding->packet->layers[decoding->packet->count - 1].length += (uint32_t)count;
	decoding->at += count;
	return bytes;
}

/* The packet that begins at `start` says that it is so long. */
static void end_at(struct decoding *decoding, size_t start, size_t length)
{
	if (start + length <= decoding->limit)
		decoding->limit = start + length;
	else if (!decoding->fragmented)
		mark(decoding, PACKET_MALFORMED);
}

static void layer_identify(struct decoding *decoding, uint32_t id)
{
	struct packet_layer *layer = &decoding->packet->layers[decoding->packet->count - 1];

	layer->id = id;
	layer->has_id = true;
}

/* What follows is in a tunnel, whose header is the last layer. */
static void tunnel_begin(struct decoding *decoding, enum packet_tunnel tunnel)
{
	decoding->tunnel = tunnel;
	decoding->tunnel_layer = &decoding->packet->layers[decoding->packet->count - 1];
}

/* The flow of the network header that was just taken. */
static struct packet_flow *flow_begin(struct decoding *decoding, enum packet_family family)
{
	struct packet *packet = decoding->packet;
	struct packet_flow *flow = decoding->tunnel ? &packet->inner : &packet->outer;

	*flow = (struct packet_flow){ .family = family, .ethertype = decoding->ethertype, .layer = packet->count - 1 };
	if (decoding->tunnel) {
		packet->tunnelled = true;
		flow->tunnel = decoding->tunnel;
		flow->has_tunnel_id = decoding->tunnel_layer->has_id;
		flow->tunnel_id = decoding->tunnel_layer->id;
	}
	decoding->flow = flow;
	return flow;
}

/* ---- which header comes next ---- */

static void decode_ethernet(struct decoding *decoding);
static void decode_vlan(struct decoding *decoding);
static void decode_arp(struct decoding *decoding);
static void decode_ipv4(struct decoding *decoding);
static void decode_ipv6(struct decoding *decoding);
static void decode_tcp(struct decoding *decoding);
static void decode_udp(struct decoding *decoding);
static void decode_sctp(struct decoding *decoding);
static void decode_icmp(struct decoding *decoding);
static void decode_icmpv6(struct decoding *decoding);
static void decode_gre(struct decoding *decoding);
static void decode_ipv4_inside(struct decoding *decoding);
static void decode_ipv6_inside(struct decoding *decoding);
static void decode_vxlan(struct decoding *decoding);
static void decode_geneve(struct decoding *decoding);

struct follower {
	uint16_t value;
	void (*decode)(struct decoding *decoding);
};

static const struct follower by_ethertype[] = {
	{ ETH_P_IP, decode_ipv4 },	{ ETH_P_IPV6, decode_ipv6 },   { ETH_P_ARP, decode_arp },
	{ ETH_P_8021Q, decode_vlan },	{ ETH_P_8021AD, decode_vlan }, { ETH_P_QINQ1, decode_vlan },
	{ ETH_P_TEB, decode_ethernet },
};

static const struct follower by_protocol[] = {
	{ IPPROTO_TCP, decode_tcp },	      { IPPROTO_UDP, decode_udp },	    { IPPROTO_SCTP, decode_sctp },
	{ IPPROTO_ICMP, decode_icmp },	      { IPPROTO_ICMPV6, decode_icmpv6 },    { IPPROTO_GRE, decode_gre },
	{ IPPROTO_IPIP, decode_ipv4_inside }, { IPPROTO_IPV6, decode_ipv6_inside },
};

/* IANA's ports, and the one that Linux used for VXLAN before there was one (drivers/net/vxlan: udp_port). */
static const struct follower by_port[] = {
	{ 4789, decode_vxlan },
	{ 8472, decode_vxlan },
	{ 6081, decode_geneve },
};

static void follow(struct decoding *decoding, const struct follower *followers, size_t count, uint16_t value)
{
	for (size_t i = 0; i < count; i++) {
		if (followers[i].value == value)
			decoding->next = followers[i].decode;
	}
}

static void follow_ethertype(struct decoding *decoding, uint16_t ethertype)
{
	decoding->ethertype = ethertype;
	follow(decoding, by_ethertype, ARRAY_SIZE(by_ethertype), ethertype);
}

static void decode_all(struct decoding *decoding)
{
	while (decoding->next) {
		void (*decode)(struct decoding *) = decoding->next;

		if (decoding->packet->count == PACKET_LAYERS) {
			mark(decoding, PACKET_DEEP);
			break;
		}
		decoding->next = NULL;
		decode(decoding);
	}
	if (!decoding->packet->outer.family)
		decoding->packet->outer.ethertype = decoding->ethertype;
	if (!decoding->packet->tunnelled)
		decoding->packet->inner = decoding->packet->outer;
}

/* ---- links ---- */

static void decode_ethernet(struct decoding *decoding)
{
	const uint8_t *header = take(decoding, PACKET_ETHERNET, ETH_HLEN);

	if (header)
		follow_ethertype(decoding, number16(header + 2 * ETH_ALEN));
}

/* Behind the EtherType that announced it: priority and number, then the next EtherType. */
static void decode_vlan(struct decoding *decoding)
{
	const uint8_t *tag = take(decoding, PACKET_VLAN, 4);

	if (!tag)
		return;
	layer_identify(decoding, number16(tag) & 0xfff);
	follow_ethertype(decoding, number16(tag + 2));
}

/* The lengths of hardware and protocol addresses, then sender's and target's of both. */
static void decode_arp(struct decoding *decoding)
{
	const uint8_t *header = take(decoding, PACKET_ARP, ARP_BYTES), *addresses;
	struct packet_flow *flow;
	size_t hardware, protocol;

	if (!header)
		return;
	hardware = header[4];
	protocol = header[5];
	addresses = take_more(decoding, 2 * (hardware + protocol));
	if (!addresses)
		return;
	if (number16(header + 2) != ETH_P_IP || protocol != 4) {
		mark(decoding, PACKET_MALFORMED);
		return;
	}
	flow = flow_begin(decoding, PACKET_FAMILY_ARP);
	flow->arp_operation = number16(header + 6);
	memcpy(flow->source, addresses + hardware, 4);
	memcpy(flow->destination, addresses + 2 * hardware + 4, 4);
}

/* ---- network ---- */

/* A later fragment has no transport header; the first one may end within it. */
static void follow_protocol(struct decoding *decoding)
{
	const struct packet_flow *flow = decoding->flow;

	decoding->fragmented |= flow->more_fragments;
	if (!flow->fragment_offset)
		follow(decoding, by_protocol, ARRAY_SIZE(by_protocol), flow->protocol);
}

static void flow_fill_ipv4(struct packet_flow *flow, const uint8_t *header)
{
	uint16_t fragment = number16(header + 6);

	flow->length = number16(header + 2);
	flow->fragment_id = number16(header + 4);
	flow->more_fragments = fragment & 0x2000;
	flow->fragment_offset = (uint16_t)((fragment & 0x1fff) * 8);
	flow->ttl = header[8];
	flow->protocol = header[9];
	memcpy(flow->source, header + 12, 4);
	memcpy(flow->destination, header + 16, 4);
}

/* A length of 0 is no error on the way out: the kernel fills it in late, and segments of one big packet have none. */
static void decode_ipv4(struct decoding *decoding)
{
	size_t start = decoding->at, header_bytes;
	const uint8_t *header = need(decoding, IPV4_BYTES);
	struct packet_flow *flow;

	if (!header)
		return;
	if (header[0] >> 4 != 4) {
		mark(decoding, PACKET_MALFORMED);
		return;
	}
	take(decoding, PACKET_IPV4, IPV4_BYTES);
	flow = flow_begin(decoding, PACKET_FAMILY_IPV4);
	flow_fill_ipv4(flow, header);
	header_bytes = (header[0] & 15) * 4u;
	if (header_bytes < IPV4_BYTES || (flow->length && flow->length < header_bytes)) {
		mark(decoding, PACKET_MALFORMED);
		return;
	}
	if (flow->length)
		end_at(decoding, start, flow->length);
	if (take_more(decoding, header_bytes - IPV4_BYTES))
		follow_protocol(decoding);
}

/* How long an extension header is by its second byte (RFC 8200, 4; RFC 4302, 2.2); 0: this is none. */
static size_t extension_bytes(uint8_t protocol, uint8_t length)
{
	switch (protocol) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_DSTOPTS:
	case IPPROTO_MH:
	case 139: /* Host Identity Protocol */
	case 140: /* Shim6 */
		return (length + 1u) * 8;
	case IPPROTO_FRAGMENT:
		return 8;
	case IPPROTO_AH:
		return (length + 2u) * 4;
	default:
		return 0;
	}
}

static void flow_fill_fragment(struct packet_flow *flow, const uint8_t *header)
{
	uint16_t offset = number16(header + 2);

	flow->more_fragments = offset & 1;
	flow->fragment_offset = offset & 0xfff8;
	flow->fragment_id = number32(header + 4);
}

/* Goes over the extension headers; false when they do not end within what is there. */
static bool take_extensions(struct decoding *decoding)
{
	struct packet_flow *flow = decoding->flow;
	int extensions = 0;

	while (extension_bytes(flow->protocol, 0) && !flow->fragment_offset) {
		const uint8_t *header = need(decoding, 8);

		if (header && extensions++ == PACKET_EXTENSIONS)
			mark(decoding, PACKET_DEEP);
		if (!header || extensions > PACKET_EXTENSIONS ||
		    !take_more(decoding, extension_bytes(flow->protocol, header[1])))
			return false;
		if (flow->protocol == IPPROTO_FRAGMENT)
			flow_fill_fragment(flow, header);
		decoding->fragmented |= flow->more_fragments;
		flow->protocol = header[0];
	}
	return true;
}

/* A length of 0: the true one is in an option (RFC 2675), or still to come as with IPv4. */
static void decode_ipv6(struct decoding *decoding)
{
	size_t start = decoding->at;
	const uint8_t *header = need(decoding, IPV6_BYTES);
	struct packet_flow *flow;

	if (!header)
		return;
	if (header[0] >> 4 != 6) {
		mark(decoding, PACKET_MALFORMED);
		return;
	}
	take(decoding, PACKET_IPV6, IPV6_BYTES);
	flow = flow_begin(decoding, PACKET_FAMILY_IPV6);
	flow->length = number16(header + 4) ? IPV6_BYTES + (uint32_t)number16(header + 4) : 0;
	flow->protocol = header[6];
	flow->ttl = header[7];
	memcpy(flow->source, header + 8, 16);
	memcpy(flow->destination, header + 24, 16);
	if (flow->length)
		end_at(decoding, start, flow->length);
	if (take_extensions(decoding))
		follow_protocol(decoding);
}

static void decode_ipv4_inside(struct decoding *decoding)
{
	tunnel_begin(decoding, PACKET_IN_IP);
	follow_ethertype(decoding, ETH_P_IP);
}

static void decode_ipv6_inside(struct decoding *decoding)
{
	tunnel_begin(decoding, PACKET_IN_IP);
	follow_ethertype(decoding, ETH_P_IPV6);
}

/* Optional words after the first: checksum, key, sequence number. Source routes and PPTP are left alone. */
static void decode_gre(struct decoding *decoding)
{
	const uint8_t *header = take(decoding, PACKET_GRE, 4), *optional;
	bool has_checksum, has_key, has_sequence;

	if (!header || (header[0] & 0x40) || (header[1] & 7))
		return;
	has_checksum = header[0] & 0x80;
	has_key = header[0] & 0x20;
	has_sequence = header[0] & 0x10;
	optional = take_more(decoding, 4u * ((size_t)has_checksum + has_key + has_sequence));
	if (!optional)
		return;
	if (has_key)
		layer_identify(decoding, number32(optional + 4 * has_checksum));
	tunnel_begin(decoding, PACKET_IN_GRE);
	follow_ethertype(decoding, number16(header + 2));
}

/* ---- transport ---- */

/* Both ports are in the first four bytes, so that a cut header has them too. */
static void flow_fill_ports(struct decoding *decoding)
{
	const uint8_t *header = peek(decoding, 4);
	struct packet_flow *flow = decoding->flow;

	if (!header)
		return;
	flow->has_ports = true;
	flow->source_port = number16(header);
	flow->destination_port = number16(header + 2);
}

static void decode_tcp(struct decoding *decoding)
{
	const uint8_t *header;

	flow_fill_ports(decoding);
	header = peek(decoding, 14);
	if (header) {
		decoding->flow->has_tcp_flags = true;
		decoding->flow->tcp_flags = header[13];
	}
	header = take(decoding, PACKET_TCP, TCP_BYTES);
	if (header && header[12] >> 4 < TCP_BYTES / 4)
		mark(decoding, PACKET_MALFORMED);
	else if (header)
		(void)take_more(decoding, (header[12] >> 4) * 4u - TCP_BYTES);
}

/* A length of 0 is that of a jumbo datagram and so only right in IPv6 (RFC 2675, 4). */
static void decode_udp(struct decoding *decoding)
{
	size_t start = decoding->at, length;
	const uint8_t *header;

	flow_fill_ports(decoding);
	header = take(decoding, PACKET_UDP, UDP_BYTES);
	if (!header)
		return;
	length = number16(header + 4);
	if (length >= UDP_BYTES) {
		end_at(decoding, start, length);
	} else if (length || decoding->flow->family != PACKET_FAMILY_IPV6) {
		mark(decoding, PACKET_MALFORMED);
		return;
	}
	follow(decoding, by_port, ARRAY_SIZE(by_port), decoding->flow->destination_port);
}

static void decode_sctp(struct decoding *decoding)
{
	flow_fill_ports(decoding);
	(void)take(decoding, PACKET_SCTP, 12);
}

static void decode_message(struct decoding *decoding, enum packet_kind kind)
{
	const uint8_t *header = peek(decoding, 2);

	if (header) {
		decoding->flow->has_icmp = true;
		decoding->flow->icmp_type = header[0];
		decoding->flow->icmp_code = header[1];
	}
	(void)take(decoding, kind, 8);
}

static void decode_icmp(struct decoding *decoding)
{
	decode_message(decoding, PACKET_ICMP);
}

static void decode_icmpv6(struct decoding *decoding)
{
	decode_message(decoding, PACKET_ICMPV6);
}

/*
 * The header of a tunnel in a datagram. Ports prove nothing: a datagram too short for the header, or without the mark
 * that the header must have, is another program's and whole without it.
 */
static const uint8_t *peek_tunnel(struct decoding *decoding, size_t count, uint8_t mask, uint8_t mark_bits)
{
	const uint8_t *header;

	if (count > decoding->limit - decoding->at)
		return NULL;
	header = need(decoding, count);
	return header && (header[0] & mask) == mark_bits ? header : NULL;
}

static void decode_vxlan(struct decoding *decoding)
{
	const uint8_t *header = peek_tunnel(decoding, VXLAN_BYTES, 0x08, 0x08);

	if (!header || !take(decoding, PACKET_VXLAN, VXLAN_BYTES))
		return;
	layer_identify(decoding, number24(header + 4));
	tunnel_begin(decoding, PACKET_IN_VXLAN);
	decoding->next = decode_ethernet;
}

static void decode_geneve(struct decoding *decoding)
{
	const uint8_t *header = peek_tunnel(decoding, GENEVE_BYTES, 0xc0, 0);

	if (!header || !take(decoding, PACKET_GENEVE, GENEVE_BYTES))
		return;
	layer_identify(decoding, number24(header + 4));
	tunnel_begin(decoding, PACKET_IN_GENEVE);
	if (take_more(decoding, (header[0] & 0x3f) * 4u))
		follow_ethertype(decoding, number16(header + 2));
}

/* ---- from outside ---- */

static struct decoding decoding_of(const void *bytes, size_t length, struct packet *packet)
{
	static const uint8_t nothing;

	*packet = (struct packet){ 0 };
	return (struct decoding){
		.bytes = bytes ? bytes : &nothing, /* of length 0: even NULL + 0 is undefined */
		.length = length < UINT32_MAX ? length : UINT32_MAX,
		.limit = SIZE_MAX,
		.packet = packet,
	};
}

void packet_decode_network(const void *bytes, size_t length, uint16_t ethertype, struct packet *ret)
{
	struct decoding decoding = decoding_of(bytes, length, ret);

	if (!length)
		mark(&decoding, PACKET_UNREAD);
	follow_ethertype(&decoding, ethertype);
	decode_all(&decoding);
}

void packet_decode_frame(const void *bytes, size_t length, struct packet *ret)
{
	struct decoding decoding = decoding_of(bytes, length, ret);

	decoding.next = decode_ethernet;
	decode_all(&decoding);
}
