/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source/neighbour: recorded dumps say what `ip -s ntable` and `ip neigh` said at that
 * moment; a table of thousands of failures is counted whole and named in part.
 */
#include "source/neighbour.h"
#include "unit/netlink_fixture.h"

#include <arpa/inet.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

static void tables_are_those_of_ip_and_have_no_namespace(void **state)
{
	const struct object *arp, *discovery;
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_load(&fixture, "tables");
	assert_true(neighbour_parse_tables(&fixture.context, &fixture.snapshot, fixture.bytes, fixture.length));
	arp = fixture_object(&fixture, OBJECT_NEIGHBOUR_TABLE, "arp_cache");
	discovery = fixture_object(&fixture, OBJECT_NEIGHBOUR_TABLE, "ndisc_cache");
	assert_int_equal(fixture_value(&fixture, C_NEIGH_ENTRIES, arp), 10);
	assert_int_equal(fixture_value(&fixture, C_NEIGH_RES_FAILED, arp), 4);
	assert_int_equal(fixture_value(&fixture, C_NEIGH_TABLE_FULLS, arp), 0);
	assert_int_equal(fixture_value(&fixture, C_NEIGH_GC_THRESH1, arp), 128);
	assert_int_equal(fixture_value(&fixture, C_NEIGH_GC_THRESH3, arp), 1024);
	assert_int_equal(fixture_value(&fixture, C_NEIGH_UNRES_QLEN_BYTES, arp), 212992);
	assert_int_equal(fixture_value(&fixture, C_NEIGH_GC_THRESH3, discovery), 1024);
	assert_int_equal(arp->netns, 0);
	assert_int_equal(arp->key.a, AF_INET);
	fixture_end(&fixture);
}

static void only_unresolved_neighbours_are_named(void **state)
{
	struct neighbour_counts counts = { 0 };
	const struct object *failed, *waiting;
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_load(&fixture, "neighbours");
	assert_true(
		neighbour_parse_entries(&fixture.context, &fixture.snapshot, fixture.bytes, fixture.length, &counts));
	failed = fixture_object(&fixture, OBJECT_NEIGHBOUR, "10.78.0.9");
	waiting = fixture_object(&fixture, OBJECT_NEIGHBOUR, "10.78.0.8");
	assert_int_equal(fixture_value(&fixture, C_NEIGH_STATE, failed), NUD_FAILED);
	assert_string_equal(object_text(failed, LABEL_KIND), "FAILED");
	assert_int_equal(object_get(fixture.objects, failed->link)->key.a, 3);
	assert_int_equal(fixture_value(&fixture, C_NEIGH_STATE, waiting), NUD_INCOMPLETE);
	assert_null(fixture_object(&fixture, OBJECT_NEIGHBOUR, "10.77.0.2"));
	assert_int_equal(counts.failed, 1);
	assert_int_equal(counts.incomplete, 1);
	assert_false(counts.broken);
	fixture_end(&fixture);
}

static void many_failures_are_counted_whole_and_named_in_part(void **state)
{
	struct neighbour_counts counts = { 0 };
	struct fixture fixture;

	fixture_begin(&fixture);
	for (uint32_t i = 0; i < 1000; i++) {
		struct netlink_request request;
		struct ndmsg *header = netlink_request(&request, RTM_NEWNEIGH, 0, sizeof(*header));

		header->ndm_family = AF_INET;
		header->ndm_ifindex = 2;
		header->ndm_state = NUD_FAILED;
		mnl_attr_put_u32(request.header, NDA_DST, htonl(0x0a000000 + i));
		assert_true(neighbour_parse_entries(&fixture.context, &fixture.snapshot, request.bytes,
						    request.header->nlmsg_len, &counts));
	}
	assert_int_equal(counts.failed, 1000);
	assert_int_equal(counts.named, NEIGHBOURS_NAMED);
	assert_int_equal(fixture.snapshot.samples.count, NEIGHBOURS_NAMED);
	fixture_end(&fixture);
}

static void an_endless_table_is_left(void **state)
{
	struct neighbour_counts counts = { .seen = NEIGHBOURS_READ - 1 };
	struct netlink_request request;
	struct ndmsg *header = netlink_request(&request, RTM_NEWNEIGH, 0, sizeof(*header));
	struct fixture fixture;

	fixture_begin(&fixture);
	header->ndm_family = AF_INET;
	header->ndm_state = NUD_REACHABLE;
	assert_false(neighbour_parse_entries(&fixture.context, &fixture.snapshot, request.bytes,
					     request.header->nlmsg_len, &counts));
	fixture_end(&fixture);
}

static void an_address_that_is_too_short_names_nobody(void **state)
{
	struct neighbour_counts counts = { 0 };
	struct netlink_request request;
	struct ndmsg *header = netlink_request(&request, RTM_NEWNEIGH, 0, sizeof(*header));
	struct fixture fixture;

	fixture_begin(&fixture);
	header->ndm_family = AF_INET6;
	header->ndm_ifindex = 2;
	header->ndm_state = NUD_FAILED;
	mnl_attr_put_u32(request.header, NDA_DST, 1);
	assert_true(neighbour_parse_entries(&fixture.context, &fixture.snapshot, request.bytes,
					    request.header->nlmsg_len, &counts));
	assert_int_equal(counts.failed, 1);
	assert_int_equal(counts.named, 0);
	fixture_end(&fixture);
}

/* Hexadecimal, a row for each of two CPUs. */
static void discards_are_summed_over_cpus(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture.context.sysroot = "tests/fixtures/proc/neighbour-tables";
	assert_true(neighbour_read_discards(&fixture.context, &fixture.snapshot, AF_INET));
	assert_true(neighbour_read_discards(&fixture.context, &fixture.snapshot, AF_INET6));
	assert_int_equal(fixture_value(&fixture, C_NEIGH_UNRESOLVED_DISCARDS,
				       fixture_object(&fixture, OBJECT_NEIGHBOUR_TABLE, "arp_cache")),
			 0xb + 0x17);
	assert_int_equal(fixture_value(&fixture, C_NEIGH_UNRESOLVED_DISCARDS,
				       fixture_object(&fixture, OBJECT_NEIGHBOUR_TABLE, "ndisc_cache")),
			 0xfa + 0x106);
	fixture.context.sysroot = "tests/fixtures/proc/laptop";
	assert_false(neighbour_read_discards(&fixture.context, &fixture.snapshot, AF_INET));
	fixture_end(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_are_those_of_ip_and_have_no_namespace),
		cmocka_unit_test(only_unresolved_neighbours_are_named),
		cmocka_unit_test(many_failures_are_counted_whole_and_named_in_part),
		cmocka_unit_test(an_endless_table_is_left),
		cmocka_unit_test(an_address_that_is_too_short_names_nobody),
		cmocka_unit_test(discards_are_summed_over_cpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
