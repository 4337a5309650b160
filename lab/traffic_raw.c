/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hand-made frames through AF_PACKET: wrong checksums, any source, any TTL, lone fragments, ICMP messages, unknown
 * protocols and EtherTypes. Layouts: RFC 791, 8200, 768, 9293, 792, 4443. The kernel computes no checksum for
 * frames sent this way and the receiver verifies each, as it would from a wire.
 */
#include "traffic.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FRAME_MAX 9000

struct frame {
	uint8_t bytes[FRAME_MAX];
	size_t length;
};

struct raw_plan {
	const struct traffic_options *options;
	struct sockaddr_storage from;
	struct sockaddr_storage to;
	uint8_t from_mac[ETH_ALEN];
	uint8_t to_mac[ETH_ALEN];
	bool is_v6;
};

static bool is(const char *text, const char *word)
{
	return strcmp(text, word) == 0;
}

/* RFC 1071, continued over several pieces: pass the sum on, fold at the end. */
static uint32_t checksum_add(uint32_t sum, const void *data, size_t length)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i + 1 < length; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	if (length % 2 != 0)
		sum += (uint32_t)bytes[length - 1] << 8;
	return sum;
}

static uint16_t checksum_fold(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/* Writes the address at @offset steps from the first into 16 bytes; returns how many of them it has. */
static size_t address_copy(const struct sockaddr_storage *address, uint64_t offset, uint8_t *bytes)
{
	uint32_t tail;
	size_t length;

	if (address->ss_family == AF_INET) {
		length = 4;
		memcpy(bytes, &((const struct sockaddr_in *)address)->sin_addr, length);
	} else {
		length = 16;
		memcpy(bytes, &((const struct sockaddr_in6 *)address)->sin6_addr, length);
	}
	memcpy(&tail, bytes + length - 4, sizeof(tail));
	tail = htonl(ntohl(tail) + (uint32_t)offset);
	memcpy(bytes + length - 4, &tail, sizeof(tail));
	return length;
}

/* The beginning of a datagram from the destination to the source, as an ICMP error quotes it; returns its length. */
static size_t datagram_sent(const struct raw_plan *plan, uint8_t *packet)
{
	struct udphdr udp = { .source = htons((uint16_t)plan->options->port),
			      .dest = htons(9),
			      .len = htons(sizeof(udp)) };
	struct iphdr v4 = {
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP, .tot_len = htons(sizeof(v4) + sizeof(udp))
	};
	struct ip6_hdr v6 = { .ip6_hlim = 64, .ip6_nxt = IPPROTO_UDP, .ip6_plen = htons(sizeof(udp)) };
	size_t header = plan->is_v6 ? sizeof(v6) : sizeof(v4);

	v6.ip6_vfc = 6 << 4;
	memcpy(packet, plan->is_v6 ? (const void *)&v6 : (const void *)&v4, header);
	address_copy(&plan->to, 0,
		     packet + (plan->is_v6 ? offsetof(struct ip6_hdr, ip6_src) : offsetof(struct iphdr, saddr)));
	address_copy(&plan->from, 0,
		     packet + (plan->is_v6 ? offsetof(struct ip6_hdr, ip6_dst) : offsetof(struct iphdr, daddr)));
	memcpy(packet + header, &udp, sizeof(udp));
	return header + sizeof(udp);
}

static uint16_t transport_checksum(const struct raw_plan *plan, uint64_t source, uint8_t protocol,
				   const uint8_t *segment, size_t length)
{
	uint8_t address[16] = { 0 };
	uint32_t sum = protocol + (uint32_t)length;
	uint16_t result;

	sum = checksum_add(sum, address, address_copy(&plan->from, source, address));
	sum = checksum_add(sum, address, address_copy(&plan->to, 0, address));
	result = checksum_fold(checksum_add(sum, segment, length));
	return is(plan->options->broken, "transport") ? (uint16_t)(result ^ 0x5555) : result;
}

/* An echo request, or that the port of a datagram is unreachable which the destination never sent. */
static size_t message_build(const struct raw_plan *plan, uint64_t index, uint8_t protocol, uint8_t *message)
{
	const struct traffic_options *options = plan->options;
	bool echo = is(options->kind, "echo");
	size_t length = 8 + options->size; /* type, code, checksum, identifier and number or nothing */
	uint16_t check;

	if (plan->is_v6)
		message[0] = echo ? ICMP6_ECHO_REQUEST : ICMP6_DST_UNREACH;
	else
		message[0] = echo ? ICMP_ECHO : ICMP_DEST_UNREACH;
	if (echo) {
		message[6] = (uint8_t)(index >> 8);
		message[7] = (uint8_t)index;
	} else {
		message[1] = plan->is_v6 ? ICMP6_DST_UNREACH_NOPORT : ICMP_PORT_UNREACH;
		length = 8 + datagram_sent(plan, message + 8);
	}
	/* ICMP of IPv4 has no pseudo header. */
	check = plan->is_v6 ? transport_checksum(plan, 0, protocol, message, length)
			    : checksum_fold(checksum_add(0, message, length));
	if (!plan->is_v6 && is(options->broken, "transport"))
		check ^= 0x5555;
	memcpy(message + 2, &check, sizeof(check));
	return length;
}

/* Writes the transport header and payload at @segment; returns their length. */
static size_t segment_build(const struct raw_plan *plan, uint64_t index, uint8_t protocol, uint8_t *segment)
{
	const struct traffic_options *options = plan->options;
	uint64_t source = index % options->sources;
	uint16_t sport = htons((uint16_t)(options->sport + index % options->sports));

	if (protocol == IPPROTO_UDP) {
		struct udphdr udp = { .source = sport, .dest = htons((uint16_t)options->port) };
		size_t length = sizeof(udp) + options->size;

		udp.len = htons((uint16_t)length);
		memcpy(segment, &udp, sizeof(udp));
		udp.check = transport_checksum(plan, source, protocol, segment, length);
		memcpy(segment, &udp, sizeof(udp));
		return length;
	}
	if (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6)
		return message_build(plan, index, protocol, segment);
	if (protocol == IPPROTO_TCP) {
		struct tcphdr tcp = { .source = sport, .dest = htons((uint16_t)options->port) };
		size_t payload = is(options->kind, "syn") ? 0 : options->size;
		size_t length = sizeof(tcp) + payload;

		tcp.seq = htonl((uint32_t)(1000 + index));
		tcp.doff = is(options->broken, "header") ? 2 : sizeof(tcp) / 4;
		tcp.window = htons(65535);
		tcp.syn = is(options->kind, "syn");
		tcp.ack = is(options->kind, "ack");
		memcpy(segment, &tcp, sizeof(tcp));
		tcp.check = transport_checksum(plan, source, protocol, segment, length);
		memcpy(segment, &tcp, sizeof(tcp));
		return length;
	}
	return options->size;
}

static uint8_t transport_protocol(const struct raw_plan *plan)
{
	const struct traffic_options *options = plan->options;

	if (is(options->kind, "syn") || is(options->kind, "ack"))
		return IPPROTO_TCP;
	if (is(options->kind, "echo") || is(options->kind, "unreachable"))
		return plan->is_v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	if (is(options->kind, "protocol"))
		return (uint8_t)options->protocol;
	return IPPROTO_UDP;
}

/* A lone fragment is the first of two: its length is cut to a multiple of 8 and the rest never follows. */
static size_t packet_v4(const struct raw_plan *plan, uint64_t index, uint8_t *packet)
{
	const struct traffic_options *options = plan->options;
	struct iphdr ip = { .version = 4, .ihl = 5, .ttl = (uint8_t)options->ttl };
	bool fragment = is(options->kind, "fragment");
	uint8_t address[16] = { 0 };
	size_t length;

	ip.protocol = transport_protocol(plan);
	length = segment_build(plan, index, ip.protocol, packet + sizeof(ip));
	if (fragment)
		length &= ~(size_t)7;
	length += sizeof(ip);
	ip.tot_len = htons((uint16_t)length);
	ip.id = htons((uint16_t)index);
	ip.frag_off = htons(fragment ? IP_MF : options->dont_fragment != 0 ? IP_DF : 0);
	address_copy(&plan->from, index % options->sources, address);
	memcpy(&ip.saddr, address, sizeof(ip.saddr));
	address_copy(&plan->to, 0, address);
	memcpy(&ip.daddr, address, sizeof(ip.daddr));
	memcpy(packet, &ip, sizeof(ip));
	ip.check = checksum_fold(checksum_add(0, packet, sizeof(ip)));
	if (is(options->broken, "ip"))
		ip.check ^= 0x5555;
	memcpy(packet, &ip, sizeof(ip));
	return length;
}

static size_t packet_v6(const struct raw_plan *plan, uint64_t index, uint8_t *packet)
{
	const struct traffic_options *options = plan->options;
	struct ip6_hdr ip = { .ip6_hlim = (uint8_t)options->ttl };
	struct ip6_frag extension = { .ip6f_offlg = IP6F_MORE_FRAG };
	uint8_t protocol = transport_protocol(plan);
	bool fragment = is(options->kind, "fragment");
	size_t offset = sizeof(ip) + (fragment ? sizeof(extension) : 0);
	size_t length = segment_build(plan, index, protocol, packet + offset);

	ip.ip6_vfc = 6 << 4;
	ip.ip6_nxt = fragment ? IPPROTO_FRAGMENT : protocol;
	if (fragment) {
		length &= ~(size_t)7;
		extension.ip6f_nxt = protocol;
		extension.ip6f_ident = htonl((uint32_t)index);
		memcpy(packet + sizeof(ip), &extension, sizeof(extension));
	}
	length += offset;
	ip.ip6_plen = htons((uint16_t)(length - sizeof(ip)));
	address_copy(&plan->from, index % options->sources, ip.ip6_src.s6_addr);
	address_copy(&plan->to, 0, ip.ip6_dst.s6_addr);
	memcpy(packet, &ip, sizeof(ip));
	return length;
}

static void frame_build(const struct raw_plan *plan, uint64_t index, struct frame *frame)
{
	struct ether_header ethernet;
	uint8_t *packet = frame->bytes + sizeof(ethernet);
	uint16_t type = plan->is_v6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP;
	size_t length;

	memset(frame->bytes, 0, sizeof(frame->bytes));
	if (is(plan->options->kind, "ethertype")) {
		type = (uint16_t)plan->options->ethertype;
		length = plan->options->size;
	} else {
		length = plan->is_v6 ? packet_v6(plan, index, packet) : packet_v4(plan, index, packet);
	}
	memcpy(ethernet.ether_shost, plan->from_mac, ETH_ALEN);
	memcpy(ethernet.ether_dhost, plan->to_mac, ETH_ALEN);
	ethernet.ether_type = htons(type);
	memcpy(frame->bytes, &ethernet, sizeof(ethernet));
	frame->length = sizeof(ethernet) + length;
}

static int hex_digit(char letter)
{
	const char *digits = "0123456789abcdef";
	const char *found = letter != '\0' ? strchr(digits, letter) : NULL;

	return found != NULL ? (int)(found - digits) : -1;
}

/* "02:00:00:00:00:0a", lower case. */
static int mac_parse(const char *text, uint8_t *ret_mac)
{
	errno = EINVAL;
	if (text == NULL || strlen(text) != ETH_ALEN * 3 - 1)
		return traffic_error("--from-mac or --to-mac");
	for (size_t i = 0; i < ETH_ALEN; i++) {
		int high = hex_digit(text[i * 3]);
		int low = hex_digit(text[i * 3 + 1]);

		if (high < 0 || low < 0)
			return traffic_error(text);
		ret_mac[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

static int plan_make(const struct traffic_options *options, struct raw_plan *plan)
{
	socklen_t length;

	plan->options = options;
	if (mac_parse(options->from_mac, plan->from_mac) < 0 || mac_parse(options->to_mac, plan->to_mac) < 0)
		return -EINVAL;
	errno = E2BIG;
	if (options->size > FRAME_MAX - 200)
		return traffic_error("--size");
	if (is(options->kind, "ethertype"))
		return 0;
	if (traffic_address(options->from, 0, &plan->from, &length) < 0 ||
	    traffic_address(options->to, 0, &plan->to, &length) < 0)
		return -EINVAL;
	plan->is_v6 = plan->to.ss_family == AF_INET6;
	return 0;
}

int traffic_raw(const struct traffic_options *options, struct traffic_result *result)
{
	static struct frame frame;
	struct raw_plan plan = { 0 };
	struct sockaddr_ll link = { .sll_family = AF_PACKET };
	uint64_t start_ns = traffic_now_ns();
	int fd;

	if (plan_make(options, &plan) < 0)
		return -EINVAL;
	link.sll_ifindex = (int)if_nametoindex(options->dev != NULL ? options->dev : "");
	if (link.sll_ifindex == 0)
		return traffic_error("--dev");
	/* Protocol 0: this socket receives nothing, so it adds no copies of its own. */
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return traffic_error("packet socket");
	for (uint64_t i = 0; i < options->count && !traffic_stop; i++) {
		traffic_pace(options, start_ns, i);
		frame_build(&plan, i, &frame);
		if (sendto(fd, frame.bytes, frame.length, 0, (struct sockaddr *)&link, sizeof(link)) < 0)
			result->failed++;
		else
			result->sent++;
	}
	close(fd);
	return 0;
}
