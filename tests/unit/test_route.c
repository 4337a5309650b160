/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/route: recorded dumps of all routes and rules; what refuses traffic is named as ip does, the rest is not. */
#include "source/route.h"
#include "unit/netlink_fixture.h"

#include <linux/rtnetlink.h>

static void take(struct fixture *fixture, const char *name, struct route_counts *counts)
{
	fixture_load(fixture, name);
	assert_true(route_parse(&fixture->context, &fixture->snapshot, fixture->bytes, fixture->length, counts));
	assert_false(counts->broken);
}

static void refusing_routes_are_named(void **state)
{
	static const char *const expected[] = {
		"blackhole 10.9.0.0/16",      "unreachable 10.8.0.0/16 table 77", "prohibit 10.7.0.1/32",
		"throw 10.6.0.0/24 table 77", "unreachable 2001:db8:1::/64",	  "blackhole ::/0",
	};
	struct route_counts counts = { .limit = ROUTES_READ };
	struct fixture fixture;

	fixture_begin(&fixture);
	take(&fixture, "routes", &counts);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		const struct object *route = fixture_object(&fixture, OBJECT_ROUTE, expected[i]);

		assert_int_equal(fixture_value(&fixture, C_ROUTE_PRESENT, route), 1);
		assert_string_equal(object_text(route, LABEL_TEXT), expected[i]);
	}
	assert_int_equal(counts.named, ARRAY_SIZE(expected));
	fixture_end(&fixture);
}

/* The blackhole ::/0 is no default route: nothing gets out that way. */
static void default_routes_are_counted_by_family(void **state)
{
	struct route_counts counts = { .limit = ROUTES_READ };
	struct fixture fixture;

	fixture_begin(&fixture);
	take(&fixture, "routes", &counts);
	assert_int_equal(counts.default_v4, 1);
	assert_int_equal(counts.default_v6, 0);
	assert_true(counts.first_v4.ifindex > 0);
	assert_int_equal(counts.first_v4.nexthops, 1);
	assert_int_equal(counts.first_v4.dead, 0);
	fixture_end(&fixture);
}

static bool take_made(struct fixture *fixture, const struct netlink_request *request, struct route_counts *counts)
{
	return route_parse(&fixture->context, &fixture->snapshot, request->bytes, request->header->nlmsg_len, counts);
}

/* A default route over three devices, the second of which lost its carrier. */
static void the_default_route_tells_its_ways(void **state)
{
	struct route_counts counts = { .limit = ROUTES_READ };
	struct netlink_request request;
	struct rtmsg *header = netlink_request(&request, RTM_NEWROUTE, 0, sizeof(*header));
	struct rtnexthop hops[3] = {
		{ sizeof(hops[0]), 0, 0, 7 },
		{ sizeof(hops[0]), RTNH_F_LINKDOWN, 0, 8 },
		{ sizeof(hops[0]), 0, 0, 9 },
	};
	struct fixture fixture;

	header->rtm_family = AF_INET;
	header->rtm_table = RT_TABLE_MAIN;
	header->rtm_type = RTN_UNICAST;
	mnl_attr_put(request.header, RTA_MULTIPATH, sizeof(hops), hops);
	fixture_begin(&fixture);
	assert_true(take_made(&fixture, &request, &counts));
	assert_int_equal(counts.default_v4, 1);
	assert_int_equal(counts.first_v4.ifindex, 7);
	assert_int_equal(counts.first_v4.nexthops, 3);
	assert_int_equal(counts.first_v4.dead, 1);
	fixture_end(&fixture);
}

/* A next hop that says it is longer than what is left, or shorter than itself, ends the list. */
static void broken_ways_end_the_list(void **state)
{
	static const uint16_t lengths[] = { 0, 4, 400 };

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct route_counts counts = { .limit = ROUTES_READ };
		struct netlink_request request;
		struct rtmsg *header = netlink_request(&request, RTM_NEWROUTE, 0, sizeof(*header));
		struct rtnexthop hop = { .rtnh_len = lengths[i], .rtnh_ifindex = 7 };
		struct fixture fixture;

		header->rtm_family = AF_INET6;
		header->rtm_table = RT_TABLE_MAIN;
		header->rtm_type = RTN_UNICAST;
		mnl_attr_put_u32(request.header, RTA_OIF, 3);
		mnl_attr_put(request.header, RTA_MULTIPATH, sizeof(hop), &hop);
		fixture_begin(&fixture);
		assert_true(take_made(&fixture, &request, &counts));
		assert_int_equal(counts.first_v6.ifindex, 3);
		assert_int_equal(counts.first_v6.nexthops, 0);
		fixture_end(&fixture);
	}
}

static void refusing_rules_are_named(void **state)
{
	static const char *const expected[] = {
		"5: from 10.6.0.0/16 prohibit",
		"32765: from 10.5.0.0/16 iif veth0 unreachable",
		"32765: from all to 2001:db8:9::/48 fwmark 0x7 blackhole (IPv6)",
	};
	struct route_counts counts = { .limit = ROUTES_READ };
	struct fixture fixture;

	fixture_begin(&fixture);
	take(&fixture, "rules", &counts);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		assert_int_equal(fixture_value(&fixture, C_ROUTE_RULE_PRESENT,
					       fixture_object(&fixture, OBJECT_ROUTE, expected[i])),
				 1);
	assert_int_equal(counts.named, ARRAY_SIZE(expected));
	assert_true(counts.rules >= ARRAY_SIZE(expected) + 3); /* beside the kernel's own */
	fixture_end(&fixture);
}

static void a_long_list_is_left_at_its_limit(void **state)
{
	struct route_counts counts = { .limit = 5 };
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_load(&fixture, "routes");
	assert_false(route_parse(&fixture.context, &fixture.snapshot, fixture.bytes, fixture.length, &counts));
	fixture_end(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusing_routes_are_named),
		cmocka_unit_test(default_routes_are_counted_by_family),
		cmocka_unit_test(the_default_route_tells_its_ways),
		cmocka_unit_test(broken_ways_end_the_list),
		cmocka_unit_test(refusing_rules_are_named),
		cmocka_unit_test(a_long_list_is_left_at_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
