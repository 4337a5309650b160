/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole ruleset as libnftables encodes it, with the handles and the names of nameless chains and sets that the kernel
 * gives; chain.txt lists its chain "input".
 */
#include "source/nftables.h"
#include "unit/nftables_build.h"

#define RULESET "tests/fixtures/netlink/nftables.bin"
#define LISTING "tests/fixtures/nftables/chain.txt"

static void take_ruleset(struct fixture *fixture)
{
	CLEANUP_FREE char *bytes = mem_new(1 << 16, 1);
	FILE *file = fopen(RULESET, "rbe");
	size_t length;

	assert_non_null(file);
	length = fread(bytes, 1, 1 << 16, file);
	fclose(file);
	assert_true(length > 0 && length < 1 << 16);
	nftables_add(&fixture->firewall, bytes, length);
	nftables_resolve(&fixture->firewall);
	for (uint32_t i = 0; i < fixture->firewall.nodes.count; i++)
		if (slice_is(fixture->firewall.nodes.data[i].name, "input") && !fixture->firewall.nodes.data[i].table)
			nftables_text_take(&fixture->firewall, i, fixture_file(fixture, LISTING));
	firewall_emit(&fixture->firewall, &nftables_rows, fixture->netns, &fixture->snapshot);
	assert_false(fixture->firewall.partial);
}

static void what_a_ruleset_loses(void **state)
{
	static const struct expected rows[] = {
		{ "nft inet filter input handle 17", C_RULE_PACKETS, 17 },
		{ "nft inet filter input handle 17", C_RULE_BYTES, 1700 },
		{ "nft inet filter input handle 17", C_RULE_UNCOUNTED, ABSENT },
		{ "nft inet filter input handle 26", C_RULE_PACKETS, 26 },
		{ "nft inet filter input handle 33", C_RULE_PACKETS, 33 },
		{ "nft inet filter sub handle 8", C_RULE_PACKETS, 11 },
		{ "nft inet filter sub handle 8", C_RULE_PORT, 99 },
		{ "nft netdev nd ing handle 2", C_RULE_PACKETS, 2 },
		{ "nft inet filter input handle 20", C_RULE_PACKETS, ABSENT },
		{ "nft inet filter input handle 20", C_RULE_MATCHED, 19 },
		{ "nft inet filter input handle 20", C_RULE_UNCOUNTED, 1 },
		{ "nft inet filter input handle 18", C_RULE_PACKETS, ABSENT },
		{ "nft inet filter input handle 18", C_RULE_UNCOUNTED, ABSENT },
		{ "nft inet filter input handle 13", C_RULE_UNCOUNTED, 1 },
		{ "nft inet filter input handle 14", C_RULE_UNCOUNTED, 1 },
		{ "nft inet filter input handle 15", C_RULE_UNCOUNTED, 1 },
		{ "nft inet filter input handle 24", C_RULE_UNCOUNTED, 1 },
		{ "nft inet filter input handle 27", C_RULE_UNCOUNTED, 1 },
		{ "nft inet filter input handle 32", C_RULE_UNCOUNTED, 1 },
		{ "nft inet filter counter badone", C_NAMED_COUNTER_DROPS, 40 },
		{ "nft inet filter counter badone", C_NAMED_COUNTER_BYTES, 4000 },
		{ "nft inet filter sub handle 9", C_RULE_UNCOUNTED, ABSENT },
		{ "nft inet filter counter shared", C_NAMED_COUNTER_DROPS, ABSENT },
		{ "nft inet filter counter shared", C_NAMED_COUNTER_MATCHED, 50 },
		{ "nft inet filter sub handle 40", C_RULE_UNCOUNTED, 1 },
		{ "nft inet filter input policy drop", C_CHAIN_POLICY_DROP, 1 },
		{ "nft inet filter input policy drop", C_CHAIN_POLICY_COUNTED, 38 },
	};
	CLEANUP(fixture_free) struct fixture *fixture = fixture_new();

	take_ruleset(fixture);
	fixture_expect(fixture, rows, ARRAY_SIZE(rows));
	assert_null(fixture_object(fixture, "nft inet filter input handle 35")); /* ct status dnat */
	assert_null(fixture_object(fixture, "nft inet filter input handle 16"));
	assert_null(fixture_object(fixture, "nft ip sleeping input policy drop")); /* dormant */
	assert_null(fixture_object(fixture, "nft ip sleeping input handle 2"));
}

static void what_a_ruleset_does(void **state)
{
	static const struct expected rows[] = {
		{ "nft inet filter input handle 13", C_RULE_CT_INVALID, 1 },
		{ "nft inet filter input handle 14", C_RULE_CT_INVALID, 1 },
		{ "nft inet filter input handle 34", C_RULE_CT_INVALID, ABSENT },
		{ "nft inet filter input handle 34", C_RULE_NAT, ABSENT },
		{ "nft inet filter input handle 17", C_RULE_LIMIT, 1 },
		{ "nft inet filter input handle 18", C_RULE_LIMIT, 1 },
		{ "nft inet filter input handle 24", C_RULE_LIMIT, 1 },
		{ "nft inet filter input handle 33", C_RULE_LIMIT, ABSENT },
		{ "nft inet filter input handle 33", C_RULE_QUEUE, ABSENT },
		{ "nft inet filter input handle 25", C_RULE_RPFILTER, 1 },
		{ "nft inet filter input handle 36", C_RULE_QUEUE, 1 },
		{ "nft inet filter input handle 36", C_RULE_MATCHED, 36 },
		{ "nft ip nat post handle 3", C_RULE_NAT, 1 },
		{ "nft ip nat post handle 3", C_RULE_NAT_PORTS, 64512 },
		{ "nft ip nat post handle 4", C_RULE_NAT, 1 },
		{ "nft ip nat post handle 4", C_RULE_NAT_PORTS, 11 },
		{ "nft ip nat pre handle 5", C_RULE_NAT, 1 },
		{ "nft ip nat pre handle 6", C_RULE_NAT, 1 },
		{ "nft ip nat pre handle 5", C_RULE_MATCHED, 5 },
		{ "nft ip nat pre handle 5", C_RULE_NAT_PORTS, ABSENT },
	};
	CLEANUP(fixture_free) struct fixture *fixture = fixture_new();

	take_ruleset(fixture);
	fixture_expect(fixture, rows, ARRAY_SIZE(rows));
	assert_string_equal(fixture_label(fixture, "nft inet filter sub handle 8", LABEL_HOOK), "input");
	assert_string_equal(fixture_label(fixture, "nft inet filter lonely handle 51", LABEL_HOOK), "input");
	assert_string_equal(fixture_label(fixture, "nft netdev nd ing handle 2", LABEL_HOOK), "ingress");
	assert_string_equal(fixture_label(fixture, "nft inet filter input handle 13", LABEL_VERDICT), "vmap drop");
	assert_string_equal(fixture_label(fixture, "nft inet filter input handle 26", LABEL_VERDICT), "reject");
	assert_string_equal(fixture_label(fixture, "nft inet filter sub handle 8", LABEL_PROTOCOL), "tcp");
}

static void how_its_rules_are_written(void **state)
{
	CLEANUP(fixture_free) struct fixture *fixture = fixture_new();
	const struct firewall_rule *rule;
	uint64_t drops = 0;

	take_ruleset(fixture);
	assert_string_equal(fixture_label(fixture, "nft inet filter input handle 33", LABEL_TEXT),
			    "meta l4proto tcp counter log prefix \"limit queue \" group 5 drop");
	vec_each(&fixture->firewall.rules, rule)
		if (rule->number == 12 && (rule->facts & FACT_DROP)) {
			drops += rule->packets;
			assert_true(slice_is(rule->text, rule->packets
								 ? "ip saddr 1.2.3.4 counter packets 12 bytes 1200 drop"
								 : "ip6 saddr fd00::1 reject"));
		}
	assert_int_equal(drops, 12);
}

/* One reading of a table with that handle, whose rule 7 drops what goes to a port. */
static void read_numbered(struct fixture *fixture, struct series *series, uint64_t table, uint16_t to, uint64_t packets)
{
	static struct build build;

	build = (struct build){ .family = NFPROTO_INET };
	build_numbered_table(&build, table);
	build_chain(&build, "input", 3, NF_INET_LOCAL_IN, NF_ACCEPT, ABSENT);
	build_rule(&build, "input", 7);
	port(&build, to);
	counter(&build, packets);
	verdict(&build, NF_DROP, NULL);
	build_end(&build);
	firewall_free(&fixture->firewall);
	memset(&fixture->firewall, 0, sizeof(fixture->firewall));
	snapshot_begin(&fixture->snapshot, fixture->objects);
	nftables_add(&fixture->firewall, build.bytes, build.length);
	nftables_resolve(&fixture->firewall);
	firewall_find_anew(&fixture->firewall, &nftables_rows, fixture->netns, fixture->objects);
	firewall_emit(&fixture->firewall, &nftables_rows, fixture->netns, &fixture->snapshot);
	snapshot_covered(&fixture->snapshot, SOURCE_NFTABLES, fixture->netns);
	series_add(series, &fixture->snapshot);
}

/* `flush ruleset` and a new one: the handles begin anew, and are other rules. */
static void a_table_made_again_has_other_rules(void **state)
{
	CLEANUP(fixture_free) struct fixture *fixture = fixture_new();
	struct series *series = series_new(fixture->objects);
	const struct object *before, *after = NULL;

	read_numbered(fixture, series, 4, 25, 100);
	read_numbered(fixture, series, 4, 25, 110);
	before = fixture_object(fixture, "nft inet filter input handle 7");
	assert_false(before->born);
	object_label(object_get(fixture->objects, before->id), LABEL_TEXT, "tcp dport 25 counter drop");
	read_numbered(fixture, series, 5, 443, 150);
	for (uint32_t id = before->id + 1; id < objects_count(fixture->objects); id++)
		after = object_get(fixture->objects, id)->key.kind == OBJECT_RULE ? object_get(fixture->objects, id)
										  : after;
	assert_non_null(after);
	assert_string_equal(object_text(after, LABEL_NAME), object_text(before, LABEL_NAME));
	assert_null(after->labels[LABEL_TEXT]);
	assert_int_equal(series_increase(series, C_RULE_PACKETS, before->id), 10);
	assert_int_equal(series_increase(series, C_RULE_PACKETS, after->id), 150); /* all since it was made */
	read_numbered(fixture, series, 5, 443, 155);
	assert_false(fixture->firewall.tables.data[0].anew); /* that is over: what comes now may bring a count */
	assert_int_equal(series_increase(series, C_RULE_PACKETS, after->id), 155);
	series_free(series);
}

/* A name is any bytes to the kernel: what could be more than a name never gets into a command. */
static void names_that_could_be_commands_are_not_listed(void **state)
{
	static const struct {
		const char *name;
		bool listed;
	} rows[] = {
		{ "KUBE-SVC-4N57TFCL4MD7ZTDA", true },
		{ "_inbound/2.a", true },
		{ "x; add table ip owned", false },
		{ "x\nflush ruleset", false },
		{ "", false },
		{ "1x", false },
		{ "-x", false },
		{ "\"x\"", false },
		{ "x y", false },
		{ "@x", false },
		{ "$x", false },
		{ "{", false },
		{ "x#", false },
		{ "k\xc3\xa4se", false },
		{ "x\\", false },
	};
	CLEANUP(fixture_free) struct fixture *fixture = NULL;
	static struct build build = { .family = NFPROTO_INET };
	uint32_t chain;

	fixture = fixture_new();
	build_table(&build, 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		build_chain(&build, rows[i].name, 100 + i, NO_HOOK, 0, ABSENT);
	nftables_add(&fixture->firewall, build.bytes, build.length);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		chain = firewall_find(&fixture->firewall, 0, NODE_CHAIN, slice_of(rows[i].name));
		assert_int_equal(nftables_can_list(&fixture->firewall, chain), rows[i].listed);
	}
	chain = firewall_find(&fixture->firewall, 0, NODE_CHAIN, slice_of(rows[0].name));
	fixture->firewall.tables.data[0].name = SLICE("inet t; flush ruleset");
	assert_false(nftables_can_list(&fixture->firewall, chain));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_ruleset_loses),
		cmocka_unit_test(what_a_ruleset_does),
		cmocka_unit_test(how_its_rules_are_written),
		cmocka_unit_test(a_table_made_again_has_other_rules),
		cmocka_unit_test(names_that_could_be_commands_are_not_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
