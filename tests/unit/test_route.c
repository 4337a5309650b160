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
	fixture_end(&fixture);
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
		cmocka_unit_test(refusing_rules_are_named),
		cmocka_unit_test(a_long_list_is_left_at_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
