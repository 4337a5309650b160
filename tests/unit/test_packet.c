/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model/packet: one packet of every kind, each cut at every byte; contradictory ones; names in place of addresses. */
#include "model/packet.h"

#include "base/text.h"
#include "unit/packet_cases.h"
#include "unit/unit.h"

static const uint8_t key[SIPHASH_KEY_BYTES] = "0123456789abcde";

/* Decodes from memory of exactly that size, so that AddressSanitizer sees one byte too many. */
static void decode(const uint8_t *bytes, size_t length, uint16_t ethertype, struct packet *ret)
{
	CLEANUP_FREE uint8_t *exact = length ? mem_new(length, 1) : NULL;

	if (length)
		memcpy(exact, bytes, length);
	if (ethertype)
		packet_decode_network(exact, length, ethertype, ret);
	else
		packet_decode_frame(exact, length, ret);
}

static void decode_made(struct made *made, uint16_t ethertype, struct packet *ret)
{
	decode(made_bytes(made), made->length, ethertype, ret);
}

static void assert_line(const struct packet *packet, const char *line)
{
	CLEANUP_TEXT struct text text = { 0 };

	packet_print(packet, NULL, &text);
	assert_string_equal(text_string(&text), line);
}

static void assert_kinds(const struct packet *packet, const char *kinds)
{
	CLEANUP_TEXT struct text text = { 0 };

	for (unsigned int i = 0; i < packet->count; i++)
		text_addf(&text, "%s%s", i ? " " : "", packet_kind_name(packet->layers[i].kind));
	assert_string_equal(text_string(&text), kinds);
}

/* ---- what is whole ---- */

static void every_kind_is_told(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(packet_cases); i++) {
		const struct packet_case *one = &packet_cases[i];
		struct made made = { 0 };
		struct packet packet;
		size_t end = 0;

		one->make(&made);
		decode_made(&made, one->ethertype, &packet);
		assert_line(&packet, one->line);
		assert_kinds(&packet, one->kinds);
		assert_int_equal(packet.state, PACKET_WHOLE);
		for (unsigned int layer = 0; layer < packet.count; layer++) {
			assert_int_equal(packet.layers[layer].offset, end);
			end += packet.layers[layer].length;
		}
		assert_true(end <= one->headers);
	}
}

static void the_numbers_of_a_flow(void **state)
{
	struct made made = { 0 };
	struct packet packet;

	make_tcp(&made);
	decode_made(&made, ETH_P_IP, &packet);
	assert_int_equal(packet.outer.family, PACKET_FAMILY_IPV4);
	assert_int_equal(packet.outer.ethertype, ETH_P_IP);
	assert_int_equal(packet.outer.protocol, IPPROTO_TCP);
	assert_int_equal(packet.outer.ttl, 63);
	assert_int_equal(packet.outer.length, 44);
	assert_int_equal(packet.outer.fragment_id, 0x1234);
	assert_int_equal(packet.outer.source_port, 4000);
	assert_int_equal(packet.outer.destination_port, 80);
	assert_true(packet.outer.has_tcp_flags);
	assert_int_equal(packet.outer.tcp_flags, 0x12);
	assert_false(packet.outer.has_icmp);
	assert_false(packet.outer.more_fragments);
	assert_false(packet.tunnelled);
	assert_memory_equal(&packet.inner, &packet.outer, sizeof(packet.inner));
}

static void the_numbers_of_fragments(void **state)
{
	struct made first = { 0 }, later = { 0 };
	struct packet packet;

	make_first_fragment6(&first);
	decode_made(&first, ETH_P_IPV6, &packet);
	assert_true(packet.outer.more_fragments);
	assert_int_equal(packet.outer.fragment_offset, 0);
	assert_int_equal(packet.outer.fragment_id, 0xabcd1234);
	assert_int_equal(packet.outer.protocol, IPPROTO_UDP);
	assert_int_equal(packet.outer.ttl, 62);
	assert_int_equal(packet.outer.length, 72);
	assert_int_equal(packet.layers[0].length, 48);
	assert_true(packet.outer.has_ports);

	make_later_fragment(&later);
	decode_made(&later, ETH_P_IP, &packet);
	assert_int_equal(packet.outer.fragment_offset, 1480);
	assert_false(packet.outer.more_fragments);
	assert_false(packet.outer.has_ports);
}

static void the_numbers_of_a_tunnel(void **state)
{
	struct made made = { 0 };
	struct packet packet;

	make_nested(&made);
	decode_made(&made, ETH_P_IP, &packet);
	assert_true(packet.tunnelled);
	assert_int_equal(packet.outer.tunnel, PACKET_NO_TUNNEL);
	assert_int_equal(packet.outer.protocol, IPPROTO_GRE);
	assert_int_equal(packet.outer.layer, 0);
	assert_int_equal(packet.inner.tunnel, PACKET_IN_VXLAN);
	assert_true(packet.inner.has_tunnel_id);
	assert_int_equal(packet.inner.tunnel_id, 42);
	assert_int_equal(packet.inner.layer, 6);
	assert_int_equal(packet.inner.destination_port, 53);
	assert_true(packet.layers[1].has_id);
	assert_int_equal(packet.layers[1].id, 5);
}

static void the_numbers_of_links(void **state)
{
	struct made made = { 0 };
	struct packet packet;

	make_vlans(&made);
	decode_made(&made, FRAME, &packet);
	assert_int_equal(packet.layers[1].id, 10);
	assert_int_equal(packet.layers[2].id, 20);
	assert_int_equal(packet.outer.layer, 3);
	assert_false(packet.layers[3].has_id);

	made.length = 0;
	make_lldp(&made);
	decode_made(&made, FRAME, &packet);
	assert_int_equal(packet.outer.family, PACKET_NO_FAMILY);
	assert_int_equal(packet.outer.ethertype, ETH_P_LLDP);
	assert_int_equal(packet.inner.ethertype, ETH_P_LLDP);
}

/* ---- what is cut ---- */

static void assert_flow_agrees(const struct packet_flow *cut, const struct packet_flow *whole)
{
	if (!cut->family)
		return;
	assert_int_equal(cut->family, whole->family);
	assert_int_equal(cut->layer, whole->layer);
	assert_int_equal(cut->tunnel_id, whole->tunnel_id);
	assert_memory_equal(cut->source, whole->source, sizeof(cut->source));
	assert_memory_equal(cut->destination, whole->destination, sizeof(cut->destination));
	if (cut->has_ports) {
		assert_int_equal(cut->source_port, whole->source_port);
		assert_int_equal(cut->destination_port, whole->destination_port);
	}
}

/* What is said of the beginning of a packet is said of the whole one too. */
static void assert_beginning(const struct packet *cut, const struct packet *whole)
{
	assert_true(cut->count <= whole->count);
	for (unsigned int i = 0; i < cut->count; i++) {
		assert_int_equal(cut->layers[i].kind, whole->layers[i].kind);
		assert_int_equal(cut->layers[i].offset, whole->layers[i].offset);
		if (i + 1 < cut->count)
			assert_int_equal(cut->layers[i].length, whole->layers[i].length);
		else
			assert_true(cut->layers[i].length <= whole->layers[i].length);
	}
	assert_flow_agrees(&cut->outer, &whole->outer);
	if (cut->tunnelled && cut->inner.layer == whole->inner.layer)
		assert_flow_agrees(&cut->inner, &whole->inner);
	else if (!cut->tunnelled)
		assert_flow_agrees(&cut->inner, &whole->outer);
}

static void every_cut_is_told(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(packet_cases); i++) {
		const struct packet_case *one = &packet_cases[i];
		struct packet whole, cut;
		struct made made = { 0 };
		size_t truncated = 0;

		one->make(&made);
		decode_made(&made, one->ethertype, &whole);
		for (size_t length = 0; length < made.length; length++) {
			CLEANUP_TEXT struct text text = { 0 };

			decode(made_bytes(&made), length, one->ethertype, &cut);
			assert_beginning(&cut, &whole);
			packet_print(&cut, key, &text);
			assert_true(text.length > 0);
			assert_int_equal(cut.state == PACKET_UNREAD, length == 0 && one->ethertype != 0);
			truncated += cut.state != PACKET_WHOLE;
		}
		assert_int_equal(truncated, one->headers);
	}
}

static void a_cut_hides_nothing(void **state)
{
	static const struct {
		size_t length;
		const char *line;
	} cuts[] = {
		{ 0, "frame, cut short" },
		{ 14, "IPv4 packet, cut short" },
		{ 33, "IPv4 packet, cut short" },
		{ 34, "IPv4 192.0.2.1 > 192.0.2.2 UDP, cut short" },
		{ 38, "IPv4 192.0.2.1:50000 > 192.0.2.2:4789 UDP, cut short" },
		{ 50, "IPv4 192.0.2.1:50000 > 192.0.2.2:4789 UDP carrying VXLAN 42, cut short" },
		{ 84, "IPv4 10.0.0.1 > 10.0.0.2 ICMP in VXLAN 42 from 192.0.2.1 to 192.0.2.2, cut short" },
		{ 86, "IPv4 10.0.0.1 > 10.0.0.2 ICMP echo request in VXLAN 42 from 192.0.2.1 to 192.0.2.2, cut short" },
	};
	struct made made = { 0 };

	make_vxlan(&made);
	for (size_t i = 0; i < ARRAY_SIZE(cuts); i++) {
		struct packet packet;

		decode(made_bytes(&made), cuts[i].length, FRAME, &packet);
		assert_line(&packet, cuts[i].line);
	}
}

/* A first fragment may end within its transport header: the rest is in the next one. */
static void a_tiny_fragment_is_cut_not_malformed(void **state)
{
	struct made made = { 0 };
	struct packet packet;

	made_tcp(&made, 4000, 80, 0x02, 0);
	made.length = 8;
	memmove(made.room + MADE_ROOM - 8, made.room + MADE_ROOM - 20, 8);
	put16(made_ipv4(&made, IPPROTO_TCP) + 6, 0x2000);
	made_ethernet(&made, ETH_P_IP);
	decode_made(&made, FRAME, &packet);
	assert_line(&packet, "IPv4 10.0.0.1:4000 > 10.0.0.2:80 TCP first fragment, cut short");

	put16(made_bytes(&made) + ETH_HLEN + 6, 0);
	decode_made(&made, FRAME, &packet);
	assert_line(&packet, "IPv4 10.0.0.1:4000 > 10.0.0.2:80 TCP, malformed");
}

/* ---- what contradicts itself ---- */

static void contradictions_are_told(void **state)
{
	static const struct {
		void (*make)(struct made *made);
		uint16_t ethertype;
		size_t at;
		uint8_t value;
		const char *line;
	} changes[] = {
		{ make_udp, ETH_P_IP, 0, 0x65, "IPv4 packet, malformed" },		    /* another version */
		{ make_udp, ETH_P_IP, 0, 0x44, "IPv4 10.0.0.1 > 10.0.0.2 UDP, malformed" }, /* too short a header */
		{ make_udp, ETH_P_IP, 3, 19, "IPv4 10.0.0.1 > 10.0.0.2 UDP, malformed" },   /* ends in its own header */
		{ make_udp, ETH_P_IP, 3, 27, "IPv4 10.0.0.1:4000 > 10.0.0.2:53 UDP, malformed" }, /* and in UDP's */
		{ make_udp, ETH_P_IP, 25, 7, "IPv4 10.0.0.1:4000 > 10.0.0.2:53 UDP, malformed" },
		{ make_udp, ETH_P_IP, 25, 0, "IPv4 10.0.0.1:4000 > 10.0.0.2:53 UDP, malformed" },
		{ make_udp, ETH_P_IP, 25, 19, "IPv4 10.0.0.1:4000 > 10.0.0.2:53 UDP, malformed" }, /* 18 are there */
		{ make_tcp, ETH_P_IP, 32, 0x40, "IPv4 10.0.0.1:4000 > 10.0.0.2:80 TCP SYN+ACK, malformed" },
		{ make_tcp, ETH_P_IP, 32, 0xf0, "IPv4 10.0.0.1:4000 > 10.0.0.2:80 TCP SYN+ACK, malformed" },
		{ make_udp6, ETH_P_IPV6, 0, 0x40, "IPv6 packet, malformed" },
		{ make_udp6, ETH_P_IPV6, 5, 7, "IPv6 [2001:db8::1]:4000 > [2001:db8::2]:53 UDP, malformed" },
		{ make_extensions, ETH_P_IPV6, 41, 200,
		  "IPv6 2001:db8::1 > 2001:db8::2 hop-by-hop options, malformed" },
		{ make_arp, FRAME, 19, 6, "ARP packet, cut short" },
		{ make_arp, FRAME, 17, 1, "ARP packet, malformed" },
		{ make_ipip, ETH_P_IP, 23, 45,
		  "IPv4 10.0.0.1:4000 > 10.0.0.2:80 TCP SYN+ACK in IPIP from 192.0.2.1 to 192.0.2.2, malformed" },
		{ make_ipip, ETH_P_IP, 20, 0x65, "IPv4 192.0.2.1 > 192.0.2.2 IPv4 in IP, malformed" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		struct made made = { 0 };
		struct packet packet;

		changes[i].make(&made);
		made_bytes(&made)[changes[i].at] = changes[i].value;
		decode_made(&made, changes[i].ethertype, &packet);
		assert_line(&packet, changes[i].line);
	}
}

static void other_tunnels_are_left_alone(void **state)
{
	struct made made = { 0 };
	struct packet packet;

	make_gre(&made);
	made_bytes(&made)[20] |= 0x40; /* routed by the sender */
	decode_made(&made, ETH_P_IP, &packet);
	assert_int_equal(packet.state, PACKET_WHOLE);
	assert_line(&packet, "IPv4 192.0.2.1 > 192.0.2.2 GRE");

	made.length = 0;
	make_geneve(&made);
	made_bytes(&made)[28] |= 0x40; /* another version */
	decode_made(&made, ETH_P_IP, &packet);
	assert_int_equal(packet.state, PACKET_WHOLE);
	assert_line(&packet, "IPv4 192.0.2.1:50000 > 192.0.2.2:6081 UDP");
}

/* ---- what is nested ---- */

static void layers_are_counted(void **state)
{
	for (unsigned int tags = PACKET_LAYERS - 3; tags <= PACKET_LAYERS + 20; tags++) {
		bool fits = tags + 3 <= PACKET_LAYERS;
		struct made made = { 0 };
		struct packet packet;

		make_udp(&made);
		made_vlan(&made, 1, ETH_P_IP);
		for (unsigned int i = 1; i < tags; i++)
			made_vlan(&made, 1, ETH_P_8021Q);
		made_ethernet(&made, ETH_P_8021Q);
		decode_made(&made, FRAME, &packet);
		assert_int_equal(packet.count, PACKET_LAYERS);
		assert_int_equal(packet.state, fits ? PACKET_WHOLE : PACKET_DEEP);
		assert_int_equal(packet.outer.has_ports, fits);
	}
}

static void extension_headers_are_counted(void **state)
{
	for (unsigned int headers = PACKET_EXTENSIONS; headers <= PACKET_EXTENSIONS + 1; headers++) {
		struct made made = { 0 };
		struct packet packet;

		made_tcp(&made, 4000, 80, 0x02, 0);
		made_extension(&made, IPPROTO_TCP, 1);
		for (unsigned int i = 1; i < headers; i++)
			made_extension(&made, IPPROTO_DSTOPTS, 1);
		made_ipv6(&made, IPPROTO_DSTOPTS);
		decode_made(&made, ETH_P_IPV6, &packet);
		assert_int_equal(packet.layers[0].length, 40 + 8 * PACKET_EXTENSIONS);
		if (headers == PACKET_EXTENSIONS)
			assert_line(&packet, "IPv6 [2001:db8::1]:4000 > [2001:db8::2]:80 TCP SYN");
		else
			assert_line(&packet, "IPv6 2001:db8::1 > 2001:db8::2 destination options, nested too deeply");
	}
}

/* ---- addresses that are not shown ---- */

static void redact(struct made *made, uint16_t ethertype, const uint8_t *with, struct text *text)
{
	struct packet packet;

	decode_made(made, ethertype, &packet);
	text_clear(text);
	packet_print(&packet, with, text);
}

static void names_hold_for_one_key(void **state)
{
	static const uint8_t other[SIPHASH_KEY_BYTES] = "another key";
	CLEANUP_TEXT struct text udp = { 0 }, tcp = { 0 }, otherwise = { 0 };
	struct made made_u = { 0 }, made_t = { 0 };

	make_udp(&made_u);
	make_tcp(&made_t);
	redact(&made_u, ETH_P_IP, key, &udp);
	redact(&made_t, ETH_P_IP, key, &tcp);
	redact(&made_u, ETH_P_IP, other, &otherwise);
	/* "IPv4 v4-xxxxxxxxxx:4000 > v4-yyyyyyyyyy:53 UDP" */
	assert_int_equal(udp.length, strlen("IPv4 v4-xxxxxxxxxx:4000 > v4-yyyyyyyyyy:53 UDP"));
	assert_memory_equal(udp.data, "IPv4 v4-", 8);
	assert_string_equal(udp.data + udp.length - 7, ":53 UDP");
	assert_memory_equal(udp.data, tcp.data, strlen("IPv4 v4-xxxxxxxxxx:4000 > v4-yyyyyyyyyy:"));
	assert_memory_not_equal(udp.data + 8, otherwise.data + 8, 10);
	assert_memory_not_equal(udp.data + 8, udp.data + strlen("IPv4 v4-xxxxxxxxxx:4000 > v4-"), 10);
	assert_int_equal(strspn(udp.data + 8, "0123456789abcdef"), 10);
}

static void no_address_is_left(void **state)
{
	static const char *const parts[] = { "10.0", "192.0", "172.16", "2001", "db8", "[", "::" };

	for (size_t i = 0; i < ARRAY_SIZE(packet_cases); i++) {
		CLEANUP_TEXT struct text text = { 0 };
		struct made made = { 0 };

		packet_cases[i].make(&made);
		redact(&made, packet_cases[i].ethertype, key, &text);
		for (size_t part = 0; part < ARRAY_SIZE(parts); part++)
			assert_null(strstr(text_string(&text), parts[part]));
	}
}

/* An IPv6 address that begins with the bytes of an IPv4 one is somebody else. */
static void families_have_names_of_their_own(void **state)
{
	static const uint8_t address[16] = { 10, 0, 0, 1 };
	CLEANUP_TEXT struct text v4 = { 0 }, v6 = { 0 };

	packet_address_print(PACKET_FAMILY_IPV4, address, key, &v4);
	packet_address_print(PACKET_FAMILY_IPV6, address, key, &v6);
	assert_memory_equal(v4.data, "v4-", 3);
	assert_memory_equal(v6.data, "v6-", 3);
	assert_string_not_equal(v4.data + 3, v6.data + 3);
	text_clear(&v4);
	packet_address_print(PACKET_FAMILY_ARP, address, NULL, &v4);
	assert_string_equal(v4.data, "10.0.0.1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_is_told),
		cmocka_unit_test(the_numbers_of_a_flow),
		cmocka_unit_test(the_numbers_of_fragments),
		cmocka_unit_test(the_numbers_of_a_tunnel),
		cmocka_unit_test(the_numbers_of_links),
		cmocka_unit_test(every_cut_is_told),
		cmocka_unit_test(a_cut_hides_nothing),
		cmocka_unit_test(a_tiny_fragment_is_cut_not_malformed),
		cmocka_unit_test(contradictions_are_told),
		cmocka_unit_test(other_tunnels_are_left_alone),
		cmocka_unit_test(layers_are_counted),
		cmocka_unit_test(extension_headers_are_counted),
		cmocka_unit_test(names_hold_for_one_key),
		cmocka_unit_test(no_address_is_left),
		cmocka_unit_test(families_have_names_of_their_own),
	};

	return cmocka_run_group_tests_name("model/packet", tests, NULL, NULL);
}
