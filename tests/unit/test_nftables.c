/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nftables messages: which rules lose packets, how many, from which hooks they are reached, and how they were written. */
#include "unit/nftables_build.h"

#include <linux/netfilter/xt_conntrack.h>

/* A table of family inet with an empty base chain "input", policy accept. */
static void begin(struct build *build, struct fixture **ret)
{
	*build = (struct build){ .family = NFPROTO_INET };
	*ret = fixture_new();
	build_table(build, 0);
	build_chain(build, "input", 3, NF_INET_LOCAL_IN, NF_ACCEPT, ABSENT);
}

static void take(struct build *build, struct fixture *fixture)
{
	nftables_add(&fixture->firewall, build->bytes, build->length);
	nftables_resolve(&fixture->firewall);
	firewall_emit(&fixture->firewall, &nftables_rows, fixture->netns, &fixture->snapshot);
}

static void counts_of_dropping_rules(void **state)
{
	static const struct expected rows[] = {
		{ "nft inet filter input handle 7", C_RULE_PACKETS, 11 },
		{ "nft inet filter input handle 7", C_RULE_BYTES, 1100 },
		{ "nft inet filter input handle 7", C_RULE_PORT, 99 },
		{ "nft inet filter input handle 7", C_RULE_UNCOUNTED, ABSENT },
		{ "nft inet filter input handle 8", C_RULE_PACKETS, 12 },
		{ "nft inet filter input handle 9", C_RULE_PACKETS, 13 },
	};
	CLEANUP(fixture_free) struct fixture *fixture = NULL;
	static struct build build;

	begin(&build, &fixture);
	build_rule(&build, "input", 7);
	protocol(&build, IPPROTO_UDP);
	port(&build, 99);
	counter(&build, 11);
	verdict(&build, NF_DROP, NULL);
	build_end(&build);
	build_rule(&build, "input", 8);
	counter(&build, 12);
	plain(&build, "log");
	plain(&build, "reject");
	build_end(&build);
	build_rule(&build, "input", 9); /* as iptables-nft has it */
	compat(&build, "match", "udp", NULL, 0);
	counter(&build, 13);
	compat(&build, "target", "REJECT", NULL, 0);
	build_end(&build);
	take(&build, fixture);
	fixture_expect(fixture, rows, ARRAY_SIZE(rows));
	assert_false(fixture->firewall.partial);
	assert_string_equal(fixture_label(fixture, rows[0].object, LABEL_TABLE), "inet filter");
	assert_string_equal(fixture_label(fixture, rows[0].object, LABEL_CHAIN), "input");
	assert_string_equal(fixture_label(fixture, rows[0].object, LABEL_HOOK), "input");
	assert_string_equal(fixture_label(fixture, rows[0].object, LABEL_PROTOCOL), "udp");
	assert_string_equal(fixture_label(fixture, rows[0].object, LABEL_VERDICT), "drop");
	assert_string_equal(fixture_label(fixture, rows[4].object, LABEL_VERDICT), "reject");
}

static void counter_before_a_match_counts_no_drops(void **state)
{
	static const struct expected rows[] = {
		{ "nft inet filter input handle 20", C_RULE_PACKETS, ABSENT },
		{ "nft inet filter input handle 20", C_RULE_MATCHED, 19 },
		{ "nft inet filter input handle 20", C_RULE_UNCOUNTED, 1 },
		{ "nft inet filter input handle 21", C_RULE_UNCOUNTED, 1 },
		{ "nft inet filter input handle 22", C_RULE_PACKETS, ABSENT },
	};
	CLEANUP(fixture_free) struct fixture *fixture = NULL;
	static struct build build;

	begin(&build, &fixture);
	build_rule(&build, "input", 20);
	counter(&build, 19);
	port(&build, 7);
	verdict(&build, NF_DROP, NULL);
	build_end(&build);
	build_rule(&build, "input", 21); /* no counter at all */
	plain(&build, "quota");
	verdict(&build, NF_DROP, NULL);
	build_end(&build);
	build_rule(&build, "input", 22); /* numgen inc mod 2 … behind the counter */
	counter(&build, 5);
	plain(&build, "numgen");
	verdict(&build, NF_DROP, NULL);
	build_end(&build);
	build_rule(&build, "input", 23); /* accepts are nobody's business */
	counter(&build, 5);
	verdict(&build, NF_ACCEPT, NULL);
	build_end(&build);
	take(&build, fixture);
	fixture_expect(fixture, rows, ARRAY_SIZE(rows));
	assert_null(fixture_object(fixture, "nft inet filter input handle 23"));
}

/* `udp dport 53 numgen random mod 100 == 0 drop` leaves the port open. */
static void a_rule_for_some_of_the_packets_closes_no_port(void **state)
{
	static const struct expected rows[] = {
		{ "nft inet filter input handle 7", C_RULE_PACKETS, 11 },
		{ "nft inet filter input handle 7", C_RULE_PORT, ABSENT },
		{ "nft inet filter input handle 8", C_RULE_PACKETS, 12 },
		{ "nft inet filter input handle 8", C_RULE_PORT, ABSENT },
	};
	CLEANUP(fixture_free) struct fixture *fixture = NULL;
	static struct build build;

	begin(&build, &fixture);
	build_rule(&build, "input", 7);
	port(&build, 53);
	plain(&build, "numgen");
	counter(&build, 11);
	verdict(&build, NF_DROP, NULL);
	build_end(&build);
	build_rule(&build, "input", 8);
	port(&build, 53);
	plain(&build, "limit");
	counter(&build, 12);
	verdict(&build, NF_DROP, NULL);
	build_end(&build);
	take(&build, fixture);
	fixture_expect(fixture, rows, ARRAY_SIZE(rows));
}

static void limits_and_translations(void **state)
{
	static const struct expected rows[] = {
		{ "nft inet filter input handle 30", C_RULE_LIMIT, 1 },
		{ "nft inet filter input handle 30", C_RULE_PACKETS, 17 },
		{ "nft inet filter input handle 31", C_RULE_LIMIT, 1 },
		{ "nft inet filter input handle 32", C_RULE_LIMIT, 1 },
		{ "nft inet filter input handle 33", C_RULE_NAT, 1 },
		{ "nft inet filter input handle 33", C_RULE_NAT_PORTS, 11 },
		{ "nft inet filter input handle 34", C_RULE_NAT_PORTS, 64512 },
		{ "nft inet filter input handle 35", C_RULE_QUEUE, 1 },
		{ "nft inet filter input handle 35", C_RULE_MATCHED, 36 },
	};
	CLEANUP(fixture_free) struct fixture *fixture = NULL;
	static struct build build;

	begin(&build, &fixture);
	build_rule(&build, "input", 30);
	plain(&build, "limit");
	counter(&build, 17);
	verdict(&build, NF_DROP, NULL);
	build_end(&build);
	build_rule(&build, "input", 31);
	compat(&build, "match", "hashlimit", NULL, 0);
	counter(&build, 2);
	verdict(&build, NF_DROP, NULL);
	build_end(&build);
	build_rule(&build, "input", 32);
	named(&build, NFT_OBJECT_LIMIT, "slow");
	verdict(&build, NF_DROP, NULL);
	build_end(&build);
	build_rule(&build, "input", 33); /* masquerade to :5000-5010 */
	immediate(&build, NFT_REG_1, 5000);
	immediate(&build, NFT_REG_2, 5010);
	expression_begin(&build, "masq");
	put_be32(&build, NFTA_MASQ_REG_PROTO_MIN, NFT_REG_1);
	put_be32(&build, NFTA_MASQ_REG_PROTO_MAX, NFT_REG_2);
	expression_end(&build);
	build_end(&build);
	build_rule(&build, "input", 34);
	expression_begin(&build, "nat");
	put_be32(&build, NFTA_NAT_TYPE, NFT_NAT_SNAT);
	expression_end(&build);
	build_end(&build);
	build_rule(&build, "input", 35);
	counter(&build, 36);
	plain(&build, "queue");
	build_end(&build);
	take(&build, fixture);
	fixture_expect(fixture, rows, ARRAY_SIZE(rows));
}

/* Five ways to write `ct state invalid drop`, and three that only look like it. */
static void conntrack_state_invalid(void **state)
{
	static const struct expected rows[] = {
		{ "nft inet filter input handle 40", C_RULE_CT_INVALID, 1 },
		{ "nft inet filter input handle 41", C_RULE_CT_INVALID, 1 },
		{ "nft inet filter input handle 42", C_RULE_CT_INVALID, 1 },
		{ "nft inet filter input handle 43", C_RULE_CT_INVALID, 1 },
		{ "nft inet filter input handle 43", C_RULE_UNCOUNTED, 1 },
		{ "nft inet filter input handle 44", C_RULE_CT_INVALID, 1 },
		{ "nft inet filter input handle 45", C_RULE_CT_INVALID, ABSENT },
		{ "nft inet filter input handle 46", C_RULE_CT_INVALID, ABSENT },
		{ "nft inet filter input handle 47", C_RULE_CT_INVALID, ABSENT },
	};
	struct xt_conntrack_mtinfo3 match = { .match_flags = XT_CONNTRACK_STATE,
					      .state_mask = XT_CONNTRACK_STATE_INVALID };
	CLEANUP(fixture_free) struct fixture *fixture = NULL;
	static struct build build;

	begin(&build, &fixture);
	build_set(&build, "__set0", 5, false);
	build_set(&build, "__map0", 6, true);
	for (uint64_t handle = 40; handle < 48; handle++) {
		build_rule(&build, "input", handle);
		if (handle != 44)
			load_state(&build);
		if (handle == 40 || handle == 45)
			mask(&build, 0x41); /* invalid, untracked */
		if (handle == 40)
			compare_state(&build, NFT_CMP_NEQ, 0);
		else if (handle == 41)
			compare_state(&build, NFT_CMP_EQ, 1);
		else if (handle == 42)
			lookup(&build, "__set0", false, 0);
		else if (handle == 43)
			lookup(&build, "__map0", true, 0);
		else if (handle == 44)
			compat(&build, "match", "conntrack", &match, sizeof(match));
		else if (handle == 45)
			compare_state(&build, NFT_CMP_EQ, 0); /* ct state != { invalid, untracked } */
		else if (handle == 46)
			lookup(&build, "__set0", false, NFT_LOOKUP_F_INV);
		else
			compare_state(&build, NFT_CMP_EQ, 8); /* new */
		if (handle != 43)
			verdict(&build, NF_DROP, NULL);
		build_end(&build);
	}
	build_elements(&build, "__set0");
	element(&build, 1, NO_CODE, NULL);
	element(&build, 8, NO_CODE, NULL);
	build_end(&build);
	build_elements(&build, "__map0");
	element(&build, 2, NF_ACCEPT, NULL);
	element(&build, 1, NF_DROP, NULL);
	build_end(&build);
	take(&build, fixture);
	fixture_expect(fixture, rows, ARRAY_SIZE(rows));
	assert_string_equal(fixture_label(fixture, rows[3].object, LABEL_VERDICT), "vmap drop");
}

/* The device on the way back, not what kind of address it is. */
static void reverse_path_rules(void **state)
{
	static const struct expected rows[] = {
		{ "nft inet filter input handle 50", C_RULE_RPFILTER, 1 },
		{ "nft inet filter input handle 51", C_RULE_RPFILTER, ABSENT },
	};
	CLEANUP(fixture_free) struct fixture *fixture = NULL;
	static struct build build;

	begin(&build, &fixture);
	for (uint32_t handle = 50; handle < 52; handle++) {
		build_rule(&build, "input", handle);
		expression_begin(&build, "fib");
		put_be32(&build, NFTA_FIB_RESULT, handle == 50 ? NFT_FIB_RESULT_OIF : NFT_FIB_RESULT_ADDRTYPE);
		put_be32(&build, NFTA_FIB_FLAGS, handle == 50 ? NFTA_FIB_F_SADDR | NFTA_FIB_F_IIF : NFTA_FIB_F_DADDR);
		expression_end(&build);
		verdict(&build, NF_DROP, NULL);
		build_end(&build);
	}
	take(&build, fixture);
	fixture_expect(fixture, rows, ARRAY_SIZE(rows));
}

static void named_counters(void **state)
{
	static const struct expected rows[] = {
		{ "nft inet filter counter bad", C_NAMED_COUNTER_DROPS, 40 },
		{ "nft inet filter counter bad", C_NAMED_COUNTER_BYTES, 4000 },
		{ "nft inet filter input handle 9", C_RULE_UNCOUNTED, ABSENT },
		{ "nft inet filter counter shared", C_NAMED_COUNTER_DROPS, ABSENT },
		{ "nft inet filter counter shared", C_NAMED_COUNTER_MATCHED, 50 },
		{ "nft inet filter input handle 40", C_RULE_UNCOUNTED, 1 },
	};
	CLEANUP(fixture_free) struct fixture *fixture = NULL;
	static struct build build;

	begin(&build, &fixture);
	build_named_counter(&build, "bad", 4, 40);
	build_named_counter(&build, "shared", 5, 50);
	build_rule(&build, "input", 9);
	named(&build, NFT_OBJECT_COUNTER, "bad");
	verdict(&build, NF_DROP, NULL);
	build_end(&build);
	build_rule(&build, "input", 40);
	named(&build, NFT_OBJECT_COUNTER, "shared");
	verdict(&build, NF_DROP, NULL);
	build_end(&build);
	build_rule(&build, "input", 41);
	named(&build, NFT_OBJECT_COUNTER, "shared");
	verdict(&build, NF_ACCEPT, NULL);
	build_end(&build);
	take(&build, fixture);
	fixture_expect(fixture, rows, ARRAY_SIZE(rows));
	assert_string_equal(fixture_label(fixture, rows[0].object, LABEL_CHAIN), "bad");
}

/* A policy is counted by its chain, or by a last rule that does nothing else; or not at all. */
static void policies(void **state)
{
	static const struct expected rows[] = {
		{ "nft inet filter own policy drop", C_CHAIN_POLICY_DROP, 1 },
		{ "nft inet filter own policy drop", C_CHAIN_POLICY_COUNTED, 77 },
		{ "nft inet filter last policy drop", C_CHAIN_POLICY_COUNTED, 38 },
		{ "nft inet filter none policy drop", C_CHAIN_POLICY_COUNTED, ABSENT },
		{ "nft inet filter none policy drop", C_CHAIN_POLICY_DROP, 1 },
	};
	CLEANUP(fixture_free) struct fixture *fixture = NULL;
	static struct build build;

	begin(&build, &fixture);
	build_chain(&build, "own", 10, NF_INET_FORWARD, NF_DROP, 77);
	build_chain(&build, "last", 11, NF_INET_LOCAL_OUT, NF_DROP, ABSENT);
	build_chain(&build, "none", 12, NF_INET_LOCAL_IN, NF_DROP, ABSENT);
	build_rule(&build, "last", 20);
	counter(&build, 38);
	plain(&build, "log");
	build_end(&build);
	build_rule(&build, "none", 21);
	counter(&build, 5);
	build_end(&build);
	build_rule(&build, "none", 22); /* behind the counter: it may take some */
	port(&build, 5);
	verdict(&build, NF_ACCEPT, NULL);
	build_end(&build);
	take(&build, fixture);
	fixture_expect(fixture, rows, ARRAY_SIZE(rows));
	assert_null(fixture_object(fixture, "nft inet filter input policy drop"));
}

static void sets_that_can_be_full(void **state)
{
	static const struct expected rows[] = {
		{ "nft inet filter set seen", C_SET_ELEMENTS, 65535 },
		{ "nft inet filter set seen", C_SET_SIZE, 65535 },
	};
	CLEANUP(fixture_free) struct fixture *fixture = NULL;
	static struct build build;

	begin(&build, &fixture);
	build_sized_set(&build, "seen", NFT_SET_EVAL | NFT_SET_TIMEOUT, 65535, 65535);
	build_sized_set(&build, "__set0", NFT_SET_ANONYMOUS | NFT_SET_CONSTANT, 2, 2);
	build_sized_set(&build, "open", 0, 7, 0);
	take(&build, fixture);
	fixture_expect(fixture, rows, ARRAY_SIZE(rows));
	assert_string_equal(fixture_label(fixture, rows[0].object, LABEL_CHAIN), "seen");
	assert_int_equal(fixture->snapshot.samples.count, 2);
}

static void tables_that_sleep_lose_nothing(void **state)
{
	CLEANUP(fixture_free) struct fixture *fixture = fixture_new();
	static struct build build;

	build = (struct build){ .family = NFPROTO_IPV4 };
	build_table(&build, NFT_TABLE_F_DORMANT);
	build_chain(&build, "input", 3, NF_INET_LOCAL_IN, NF_DROP, ABSENT);
	build_rule(&build, "input", 2);
	counter(&build, 9);
	verdict(&build, NF_DROP, NULL);
	build_end(&build);
	take(&build, fixture);
	assert_int_equal(fixture->snapshot.samples.count, 0);
}

static void hooks_by_reachability(void **state)
{
	CLEANUP(fixture_free) struct fixture *fixture = NULL;
	static struct build build;

	begin(&build, &fixture);
	build_chain(&build, "fwd", 4, NF_INET_FORWARD, NF_ACCEPT, ABSENT);
	build_chain(&build, "extra", 8, NO_HOOK, 0, ABSENT);
	build_chain(&build, "mapped", 9, NO_HOOK, 0, ABSENT);
	build_chain(&build, "lonely", 10, NO_HOOK, 0, ABSENT);
	build_set(&build, "vm", 5, true);
	build_rule(&build, "input", 20);
	verdict(&build, NFT_JUMP, "extra");
	build_end(&build);
	build_rule(&build, "fwd", 21);
	verdict(&build, NFT_GOTO, "extra");
	build_end(&build);
	build_rule(&build, "fwd", 22);
	lookup(&build, "vm", true, 0);
	build_end(&build);
	for (int i = 0; i < 3; i++) {
		static const char *const chains[] = { "extra", "mapped", "lonely" };

		build_rule(&build, chains[i], 30 + (uint64_t)i);
		verdict(&build, NF_DROP, NULL);
		build_end(&build);
	}
	build_elements(&build, "vm");
	element(&build, 22, NFT_JUMP, "mapped");
	build_end(&build);
	take(&build, fixture);
	assert_string_equal(fixture_label(fixture, "nft inet filter extra handle 30", LABEL_HOOK), "input,forward");
	assert_string_equal(fixture_label(fixture, "nft inet filter mapped handle 31", LABEL_HOOK), "forward");
	assert_string_equal(fixture_label(fixture, "nft inet filter lonely handle 32", LABEL_HOOK), "");
	assert_null(fixture_object(fixture, "nft inet filter fwd handle 22")); /* the map does not drop */
}

/* Families number their hooks in their own ways. */
static void hooks_of_families(void **state)
{
	static const struct {
		uint8_t family;
		uint32_t hook;
		const char *object, *hooks;
	} rows[] = {
		{ NFPROTO_NETDEV, NF_NETDEV_INGRESS, "nft netdev filter c handle 2", "ingress" },
		{ NFPROTO_NETDEV, NF_NETDEV_EGRESS, "nft netdev filter c handle 2", "egress" },
		{ NFPROTO_INET, NF_INET_INGRESS, "nft inet filter c handle 2", "ingress" },
		{ NFPROTO_BRIDGE, NF_INET_FORWARD, "nft bridge filter c handle 2", "forward" },
		{ NFPROTO_ARP, 1, "nft arp filter c handle 2", "output" },
		{ NFPROTO_IPV6, NF_INET_POST_ROUTING, "nft ip6 filter c handle 2", "postrouting" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(fixture_free) struct fixture *fixture = fixture_new();
		static struct build build;

		build = (struct build){ .family = rows[i].family };
		build_table(&build, 0);
		build_chain(&build, "c", 1, rows[i].hook, NF_ACCEPT, ABSENT);
		build_rule(&build, "c", 2);
		verdict(&build, NF_DROP, NULL);
		build_end(&build);
		take(&build, fixture);
		assert_string_equal(fixture_label(fixture, rows[i].object, LABEL_HOOK), rows[i].hooks);
	}
}

static const char listing[] = "table inet filter {\n"
			      "\tchain input { # handle 3\n"
			      "\t\ttype filter hook input priority filter; policy accept;\n"
			      "\t\tudp dport 9 counter packets 5 bytes 500 drop comment \"a { quoted\" # handle 7\n"
			      "\t\tjump {\n"
			      "\t\t\tip saddr 1.2.3.4 accept\n"
			      "\t\t\ttcp dport 3 counter packets 1 bytes 60 drop\n"
			      "\t\t} # handle 12\n"
			      "\t}\n"
			      "}\n";

/* Rules of a chain without a name are called by the handle of the rule around them, which is what people see. */
static void nameless_chains_and_texts(void **state)
{
	CLEANUP(fixture_free) struct fixture *fixture = NULL;
	static struct build build;

	begin(&build, &fixture);
	build_chain(&build, "__chain0", 6, NO_HOOK, 0, ABSENT);
	build_rule(&build, "input", 7);
	counter(&build, 5);
	verdict(&build, NF_DROP, NULL);
	build_end(&build);
	build_rule(&build, "input", 12);
	verdict(&build, NFT_JUMP, "__chain0");
	build_end(&build);
	build_rule(&build, "__chain0", 13);
	verdict(&build, NF_ACCEPT, NULL);
	build_end(&build);
	build_rule(&build, "__chain0", 14);
	port(&build, 3);
	counter(&build, 1);
	verdict(&build, NF_DROP, NULL);
	build_end(&build);
	nftables_add(&fixture->firewall, build.bytes, build.length);
	nftables_resolve(&fixture->firewall);
	nftables_text_take(&fixture->firewall, 0, slice_of(listing));
	firewall_emit(&fixture->firewall, &nftables_rows, fixture->netns, &fixture->snapshot);
	assert_string_equal(fixture_label(fixture, "nft inet filter input handle 7", LABEL_TEXT),
			    "udp dport 9 counter drop comment \"a { quoted\"");
	assert_string_equal(fixture_label(fixture, "nft inet filter input handle 12", LABEL_TEXT),
			    "tcp dport 3 counter drop");
	assert_string_equal(fixture_label(fixture, "nft inet filter input handle 12", LABEL_HOOK), "input");
	assert_int_equal(fixture_object(fixture, "nft inet filter input handle 12")->key.b & UINT32_MAX, 12);
}

/* How many rules a packet passes that none of them takes: jumps with a condition do not count. */
static void walks_through_many_rules(void **state)
{
	static const struct expected rows[] = { { "nft inet filter input", C_CHAIN_WALK, 302 },
						{ "nft inet filter input", C_CHAIN_POLICY_DROP, ABSENT } };
	CLEANUP(fixture_free) struct fixture *fixture = NULL;
	static struct build build;

	begin(&build, &fixture);
	build_chain(&build, "list", 4, NO_HOOK, 0, ABSENT);
	build_chain(&build, "side", 5, NO_HOOK, 0, ABSENT);
	build_chain(&build, "small", 6, NF_INET_FORWARD, NF_ACCEPT, ABSENT);
	build_rule(&build, "input", 20);
	verdict(&build, NFT_JUMP, "list");
	build_end(&build);
	build_rule(&build, "input", 21);
	port(&build, 22);
	verdict(&build, NFT_JUMP, "side");
	build_end(&build);
	for (uint64_t i = 0; i < 301; i++) {
		build_rule(&build, i < 300 ? "list" : "side", 100 + i);
		verdict(&build, NF_ACCEPT, NULL);
		build_end(&build);
	}
	take(&build, fixture);
	fixture_expect(fixture, rows, ARRAY_SIZE(rows));
	assert_null(fixture_object(fixture, "nft inet filter small"));
	assert_int_equal(fixture->firewall.rules.count, 0); /* nothing of them is kept */
}

/* Of very many rules only those that have counted something become objects; they began at 0 if none was added. */
static void very_many_rules(void **state)
{
	CLEANUP(fixture_free) struct fixture *fixture = NULL;
	static struct build build;

	begin(&build, &fixture);
	nftables_add(&fixture->firewall, build.bytes, build.length);
	for (uint64_t i = 1; i <= 100; i++) {
		build.length = 0;
		build_rule(&build, "input", i);
		counter(&build, i == 77 ? 5 : 0);
		verdict(&build, NF_DROP, NULL);
		build_end(&build);
		nftables_add(&fixture->firewall, build.bytes, build.length);
	}
	fixture->firewall.sparse = fixture->firewall.known_from_zero = true;
	nftables_resolve(&fixture->firewall);
	firewall_emit(&fixture->firewall, &nftables_rows, fixture->netns, &fixture->snapshot);
	assert_null(fixture_object(fixture, "nft inet filter input handle 76"));
	assert_true(fixture_object(fixture, "nft inet filter input handle 77")->born);
	assert_false(fixture_object(fixture, "nft inet filter input")->key.kind == OBJECT_RULE);
}

static void what_belongs_to_nothing_is_partial(void **state)
{
	static struct build build;

	for (int i = 0; i < 4; i++) {
		CLEANUP(fixture_free) struct fixture *fixture = fixture_new();

		build = (struct build){ .family = NFPROTO_INET };
		if (i == 0) {
			build_chain(&build, "input", 1, NO_HOOK, 0, ABSENT);
		} else if (i == 1) {
			build_rule(&build, "input", 1);
			build_end(&build);
		} else if (i == 2) {
			build_elements(&build, "vm");
			build_end(&build);
		} else {
			build_table(&build, 0);
			build.length -= 4; /* cut off */
		}
		take(&build, fixture);
		assert_true(fixture->firewall.partial);
		assert_int_equal(fixture->snapshot.samples.count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_of_dropping_rules),
		cmocka_unit_test(counter_before_a_match_counts_no_drops),
		cmocka_unit_test(a_rule_for_some_of_the_packets_closes_no_port),
		cmocka_unit_test(limits_and_translations),
		cmocka_unit_test(conntrack_state_invalid),
		cmocka_unit_test(reverse_path_rules),
		cmocka_unit_test(named_counters),
		cmocka_unit_test(policies),
		cmocka_unit_test(sets_that_can_be_full),
		cmocka_unit_test(tables_that_sleep_lose_nothing),
		cmocka_unit_test(hooks_by_reachability),
		cmocka_unit_test(hooks_of_families),
		cmocka_unit_test(nameless_chains_and_texts),
		cmocka_unit_test(walks_through_many_rules),
		cmocka_unit_test(very_many_rules),
		cmocka_unit_test(what_belongs_to_nothing_is_partial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
