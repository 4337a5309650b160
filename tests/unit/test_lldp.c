/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/lldp: data units as IEEE 802.1AB lays them out, cut ones and hostile ones. */
#include "source/lldp.h"

#include "base/alloc.h"
#include "unit/unit.h"

#include <string.h>

/* Chassis by hardware address, port by its name, time to live, system name, the port's VLAN and longest frame. */
static const unsigned char usual[] = {
	0x02, 7, 4,    0x00, 0x1b, 0x21, 0xaa, 0xbb, 0xcc, /* chassis */
	0x04, 7, 5,    'g',  'e',  '0',	 '/',  '0',  '7',  /* port */
	0x06, 2, 0,    120,				   /* time to live */
	0x0a, 3, 's',  'w',  '1',			   /* system name */
	0xfe, 6, 0x00, 0x80, 0xc2, 1,	 0x00, 0x64,	   /* VLAN 100 */
	0xfe, 6, 0x00, 0x12, 0x0f, 4,	 0x24, 0x00,	   /* 9216 bytes */
	0x00, 0,					   /* end */
};

static void the_usual_frame(void **state)
{
	struct lldp_neighbour neighbour;

	assert_true(lldp_parse(usual, sizeof(usual), &neighbour));
	assert_string_equal(neighbour.chassis, "00:1b:21:aa:bb:cc");
	assert_string_equal(neighbour.port, "ge0/07");
	assert_string_equal(neighbour.system, "sw1");
	assert_int_equal(neighbour.port_vlan, 100);
	assert_int_equal(neighbour.max_frame_bytes, 9216);
}

/* Every cut inside a part is noticed; one between parts leaves what came before, once chassis and port are there. */
static void cuts(void **state)
{
	for (size_t length = 0; length < sizeof(usual); length++) {
		CLEANUP_FREE unsigned char *exact = mem_new(length ? length : 1, 1);
		struct lldp_neighbour neighbour = { .port_vlan = 7 };
		bool whole;

		memcpy(exact, usual, length);
		whole = lldp_parse(exact, length, &neighbour);
		if (length < 18)
			assert_false(whole);
		if (!whole)
			assert_int_equal(neighbour.port_vlan, 7);
	}
}

static void ids_of_other_kinds(void **state)
{
	static const unsigned char frame[] = {
		0x02, 6, 5, 1, 192, 0, 2, 1,	/* chassis: an IPv4 address */
		0x04, 7, 3, 2, 0,   0, 0, 0, 9, /* port: a hardware address */
		0x00, 0,
	};
	struct lldp_neighbour neighbour;

	assert_true(lldp_parse(frame, sizeof(frame), &neighbour));
	assert_string_equal(neighbour.chassis, "192.0.2.1");
	assert_string_equal(neighbour.port, "02:00:00:00:00:09");
	assert_string_equal(neighbour.system, "");
	assert_int_equal(neighbour.max_frame_bytes, 0);
}

static void text_is_made_printable(void **state)
{
	static const unsigned char frame[] = {
		0x02, 4, 7, 'a', 0x1b, 'b', 0x04, 4, 7, 'p', '\n', 0xff, 0x0a, 3, 'x', 0, 'y', 0x00, 0,
	};
	struct lldp_neighbour neighbour;

	assert_true(lldp_parse(frame, sizeof(frame), &neighbour));
	assert_string_equal(neighbour.chassis, "a?b");
	assert_string_equal(neighbour.port, "p??");
	assert_string_equal(neighbour.system, "x");
}

static void long_ids_are_cut_at_their_room(void **state)
{
	static const unsigned char port[] = { 0x04, 2, 7, 'p' };
	unsigned char frame[2 + 511 + sizeof(port)] = { 0x03, 0xff, 7 };
	struct lldp_neighbour neighbour;

	memset(frame + 3, 'c', 510);
	memcpy(frame + 513, port, sizeof(port));
	assert_true(lldp_parse(frame, sizeof(frame), &neighbour));
	assert_int_equal(strlen(neighbour.chassis), sizeof(neighbour.chassis) - 1);
	assert_string_equal(neighbour.port, "p");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_usual_frame),
		cmocka_unit_test(cuts),
		cmocka_unit_test(ids_of_other_kinds),
		cmocka_unit_test(text_is_made_printable),
		cmocka_unit_test(long_ids_are_cut_at_their_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
