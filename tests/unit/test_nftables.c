/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ruleset's text: which rules lose packets, how many, from which hooks they are reached. */
#include "source/nftables.h"
#include "unit/firewall_fixture.h"

#define RULESET "tests/fixtures/nftables/ruleset.txt"
#define MAP "tests/fixtures/nftables/map.txt"

static void read_ruleset(struct fixture *fixture, bool with_map)
{
	struct firewall *firewall = &fixture->firewall;

	nftables_text_add(firewall, fixture_file(fixture, RULESET));
	for (uint32_t i = 0; with_map && i < firewall->nodes.count; i++)
		if (firewall->nodes.data[i].kind == NODE_MAP && firewall->nodes.data[i].verdicts)
			nftables_map_add(firewall, i, fixture_file(fixture, MAP));
	fixture_emit(fixture, &nftables_rows);
	assert_false(firewall->partial);
}

static void counts_of_dropping_rules(void **state)
{
	static const struct expected rows[] = {
		{ "nft inet filter input handle 17", C_RULE_PACKETS, 17 },
		{ "nft inet filter input handle 17", C_RULE_BYTES, 1700 },
		{ "nft inet filter input handle 23", C_RULE_PACKETS, 23 },
		{ "nft inet filter input handle 26", C_RULE_PACKETS, 26 },
		{ "nft inet filter input handle 33", C_RULE_PACKETS, 33 },
		{ "nft inet filter sub handle 8", C_RULE_PACKETS, 11 },
		{ "nft netdev nd ing handle 2", C_RULE_PACKETS, 2 },
		{ "nft ip filter INPUT handle 2", C_RULE_PACKETS, 2 },
		{ "nft ip filter INPUT handle 3", C_RULE_PACKETS, 3 },
		{ "nft ip filter INPUT handle 4", C_RULE_PACKETS, 4 },
		{ "nft ip filter FORWARD handle 5", C_RULE_PACKETS, 5 },
	};
	CLEANUP(fixture_free) struct fixture *fixture = fixture_new();

	read_ruleset(fixture, false);
	fixture_expect(fixture, rows, ARRAY_SIZE(rows));
}

static void counter_before_a_match_counts_no_drops(void **state)
{
	static const struct expected rows[] = {
		{ "nft inet filter input handle 20", C_RULE_PACKETS, ABSENT },
		{ "nft inet filter input handle 20", C_RULE_MATCHED, 19 },
		{ "nft inet filter input handle 20", C_RULE_UNCOUNTED, 1 },
		{ "nft inet filter input handle 18", C_RULE_PACKETS, ABSENT },
		{ "nft inet filter input handle 18", C_RULE_UNCOUNTED, ABSENT },
	};
	CLEANUP(fixture_free) struct fixture *fixture = fixture_new();

	read_ruleset(fixture, false);
	fixture_expect(fixture, rows, ARRAY_SIZE(rows));
}

static void rules_that_cannot_be_counted(void **state)
{
	static const struct expected rows[] = {
		{ "nft inet filter input handle 13", C_RULE_UNCOUNTED, 1 },
		{ "nft inet filter input handle 14", C_RULE_UNCOUNTED, 1 },
		{ "nft inet filter input handle 24", C_RULE_UNCOUNTED, 1 },
		{ "nft inet filter input handle 27", C_RULE_UNCOUNTED, 1 },
		{ "nft inet filter input handle 32", C_RULE_UNCOUNTED, 1 },
		{ "nft inet filter input handle 17", C_RULE_UNCOUNTED, ABSENT },
	};
	CLEANUP(fixture_free) struct fixture *fixture = fixture_new();

	read_ruleset(fixture, false);
	fixture_expect(fixture, rows, ARRAY_SIZE(rows));
}

static void facts_about_rules(void **state)
{
	static const struct expected rows[] = {
		{ "nft inet filter input handle 13", C_RULE_CT_INVALID, 1 },
		{ "nft inet filter input handle 14", C_RULE_CT_INVALID, 1 },
		{ "nft ip filter FORWARD handle 5", C_RULE_CT_INVALID, 1 },
		{ "nft inet filter input handle 34", C_RULE_CT_INVALID, ABSENT },
		{ "nft inet filter input handle 34", C_RULE_NAT, ABSENT },
		{ "nft inet filter input handle 17", C_RULE_LIMIT, 1 },
		{ "nft inet filter input handle 18", C_RULE_LIMIT, 1 },
		{ "nft inet filter input handle 23", C_RULE_LIMIT, 1 },
		{ "nft inet filter input handle 24", C_RULE_LIMIT, 1 },
		{ "nft ip filter INPUT handle 2", C_RULE_LIMIT, 1 },
		{ "nft inet filter input handle 33", C_RULE_LIMIT, ABSENT },
		{ "nft inet filter input handle 33", C_RULE_QUEUE, ABSENT },
		{ "nft inet filter input handle 25", C_RULE_RPFILTER, 1 },
		{ "nft inet filter input handle 36", C_RULE_QUEUE, 1 },
		{ "nft inet filter input handle 36", C_RULE_MATCHED, 36 },
		{ "nft ip nat post handle 3", C_RULE_NAT, 1 },
		{ "nft ip nat post handle 4", C_RULE_NAT, 1 },
		{ "nft ip nat pre handle 5", C_RULE_NAT, 1 },
		{ "nft ip nat pre handle 6", C_RULE_NAT, 1 },
		{ "nft ip nat pre handle 5", C_RULE_MATCHED, 5 },
	};
	CLEANUP(fixture_free) struct fixture *fixture = fixture_new();

	read_ruleset(fixture, false);
	fixture_expect(fixture, rows, ARRAY_SIZE(rows));
	assert_null(fixture_object(fixture, "nft inet filter input handle 35")); /* ct status dnat */
	assert_null(fixture_object(fixture, "nft inet filter input handle 16"));
}

static void named_counters(void **state)
{
	static const struct expected rows[] = {
		{ "nft inet filter counter badone", C_NAMED_COUNTER_DROPS, 40 },
		{ "nft inet filter counter badone", C_NAMED_COUNTER_BYTES, 4000 },
		{ "nft inet filter sub handle 9", C_RULE_UNCOUNTED, ABSENT },
		{ "nft inet filter counter shared", C_NAMED_COUNTER_DROPS, ABSENT },
		{ "nft inet filter counter shared", C_NAMED_COUNTER_MATCHED, 50 },
		{ "nft inet filter sub handle 40", C_RULE_UNCOUNTED, 1 },
	};
	CLEANUP(fixture_free) struct fixture *fixture = fixture_new();

	read_ruleset(fixture, false);
	fixture_expect(fixture, rows, ARRAY_SIZE(rows));
	assert_string_equal(fixture_label(fixture, "nft inet filter counter badone", LABEL_CHAIN), "badone");
	assert_string_equal(fixture_label(fixture, "nft inet filter counter badone", LABEL_TEXT),
			    "ip saddr @blk counter name \"badone\" drop");
}

static void policies(void **state)
{
	static const struct expected rows[] = {
		{ "nft inet filter input policy drop", C_CHAIN_POLICY_DROP, 1 },
		{ "nft inet filter input policy drop", C_CHAIN_POLICY_COUNTED, 38 },
		{ "nft ip filter FORWARD policy drop", C_CHAIN_POLICY_DROP, 1 },
		{ "nft ip filter FORWARD policy drop", C_CHAIN_POLICY_COUNTED, ABSENT },
	};
	CLEANUP(fixture_free) struct fixture *fixture = fixture_new();

	read_ruleset(fixture, false);
	fixture_expect(fixture, rows, ARRAY_SIZE(rows));
	assert_null(fixture_object(fixture, "nft ip filter INPUT policy drop"));
	assert_null(fixture_object(fixture, "nft ip sleeping input policy drop")); /* dormant */
	assert_null(fixture_object(fixture, "nft ip sleeping input handle 2"));
}

static void labels_as_people_write_them(void **state)
{
	static const char name[] = "nft inet filter input handle 33";
	CLEANUP(fixture_free) struct fixture *fixture = fixture_new();

	read_ruleset(fixture, false);
	assert_string_equal(fixture_label(fixture, name, LABEL_TABLE), "inet filter");
	assert_string_equal(fixture_label(fixture, name, LABEL_CHAIN), "input");
	assert_string_equal(fixture_label(fixture, name, LABEL_HOOK), "input");
	assert_string_equal(fixture_label(fixture, name, LABEL_VERDICT), "drop");
	assert_string_equal(fixture_label(fixture, name, LABEL_KIND), "rule");
	assert_string_equal(fixture_label(fixture, name, LABEL_TEXT),
			    "meta l4proto tcp counter log prefix \"limit queue \" group 5 drop");
	assert_string_equal(fixture_label(fixture, "nft inet filter input handle 13", LABEL_VERDICT), "vmap drop");
	assert_string_equal(fixture_label(fixture, "nft inet filter input handle 26", LABEL_VERDICT), "reject");
}

static void hooks_by_reachability(void **state)
{
	CLEANUP(fixture_free) struct fixture *fixture = fixture_new();

	read_ruleset(fixture, false);
	assert_string_equal(fixture_label(fixture, "nft ip filter extra handle 9", LABEL_HOOK), "input,forward");
	assert_string_equal(fixture_label(fixture, "nft inet filter sub handle 8", LABEL_HOOK), "input");
	assert_string_equal(fixture_label(fixture, "nft inet filter lonely handle 51", LABEL_HOOK), "");
	assert_string_equal(fixture_label(fixture, "nft netdev nd ing handle 2", LABEL_HOOK), "ingress");
}

static void verdict_map_is_asked_for(void **state)
{
	static const struct expected rows[] = { { "nft inet filter input handle 15", C_RULE_UNCOUNTED, 1 } };
	CLEANUP(fixture_free) struct fixture *without = fixture_new();
	CLEANUP(fixture_free) struct fixture *with = fixture_new();

	read_ruleset(without, false);
	assert_null(fixture_object(without, "nft inet filter input handle 15"));
	read_ruleset(with, true);
	fixture_expect(with, rows, ARRAY_SIZE(rows));
	assert_string_equal(fixture_label(with, "nft inet filter lonely handle 51", LABEL_HOOK), "input");
}

static void rules_of_a_nameless_chain(void **state)
{
	CLEANUP(fixture_free) struct fixture *fixture = fixture_new();
	const struct firewall_rule *rule;
	uint64_t drops = 0;
	size_t found = 0;

	read_ruleset(fixture, false);
	vec_each(&fixture->firewall.rules, rule)
		if (rule->number == 12 && (rule->facts & FACT_DROP)) {
			found++;
			drops += rule->packets;
			assert_int_equal(rule->id & UINT32_MAX, 12);
		}
	assert_int_equal(found, 2);
	assert_int_equal(drops, 12);
}

static void broken_text_is_partial(void **state)
{
	static const char *const texts[] = {
		"table inet filter {\n",
		"table inet filter {\n\tchain input {\n\t\tdrop\n\t}\n}\n",
		"nonsense\n",
		"}\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		CLEANUP(fixture_free) struct fixture *fixture = fixture_new();

		nftables_text_add(&fixture->firewall, slice_of(texts[i]));
		fixture_emit(fixture, &nftables_rows);
		assert_true(fixture->firewall.partial);
	}
}

static void no_rules_no_objects(void **state)
{
	CLEANUP(fixture_free) struct fixture *fixture = fixture_new();

	nftables_text_add(&fixture->firewall, slice_of(""));
	fixture_emit(fixture, &nftables_rows);
	assert_false(fixture->firewall.partial);
	assert_int_equal(fixture->snapshot.samples.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_of_dropping_rules),
		cmocka_unit_test(counter_before_a_match_counts_no_drops),
		cmocka_unit_test(rules_that_cannot_be_counted),
		cmocka_unit_test(facts_about_rules),
		cmocka_unit_test(named_counters),
		cmocka_unit_test(policies),
		cmocka_unit_test(labels_as_people_write_them),
		cmocka_unit_test(hooks_by_reachability),
		cmocka_unit_test(verdict_map_is_asked_for),
		cmocka_unit_test(rules_of_a_nameless_chain),
		cmocka_unit_test(broken_text_is_partial),
		cmocka_unit_test(no_rules_no_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
