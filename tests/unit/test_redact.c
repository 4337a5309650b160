/* SPDX-License-Identifier: GPL-2.0-or-later */
/* evidence/redact: nobody can tell whose it was, and what the diagnosis goes by is still there. */
#include "evidence/redact.h"
#include "unit/unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const struct redactor redactor = { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 } };

/* Good until the fourth next call. */
static const char *addresses(const char *text)
{
	static char shown[4][256];
	static size_t next;
	char *slot = shown[next++ % 4];
	CLEANUP_TEXT struct text other = { 0 };

	redact_addresses(&redactor, text, &other);
	snprintf(slot, sizeof(shown[0]), "%s", text_string(&other));
	return slot;
}

static uint32_t ipv4(const char *text)
{
	struct in_addr address;

	assert_int_equal(inet_pton(AF_INET, text, &address), 1);
	return ntohl(address.s_addr);
}

static void networks_stay_networks(void **state)
{
	uint32_t a, b, c;

	(void)state;
	a = ipv4(addresses("10.1.2.3"));
	b = ipv4(addresses("10.1.2.77"));
	c = ipv4(addresses("10.1.3.3"));
	assert_int_not_equal(a, ipv4("10.1.2.3"));
	assert_int_equal(a >> 24, 10);
	assert_int_equal(a >> 8, b >> 8);
	assert_int_not_equal(a, b);
	assert_int_equal(a >> 9, c >> 9);
	assert_int_not_equal(a >> 8, c >> 8);
	assert_int_equal(ipv4(addresses("10.1.2.3")), a);
}

/* Whatever the key: one with many zeros in it, too. */
static void none_stays(void **state)
{
	static const char *const all[] = { "10.0.0.1", "192.0.2.1", "172.16.0.1", "2001:db8::1", "fd00::1" };

	(void)state;
	for (uint8_t key = 0; key < 200; key++) {
		const struct redactor other = { { key, 2, 3 } };

		for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
			CLEANUP_TEXT struct text changed = { 0 };

			redact_addresses(&other, all[i], &changed);
			assert_string_not_equal(text_string(&changed), all[i]);
		}
	}
}

/* All addresses of a network become different ones. */
static void different_ones_stay_different(void **state)
{
	bool seen[256] = { false };

	(void)state;
	for (unsigned int i = 0; i < 256; i++) {
		char text[32];

		snprintf(text, sizeof(text), "192.0.2.%u", i);
		seen[ipv4(addresses(text)) & 255] = true;
	}
	for (size_t i = 0; i < 256; i++)
		assert_true(seen[i]);
}

static void what_tells_nothing_stays(void **state)
{
	static const char *const texts[] = {
		"",	 "0.0.0.0",  "127.0.0.1:80", "224.0.0.251",	  "255.255.255.255", "[::]:53",
		"::1",	 "ff02::fb", "eth0",	     "ff:ff:ff:ff:ff:ff", "deadbeef",	     "add",
		"1.2.3", "12:34",    "::",	     "6.1.0-50-amd64",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_string_equal(addresses(texts[i]), texts[i]);
}

static void addresses_are_found_wherever_they_stand(void **state)
{
	char expected[256];

	(void)state;
	snprintf(expected, sizeof(expected), "udp %s:53", addresses("10.1.2.3"));
	assert_string_equal(addresses("udp 10.1.2.3:53"), expected);
	snprintf(expected, sizeof(expected), "tcp [%s]:443 > [%s]:5", addresses("fd00::1"), addresses("2001:db8::7"));
	assert_string_equal(addresses("tcp [fd00::1]:443 > [2001:db8::7]:5"), expected);
	snprintf(expected, sizeof(expected), "from:%s,%s.", addresses("10.1.2.3"), addresses("02:11:22:33:44:55"));
	assert_string_equal(addresses("from:10.1.2.3,02:11:22:33:44:55."), expected);
	assert_null(strstr(addresses("::ffff:10.1.2.3"), "10.1.2.3"));
	assert_non_null(strstr(addresses("::ffff:10.1.2.3"), "::ffff:10."));
	assert_non_null(strstr(addresses("10.1.2.0/24"), ".0/24"));
	assert_non_null(strstr(addresses("2001:db8:1::/48"), "::/48"));
}

static const char *label(enum object_kind kind, enum label which, const char *text)
{
	static char shown[256];
	CLEANUP_TEXT struct text other = { 0 };

	redact_label(&redactor, kind, which, text, &other);
	snprintf(shown, sizeof(shown), "%s", text_string(&other));
	return shown;
}

static void names_go_and_kinds_stay(void **state)
{
	(void)state;
	assert_non_null(strstr(label(OBJECT_NETNS, LABEL_NAME, "acme"), "name-"));
	assert_non_null(strstr(label(OBJECT_PROCESS, LABEL_COMM, "acmed"), "name-"));
	assert_null(strstr(label(OBJECT_CGROUP, LABEL_CGROUP, "/system.slice/acme.service"), "acme"));
	assert_non_null(
		strstr(label(OBJECT_CGROUP, LABEL_CGROUP, "/system.slice/acme.service"), "/system.slice/name-"));
	assert_string_equal(label(OBJECT_NETNS, LABEL_PATH, "/proc/12/ns/net"), "/proc/12/ns/net");
	assert_null(strstr(label(OBJECT_SOCKET, LABEL_NAME, "unix /run/acme.sock"), "acme"));
	assert_null(strstr(label(OBJECT_LINK, LABEL_NAME, "acme0"), "acme"));
	assert_string_equal(label(OBJECT_LINK, LABEL_NAME, "enp3s0f1"), "enp3s0f1");
	assert_string_equal(label(OBJECT_LINK, LABEL_NAME, "veth1a2b3c4"), "veth1a2b3c4");
	assert_string_equal(label(OBJECT_LINK, LABEL_DRIVER, "ixgbe"), "ixgbe");
	assert_null(strstr(label(OBJECT_RULE, LABEL_TEXT, "ip saddr 10.1.2.3 drop comment \"acme out\""), "acme"));
	assert_non_null(strstr(label(OBJECT_RULE, LABEL_TEXT, "ip saddr 10.1.2.3 drop comment \"acme out\""),
			       "drop comment \"name-"));
	assert_non_null(strstr(label(OBJECT_RULE, LABEL_TEXT, "open \"quote"), "name-"));
}

static void a_number_made_of_an_address_is_another_one(void **state)
{
	(void)state;
	assert_true(redact_is_hash(OBJECT_NEIGHBOUR, true) && !redact_is_hash(OBJECT_NEIGHBOUR, false));
	assert_true(redact_is_hash(OBJECT_FLOW, false) && !redact_is_hash(OBJECT_SOCKET, false));
	assert_true(redact_number(&redactor, 7) != 7 && redact_number(&redactor, 7) == redact_number(&redactor, 7));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_stay_networks),
		cmocka_unit_test(none_stays),
		cmocka_unit_test(different_ones_stay_different),
		cmocka_unit_test(what_tells_nothing_stays),
		cmocka_unit_test(addresses_are_found_wherever_they_stand),
		cmocka_unit_test(names_go_and_kinds_stay),
		cmocka_unit_test(a_number_made_of_an_address_is_another_one),
	};

	return cmocka_run_group_tests_name("redact", tests, NULL, NULL);
}
