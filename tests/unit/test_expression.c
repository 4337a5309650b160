/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * capture/expression and bpf/filter: the machine that runs in the probe, held against libpcap's own on packets made by
 * chance: they agree about each of them, and about many each way.
 */
#include "capture/expression.h"
#include "unit/unit.h"

#include "config.h"

#include <errno.h>
#include <string.h>

#if HAVE_PCAP

#include <pcap/pcap.h>

#define PACKETS 5000
#define BYTES 192

static uint32_t seed;

static uint32_t chance(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

/* Half of them something like IPv4 or IPv6, with what the expressions ask for likelier than by chance. */
static void make_packet(uint8_t bytes[BYTES])
{
	static const uint8_t protocols[] = { 1, 6, 17, 47, 58 };
	bool ipv6;

	for (size_t i = 0; i < BYTES; i++)
		bytes[i] = (uint8_t)chance(256);
	ipv6 = chance(2);
	bytes[0] = ipv6 ? 0x60 : (uint8_t)(0x45 + (chance(4) == 0));
	bytes[ipv6 ? 6 : 9] = protocols[chance(5)];
	if (!ipv6 && chance(2))
		bytes[6] = bytes[7] = 0;
	if (chance(2))
		memcpy(bytes + (ipv6 ? 40 : 20), chance(2) ? "\x00\x35\x04\x00" : "\x04\x00\x00\x35", 4);
	if (chance(2))
		bytes[12] = bytes[16] = 10;
}

static void it_agrees_with_libpcap(void **state)
{
	static const char *const words[] = {
		"udp port 53",
		"tcp[tcpflags] & tcp-syn != 0",
		"net 10.0.0.0/8 and not icmp",
		"ip6 and udp portrange 1000-2000",
		"greater 100",
		"ip[8] < 50",
		"icmp or icmp6",
		"len % 3 = 1",
		"udp[4:2] * 2 > 500",
		"ip[0] & 0xf != 5",
		"src net 10 or dst portrange 1-1024",
	};

	for (size_t w = 0; w < sizeof(words) / sizeof(*words); w++) {
		CLEANUP_TEXT struct text why = { 0 };
		struct expression expression;
		struct bpf_program program;
		pcap_t *pcap = pcap_open_dead(DLT_RAW, 65535);
		size_t held = 0;

		seed = (uint32_t)w;
		assert_int_equal(pcap_compile(pcap, &program, words[w], 1, PCAP_NETMASK_UNKNOWN), 0);
		assert_int_equal(expression_compile(words[w], &expression, &why), 0);
		for (size_t i = 0; i < PACKETS; i++) {
			struct pcap_pkthdr header = { .caplen = chance(BYTES + 1) };
			uint8_t bytes[BYTES];
			bool theirs, ours;

			header.len = header.caplen + chance(100);
			make_packet(bytes);
			theirs = pcap_offline_filter(&program, &header, bytes);
			ours = expression_holds(&expression, bytes, header.caplen, header.len);
			if (theirs != ours)
				fail_msg("%s: packet %zu: libpcap says %d", words[w], i, theirs);
			held += ours;
		}
		assert_in_range(held, 20, PACKETS - 20);
		pcap_freecode(&program);
		pcap_close(pcap);
	}
}

static void a_wrong_expression_is_refused(void **state)
{
	CLEANUP_TEXT struct text why = { 0 };
	struct expression expression;

	assert_int_equal(expression_compile("udp prt 53", &expression, &why), -EINVAL);
	assert_true(why.length > 0);
	assert_int_equal(expression.count, 0);
}

static void a_long_one_is_refused(void **state)
{
	CLEANUP_TEXT struct text words = { 0 }, why = { 0 };
	struct expression expression;

	for (unsigned int i = 0; i < 300; i++)
		text_addf(&words, "%sport %u", i ? " or " : "", 1000 + i * 7);
	assert_int_equal(expression_compile(text_string(&words), &expression, &why), -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_agrees_with_libpcap),
		cmocka_unit_test(a_wrong_expression_is_refused),
		cmocka_unit_test(a_long_one_is_refused),
	};

	return cmocka_run_group_tests_name("expression", tests, NULL, NULL);
}

#else

int main(void)
{
	puts("1..0 # SKIP built without libpcap");
	return 0;
}

#endif
