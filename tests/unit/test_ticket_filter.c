/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traffic control filters, rules of routing and the spread of hashes, pasted: what drops, and by whom. */
#include "unit/tickets.h"

#define POLICER "police action 1 of filter flower pref 49150 at ingress on swp0"
#define DROPPER "gact action 7 of filter flower pref 49152 at ingress on swp0"

/* linux-netdev, sparx5 and mlx5: iproute2 5.x */
#define POLICED(packets, drops)                                                                                \
	"filter protocol all pref 49150 flower chain 0\n"                                                      \
	"filter protocol all pref 49150 flower chain 0 handle 0x1\n"                                           \
	"  dst_mac 26:cc:e4:73:9f:9b\n"                                                                        \
	"  skip_hw\n"                                                                                          \
	"  not_in_hw\n"                                                                                        \
	"        action order 1:  police 0x1 rate 37Mbit burst 64Kb mtu 2Kb action drop overhead 0b\n"         \
	"        ref 1 bind 1 installed 20 sec used 6 sec\n"                                                   \
	"        Action statistics:\n"                                                                         \
	"        Sent 1994574813 bytes " packets " pkt (dropped " drops ", overlimits " drops " requeues 0)\n" \
	"        backlog 0b 0p requeues 0\n\n"

static const char filters[] = "$ tc -s filter show dev swp0 ingress\n" POLICED(
	"1351356", "1319") "filter protocol all pref 49151 flower chain 0 handle 0x1\n"
			   "        action order 1: vlan  push id 3 protocol 802.1Q priority 0 pipe\n"
			   "         index 1 ref 1 bind 1 installed 20 sec used 0 sec\n"
			   "        Action statistics:\n"
			   "        Sent 1263 bytes 21 pkt (dropped 0, overlimits 0 requeues 0)\n"
			   "        backlog 0b 0p requeues 0\n\n"
			   "        action order 2: mirred (Egress Redirect to device swp1) stolen\n"
			   "        index 1 ref 1 bind 1 installed 20 sec used 0 sec\n"
			   "        Action statistics:\n"
			   "        Sent 1347 bytes 22 pkt (dropped 2, overlimits 0 requeues 0)\n"
			   "        backlog 0b 0p requeues 0\n\n"
			   "filter protocol ip pref 49152 flower chain 0 handle 0x1\n"
			   "  eth_type ipv4\n"
			   "  dst_ip 192.168.1.1\n"
			   "        action order 1: gact action drop\n"
			   "         random type none pass val 0\n"
			   "         index 7 ref 2 bind 2 installed 7 sec used 2 sec\n"
			   "        Action statistics:\n"
			   "        Sent 800 bytes 8 pkt (dropped 8, overlimits 0 requeues 0) \n"
			   "        backlog 0b 0p requeues 0\n"
			   "filter protocol ip pref 49153 flower chain 0 handle 0x1\n"
			   "  dst_ip 192.168.1.2\n"
			   "        action order 1: gact action drop\n"
			   "         random type none pass val 0\n"
			   "         index 7 ref 2 bind 2 installed 7 sec used 2 sec\n"
			   "        Action statistics:\n"
			   "        Sent 800 bytes 8 pkt (dropped 8, overlimits 0 requeues 0) \n"
			   "        backlog 0b 0p requeues 0\n"
			   "        used_hw_stats immediate\n";

static void actions_of_filters(void **state)
{
	struct ticket ticket = ticket_of(filters);

	assert_understood(&ticket);
	assert_int_equal(ticket.outputs.count, 1);
	assert_int_equal(ticket_told(&ticket, "filter.action_packets", POLICER), 1351356);
	assert_int_equal(ticket_told(&ticket, "filter.action_drops", POLICER), 1319);
	assert_int_equal(ticket_told(&ticket, "filter.action_overlimits", POLICER), 1319);
	assert_int_equal(ticket_told(&ticket, "filter.police_rate_bytes_per_second", POLICER), 4625000);
	assert_int_equal(ticket_told(&ticket, "filter.action_drops",
				     "mirred action 1 of filter flower pref 49151 at ingress on swp0"),
			 2);
	/* Two filters share it: it is one action. */
	assert_int_equal(ticket_told(&ticket, "filter.action_drops", DROPPER), 8);
	assert_null(ticket_cell(&ticket, "filter.action_drops",
				"gact action 7 of filter flower pref 49153 at ingress on swp0"));
	ticket_free(&ticket);
}

static void filters_before_and_after(void **state)
{
	struct ticket ticket =
		ticket_of("$ date\nFri Nov 20 10:00:00 UTC 2026\n"
			  "$ tc -s filter show dev swp0 ingress\n" POLICED(
				  "100", "40") "$ date\nFri Nov 20 10:00:10 UTC 2026\n"
					       "$ tc -s filter show dev swp0 ingress\n" POLICED("300", "90"));

	assert_understood(&ticket);
	assert_false(ticket.since_boot);
	assert_int_equal(ticket_told(&ticket, "filter.action_drops", POLICER), 50);
	assert_int_equal(ticket_told(&ticket, "filter.action_packets", POLICER), 200);
	ticket_free(&ticket);
}

/* Without a prompt between them it is the output once more. */
static void filters_twice_without_a_prompt(void **state)
{
	struct ticket ticket =
		ticket_of("$ tc -s filter show dev swp0 ingress\n" POLICED("100", "40") POLICED("300", "90"));

	assert_int_equal(ticket_told(&ticket, "filter.action_drops", POLICER), 50);
	ticket_free(&ticket);
}

/* A policer without an action: an older attribute of u32; its filter hangs at a classful qdisc. */
static void policers_of_old(void **state)
{
	struct ticket ticket = ticket_of(
		"$ tc -s filter show dev eth1\n"
		"filter parent 1: protocol ip pref 1 u32 chain 0\n"
		"filter parent 1: protocol ip pref 1 u32 chain 0 fh 800: ht divisor 1\n"
		"filter parent 1: protocol ip pref 1 u32 chain 0 fh 800::800 order 2048 key ht 800 bkt 0 flowid "
		"1:1 not_in_hw  (rule hit 5 success 5)\n"
		"  match 0000270f/0000ffff at 20 (success 5 )\n"
		" police 0xa rate 1Mbit burst 10Kb mtu 2Kb action drop overhead 0b\n"
		"\tref 1 bind 1\n\n"
		"\tSent 500 bytes 5 pkts (dropped 3, overlimits 3)\n");

	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "filter.action_drops",
				     "police action 10 of filter u32 pref 1 at queue on eth1"),
			 3);
	ticket_free(&ticket);
}

/* Neither the device nor the direction: the numbers are what they are. */
static void filters_without_a_command(void **state)
{
	struct ticket ticket = ticket_of(POLICED("100", "40"));

	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "filter.action_drops",
				     "police action 1 of filter flower pref 49150 on the device"),
			 40);
	ticket_free(&ticket);
}

/* Without -s nothing is counted; a word "filter" begins nothing. */
static void no_counts_of_filters(void **state)
{
	struct ticket ticket = ticket_of("$ tc filter show dev ens16np1 ingress\n"
					 "filter protocol all pref 1 matchall chain 0\n"
					 "filter protocol all pref 1 matchall chain 0 handle 0x1\n"
					 "  in_hw\n"
					 "        action order 1: gact action drop\n"
					 "         random type none pass val 0\n"
					 "         index 1 ref 1 bind 1\n");

	assert_understood(&ticket);
	assert_null(ticket_cell(&ticket, "filter.action_drops",
				"gact action 1 of filter matchall pref 1 at ingress on ens16np1"));
	ticket_free(&ticket);
	ticket = ticket_of("filter out what you do not want\n Sent 5 bytes 5 pkt (dropped 3)\n");
	assert_int_equal(ticket.outputs.count, 0);
	ticket_free(&ticket);
}

/* ---- ip rule ---- */

static void rules_that_refuse(void **state)
{
	struct ticket ticket = ticket_of("$ ip rule\n"
					 "0:\tfrom all lookup local\n"
					 "32764:\tnot from all fwmark 0x1 iif eth0 unreachable proto static\n"
					 "32765:\tfrom 10.5.0.0/16 prohibit\n"
					 "32766:\tfrom all lookup main\n"
					 "32767:\tfrom all lookup default\n"
					 "$ ip -6 rule\n"
					 "0:\tfrom all lookup local\n"
					 "100:\tfrom fd00::/8 blackhole\n"
					 "32766:\tfrom all lookup main\n");

	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "route.rule_present", "32765: from 10.5.0.0/16 prohibit"), 1);
	assert_int_equal(
		ticket_told(&ticket, "route.rule_present", "32764: not from all fwmark 0x1 iif eth0 unreachable"), 1);
	assert_int_equal(ticket_told(&ticket, "route.rule_present", "100: from fd00::/8 blackhole (IPv6)"), 1);
	assert_null(ticket_cell(&ticket, "route.rule_present", "32766: from all lookup main"));
	assert_int_equal(ticket_told(&ticket, "route.rules_v4", "this host"), 5);
	assert_int_equal(ticket_told(&ticket, "route.rules_v6", "this host"), 3);
	ticket_free(&ticket);
}

/* How many there are nobody knows of a part, nor of which family. */
static void some_rules(void **state)
{
	struct ticket ticket = ticket_of("$ ip rule | grep lookup\n0:\tfrom all lookup local\n");

	assert_null(ticket_cell(&ticket, "route.rules_v4", "this host"));
	ticket_free(&ticket);
	ticket = ticket_of("0:\tfrom all lookup local\n32766:\tfrom all lookup main\n");
	assert_understood(&ticket);
	assert_null(ticket_cell(&ticket, "route.rules_v4", "this host"));
	assert_null(ticket_cell(&ticket, "route.rules_v6", "this host"));
	ticket_free(&ticket);
}

/* ---- ethtool -x ---- */

static void spread_of_hashes(void **state)
{
	struct ticket ticket = ticket_of("$ ethtool -x eth2\n"
					 "RX flow hash indirection table for eth2 with 8 RX ring(s):\n"
					 "    0:      0     1     2     5     0     1     2     5\n"
					 "    8:      0     1     2     5     0     1     2     5\n"
					 "RSS hash key:\n"
					 "6d:5a:56:da:25:5b:0e:c2:41:67:25:3d:43:a3:8f:b0\n"
					 "RSS hash function:\n"
					 "    toeplitz: on\n"
					 "    xor: off\n"
					 "RX flow hash indirection table for eth3 with 1 RX ring(s):\n"
					 "Operation not supported\n"
					 "RSS hash key:\n"
					 "Operation not supported\n"
					 "$ ethtool -x va\n"
					 "Cannot get RX ring count: Operation not supported\n");

	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "ethnl.rss_queues", "eth2"), 4);
	assert_null(ticket_cell(&ticket, "ethnl.rss_queues", "eth3"));
	ticket_free(&ticket);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(actions_of_filters),
		cmocka_unit_test(filters_before_and_after),
		cmocka_unit_test(filters_twice_without_a_prompt),
		cmocka_unit_test(policers_of_old),
		cmocka_unit_test(filters_without_a_command),
		cmocka_unit_test(no_counts_of_filters),
		cmocka_unit_test(rules_that_refuse),
		cmocka_unit_test(some_rules),
		cmocka_unit_test(spread_of_hashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
