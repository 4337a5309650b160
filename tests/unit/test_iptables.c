/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What iptables-legacy-save prints: rules and policies that lose packets, and how a rule stays the same rule. */
#include "source/iptables.h"
#include "source/source.h"
#include "unit/firewall_fixture.h"

#define SAVE "tests/fixtures/iptables/save.txt"

static void read_save(struct fixture *fixture)
{
	iptables_save_add(&fixture->firewall, fixture_file(fixture, SAVE));
	fixture_emit(fixture, &iptables_rows);
	assert_false(fixture->firewall.partial);
}

static void counts_of_dropping_rules(void **state)
{
	static const struct expected rows[] = {
		{ "iptables filter INPUT rule 1", C_LEGACY_RULE_PACKETS, 10 },
		{ "iptables filter INPUT rule 1", C_LEGACY_RULE_BYTES, 600 },
		{ "iptables filter INPUT rule 7", C_LEGACY_RULE_PACKETS, 7 },
		{ "iptables filter INPUT rule 8", C_LEGACY_RULE_PACKETS, 8 },
		{ "iptables filter sub rule 1", C_LEGACY_RULE_PACKETS, 11 },
		{ "iptables raw PREROUTING rule 1", C_LEGACY_RULE_PACKETS, 5 },
		{ "iptables filter INPUT rule 9", C_LEGACY_RULE_PACKETS, ABSENT },
	};
	CLEANUP(fixture_free) struct fixture *fixture = fixture_new();

	read_save(fixture);
	fixture_expect(fixture, rows, ARRAY_SIZE(rows));
	assert_null(fixture_object(fixture, "iptables filter INPUT rule 2")); /* a jump */
}

static void facts_about_rules(void **state)
{
	static const struct expected rows[] = {
		{ "iptables filter INPUT rule 3", C_LEGACY_RULE_CT_INVALID, 1 },
		{ "iptables filter INPUT rule 4", C_LEGACY_RULE_CT_INVALID, ABSENT },
		{ "iptables filter INPUT rule 5", C_LEGACY_RULE_LIMIT, 1 },
		{ "iptables filter INPUT rule 6", C_LEGACY_RULE_LIMIT, 1 },
		{ "iptables filter INPUT rule 6", C_LEGACY_RULE_MATCHED, 6 },
		{ "iptables filter INPUT rule 9", C_LEGACY_RULE_QUEUE, 1 },
		{ "iptables raw PREROUTING rule 1", C_LEGACY_RULE_RPFILTER, 1 },
		{ "iptables nat PREROUTING rule 1", C_LEGACY_RULE_NAT, 1 },
		{ "iptables nat POSTROUTING rule 1", C_LEGACY_RULE_NAT, 1 },
		{ "iptables nat POSTROUTING rule 1", C_LEGACY_RULE_MATCHED, 4 },
	};
	CLEANUP(fixture_free) struct fixture *fixture = fixture_new();

	read_save(fixture);
	fixture_expect(fixture, rows, ARRAY_SIZE(rows));
}

static void policies(void **state)
{
	static const struct expected rows[] = {
		{ "iptables filter FORWARD policy drop", C_CHAIN_POLICY_PACKETS, 12 },
		{ "iptables filter FORWARD policy drop", C_CHAIN_POLICY_BYTES, 720 },
	};
	CLEANUP(fixture_free) struct fixture *fixture = fixture_new();

	read_save(fixture);
	fixture_expect(fixture, rows, ARRAY_SIZE(rows));
	assert_null(fixture_object(fixture, "iptables filter INPUT policy drop"));
	assert_null(fixture_object(fixture, "iptables filter sub policy drop"));
}

static void labels_and_check(void **state)
{
	static const char name[] = "iptables filter sub rule 1";
	CLEANUP(fixture_free) struct fixture *fixture = fixture_new();
	CLEANUP_TEXT struct text check = { 0 };

	read_save(fixture);
	objects_set_home(fixture->objects, 7);
	assert_string_equal(fixture_label(fixture, name, LABEL_TABLE), "filter");
	assert_string_equal(fixture_label(fixture, name, LABEL_HOOK), "input,forward");
	assert_string_equal(fixture_label(fixture, "iptables filter lonely rule 1", LABEL_HOOK), "");
	assert_string_equal(
		fixture_label(fixture, name, LABEL_TEXT),
		"-A sub -p tcp -m comment --comment \"x \\\"y\\\" [1:2] -j ACCEPT\" -m tcp --dport 5 -j DROP");
	counter_check(fixture->objects, C_LEGACY_RULE_PACKETS, fixture_object(fixture, name), &check);
	assert_string_equal(text_string(&check), "iptables-legacy -t filter -nvxL sub --line-numbers");
}

/* Inserting a rule moves the others, and the kernel keeps their counters: they are the same objects. */
static void rule_keeps_its_key_when_it_moves(void **state)
{
	static const char before[] = "*filter\n:INPUT ACCEPT [0:0]\n[1:60] -A INPUT -p udp -j DROP\n"
				     "[2:120] -A INPUT -p udp -j DROP\nCOMMIT\n";
	static const char after[] = "*filter\n:INPUT ACCEPT [0:0]\n[0:0] -A INPUT -p tcp -j DROP\n"
				    "[5:300] -A INPUT -p udp -j DROP\n[2:120] -A INPUT -p udp -j DROP\nCOMMIT\n";
	struct firewall old = { 0 }, new = { 0 };

	iptables_save_add(&old, slice_of(before));
	iptables_save_add(&new, slice_of(after));
	assert_int_equal(old.rules.count, 2);
	assert_int_equal(new.rules.count, 3);
	assert_true(old.rules.data[0].id == new.rules.data[1].id);
	assert_true(old.rules.data[1].id == new.rules.data[2].id);
	assert_true(old.rules.data[0].id != old.rules.data[1].id);
	firewall_free(&old);
	firewall_free(&new);
}

static void broken_text_is_partial(void **state)
{
	static const char *const texts[] = {
		"*filter\n:INPUT DROP [0:0]\n",
		"*filter\n:INPUT DROP [0]\nCOMMIT\n",
		"*filter\n[0:0] -A NOWHERE -j DROP\nCOMMIT\n",
		"*filter\n:INPUT DROP [0:0]\n-A INPUT -j DROP\nCOMMIT\n",
		"[0:0] -A INPUT -j DROP\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct firewall firewall = { 0 };

		iptables_save_add(&firewall, slice_of(texts[i]));
		assert_true(firewall.partial);
		firewall_free(&firewall);
	}
}

/* The tables of legacy ebtables come into being by being asked for: that they may be there is said, to who has a bridge. */
static void ebtables_are_told_of_not_read(void **state)
{
	for (int bridge = 0; bridge < 2; bridge++) {
		CLEANUP(fixture_free) struct fixture *fixture = fixture_new();
		CLEANUP_TEXT struct text buffer = { 0 };
		struct source_context context = { .objects = fixture->objects,
						  .netns = fixture->netns,
						  .sysroot = "tests/fixtures/proc/ebtables",
						  .buffer = &buffer };
		struct object_key key = { OBJECT_LINK, fixture->netns->key.netns, 4, 0 };
		const struct coverage *coverage;

		object_label(object_intern(fixture->objects, key, NULL), LABEL_KIND, bridge ? "bridge" : "veth");
		source_iptables.read(&context, &fixture->snapshot);
		assert_int_equal(fixture->snapshot.coverage.count, 1);
		coverage = &fixture->snapshot.coverage.data[0];
		assert_int_equal(coverage->error, 0);
		assert_int_equal(coverage->partial, bridge);
		if (bridge)
			assert_non_null(strstr(coverage->reason, "ebtable_filter is loaded"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_of_dropping_rules),
		cmocka_unit_test(facts_about_rules),
		cmocka_unit_test(policies),
		cmocka_unit_test(labels_and_check),
		cmocka_unit_test(rule_keeps_its_key_when_it_moves),
		cmocka_unit_test(broken_text_is_partial),
		cmocka_unit_test(ebtables_are_told_of_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
