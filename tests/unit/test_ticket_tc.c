/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tc prints, pasted: qdiscs and classes with their numbers, options and places. */
#include "unit/tickets.h"

#include "model/counter.h"

#define HTB "qdisc htb 1: root on eth0.2"
#define LEAF "qdisc fq_codel 120: parent 1:12 on eth0.2"

/* tohojo/sqm-scripts#37 */
static const char htb[] =
	"qdisc htb 1: dev eth0.2 root refcnt 2 r2q 10 default 12 direct_packets_stat 0 direct_qlen 2\n"
	" Sent 195450545 bytes 2252952 pkt (dropped 213, overlimits 65672 requeues 0) \n"
	" backlog 0b 0p requeues 0 \n"
	"qdisc fq_codel 120: dev eth0.2 parent 1:12 limit 1001p flows 1024 quantum 300 target 14.0ms interval 109.0ms ecn \n"
	" Sent 182216717 bytes 2225671 pkt (dropped 213, overlimits 0 requeues 0) \n"
	" backlog 8003b 6p requeues 0 \n"
	"  maxpacket 3028 drop_overlimit 0 new_flow_count 232568 ecn_mark 1\n"
	"  new_flows_len 1 old_flows_len 7\n";

static void a_reading_since_boot(void **state)
{
	struct ticket ticket = ticket_of(htb);

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket.outputs.count, 1);
	assert_true(ticket.since_boot);
	assert_int_equal(ticket_told(&ticket, "qdisc.bytes", HTB), 195450545);
	assert_int_equal(ticket_told(&ticket, "qdisc.packets", HTB), 2252952);
	assert_int_equal(ticket_told(&ticket, "qdisc.drops", HTB), 213);
	assert_int_equal(ticket_told(&ticket, "qdisc.overlimits", HTB), 65672);
	assert_int_equal(ticket_told(&ticket, "qdisc.requeues", HTB), 0);
	assert_int_equal(ticket_told(&ticket, "qdisc.backlog_bytes", LEAF), 8003);
	assert_int_equal(ticket_told(&ticket, "qdisc.backlog_packets", LEAF), 6);
	assert_int_equal(ticket_told(&ticket, "qdisc.limit_packets", LEAF), 1001);
	assert_int_equal(ticket_told(&ticket, "qdisc.drop_overlimit", LEAF), 0);
	assert_int_equal(ticket_told(&ticket, "qdisc.drop_overmemory", LEAF), 0);
	assert_int_equal(ticket_told(&ticket, "qdisc.ecn_marks", LEAF), 1);
	assert_null(ticket_cell(&ticket, "qdisc.limit_bytes", LEAF));
	ticket_free(&ticket);
}

static const struct object *object_called(const struct ticket *ticket, const char *name)
{
	struct object *object;
	uint32_t id;

	each_object(ticket->objects, id, object) {
		if (strcmp(object_text(object, LABEL_NAME), name) == 0)
			return object;
	}
	fail_msg("no %s", name);
	return NULL;
}

static void assert_above(const struct ticket *ticket, const char *name, const char *above)
{
	const struct object *object = object_called(ticket, name);

	assert_string_equal(object_text(object_get(ticket->objects, object->parent), LABEL_NAME), above);
}

/* A private namespace, iproute2-6.1.0 */
static const char classes[] =
	"$ tc -s class show dev va\n"
	"class htb 1:10 parent 1:1 leaf 10: prio 0 rate 1500Kbit ceil 1500Kbit burst 1599b cburst 1599b \n"
	" Sent 176 bytes 2 pkt (dropped 7, overlimits 3 requeues 0) \n"
	" backlog 11Kb 5p requeues 0\n"
	" lended: 2 borrowed: 0 giants: 0\n"
	" tokens: 126161 ctokens: 126161\n"
	"\n"
	"class htb 1:1 root rate 10Mbit ceil 20Mbit burst 1600b cburst 1600b \n"
	" Sent 176 bytes 2 pkt (dropped 0, overlimits 1 requeues 0) \n"
	" rate 0bit 0pps backlog 0b 0p requeues 0\n"
	" lended: 0 borrowed: 0 giants: 0\n"
	" tokens: 18925 ctokens: 9462\n"
	"\n"
	"class fq_codel 10:3c parent 10: \n"
	" (dropped 0, overlimits 0 requeues 0) \n"
	" backlog 0b 0p requeues 0\n"
	"  deficit 1 count 0 lastcount 0 ldelay 5us\n";

static const char qdiscs[] =
	"$ tc -s -d qdisc show dev va\n"
	"qdisc htb 1: root refcnt 3 r2q 10 default 0x10 direct_packets_stat 0 ver 3.17 direct_qlen 1000\n"
	" Sent 176 bytes 2 pkt (dropped 7, overlimits 3 requeues 0) \n"
	" backlog 11Kb 5p requeues 0\n"
	"qdisc pfifo 10: parent 1:10 limit 50p\n"
	" Sent 176 bytes 2 pkt (dropped 7, overlimits 0 requeues 0) \n"
	" backlog 0b 0p requeues 0\n";

static void classes_and_their_places(void **state)
{
	const char *orders[2][2] = { { classes, qdiscs }, { qdiscs, classes } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		CLEANUP_FREE char *text = text_format("%s%s", orders[i][0], orders[i][1]);
		struct ticket ticket = ticket_of(text);

		assert_int_equal(ticket_told(&ticket, "class.drops", "class htb 1:10 on va"), 7);
		assert_int_equal(ticket_told(&ticket, "class.overlimits", "class htb 1:1 on va"), 1);
		assert_int_equal(ticket_told(&ticket, "class.rate_bytes_per_second", "class htb 1:10 on va"), 187500);
		assert_int_equal(ticket_told(&ticket, "class.ceil_bytes_per_second", "class htb 1:1 on va"), 2500000);
		assert_int_equal(ticket_told(&ticket, "class.backlog_bytes", "class htb 1:10 on va"), 11264);
		assert_int_equal(ticket_told(&ticket, "class.backlog_packets", "class htb 1:1 on va"), 0);
		assert_null(ticket_cell(&ticket, "class.drops", "class fq_codel 10:3c on va"));
		assert_above(&ticket, "qdisc pfifo 10: parent 1:10", "class htb 1:10");
		assert_above(&ticket, "class htb 1:10", "class htb 1:1");
		assert_above(&ticket, "class htb 1:1", "qdisc htb 1: root");
		ticket_free(&ticket);
	}
}

static void before_and_after_without_a_prompt(void **state)
{
	/* github.com/tohojo/flent, test_parsers.py */
	static const char text[] =
		"qdisc htb 1: root refcnt 2 r2q 10 default 11 direct_packets_stat 0 direct_qlen 1000\n"
		" Sent 13843 bytes 62 pkt (dropped 0, overlimits 0 requeues 0)\n"
		" backlog 0b 0p requeues 0\n"
		"qdisc fq 8052: parent 1:11 limit 10000p flow_limit 100p buckets 1024 orphan_mask 1023 quantum 3028\n"
		" Sent 13843 bytes 62 pkt (dropped 0, overlimits 0 requeues 0)\n"
		" backlog 0b 0p requeues 0\n"
		"  6 flows (5 inactive, 9 throttled)\n"
		"  0 gc, 0 highprio, 4 throttled\n"
		"qdisc ingress ffff: parent ffff:fff1 ----------------\n"
		" Sent 12815 bytes 65 pkt (dropped 1, overlimits 0 requeues 0)\n"
		" backlog 0b 0p requeues 0\n"
		"Time: 1508235458.602528897\n"
		"---\n"
		"qdisc htb 1: root refcnt 2 r2q 10 default 11 direct_packets_stat 0 direct_qlen 1000\n"
		" Sent 13941 bytes 63 pkt (dropped 2, overlimits 0 requeues 0)\n"
		" backlog 0b 0p requeues 0\n"
		"qdisc fq 8052: parent 1:11 limit 10000p flow_limit 100p buckets 1024 orphan_mask 1023 quantum 3028\n"
		" Sent 13941 bytes 63 pkt (dropped 0, overlimits 0 requeues 0)\n"
		" backlog 0b 0p requeues 0\n"
		"  6 flows (5 inactive, 9 throttled)\n"
		"  0 gc, 0 highprio, 10 throttled, 700 ns latency, 3 flows_plimit\n"
		"qdisc ingress ffff: parent ffff:fff1 ----------------\n"
		" Sent 12899 bytes 66 pkt (dropped 4, overlimits 0 requeues 0)\n"
		" backlog 0b 0p requeues 0\n";
	struct ticket ticket = ticket_of(text);

	(void)state;
	assert_understood(&ticket);
	assert_false(ticket.since_boot);
	assert_int_equal(ticket_told(&ticket, "qdisc.packets", "qdisc htb 1: root"), 1);
	assert_int_equal(ticket_told(&ticket, "qdisc.drops", "qdisc htb 1: root"), 2);
	assert_int_equal(ticket_told(&ticket, "qdisc.throttled", "qdisc fq 8052: parent 1:11"), 6);
	assert_int_equal(ticket_told(&ticket, "qdisc.flows_plimit", "qdisc fq 8052: parent 1:11"), 3);
	assert_int_equal(ticket_told(&ticket, "qdisc.ingress_drops", "qdisc ingress ffff:"), 3);
	assert_int_equal(ticket_told(&ticket, "qdisc.ingress_packets", "qdisc ingress ffff:"), 1);
	assert_null(ticket_cell(&ticket, "qdisc.drops", "qdisc ingress ffff:"));
	ticket_free(&ticket);
}

static void options_of_kinds(void **state)
{
	static const char text[] =
		"qdisc tbf 8007: dev a root refcnt 3 rate 1Mbit burst 3Kb/1 mpu 0b lat 20ms linklayer ethernet \n"
		" Sent 4968 bytes 4 pkt (dropped 3993, overlimits 4002 requeues 0) \n"
		" backlog 3726b 3p requeues 0\n"
		"qdisc netem 2: dev b root refcnt 2 limit 1000 delay 10ms loss 1.5% rate 2.5Gbit\n"
		"qdisc netem 2: dev c root refcnt 2 limit 1000 delay 10ms\n"
		"qdisc cake 800c: dev d root refcnt 2 bandwidth 250Mbit besteffort flows rtt 100.0ms raw\n"
		" Sent 10 bytes 1 pkt (dropped 95, overlimits 5 requeues 0)\n"
		" backlog 0b 0p requeues 0\n"
		" memory used: 4148544b of 12500000b\n"
		" capacity estimate: 250Mbit\n"
		"                 Tin 0\n"
		"  thresh       250Mbit\n"
		"  drops             95\n"
		"qdisc red 8: dev e root refcnt 2 limit 60000b min 5000b max 15000b \n"
		" Sent 10 bytes 1 pkt (dropped 9, overlimits 5 requeues 0)\n"
		" backlog 0b 0p requeues 0\n"
		"  marked 2 early 5 pdrop 4 other 0\n"
		"qdisc pie 9: dev f root refcnt 2 limit 1000p target 15.0ms tupdate 16.0ms alpha 2 beta 20 \n"
		" Sent 10 bytes 1 pkt (dropped 9, overlimits 0 requeues 0)\n"
		" backlog 0b 0p requeues 0\n"
		"  prob 0.000000 delay 0us avg_dq_rate 0\n"
		"  pkts_in 0 overlimit 3 dropped 6 maxq 0 ecn_mark 1\n"
		"qdisc fq_codel 0: dev g parent :9 limit 10240p memory_limit 4Mb ecn drop_batch 64 \n"
		" Sent 2675261580 bytes 2799090 pkt (dropped 1984, overlimits 0 requeues 952) \n"
		" backlog 0b 0p requeues 952\n"
		"  maxpacket 6490 drop_overlimit 1984 new_flow_count 32369 ecn_mark 0 drop_overmemory 1984\n"
		"qdisc noqueue 0: dev lo root refcnt 2 \n"
		" Sent 0 bytes 0 pkt (dropped 0, overlimits 0 requeues 0) \n"
		" backlog 0b 0p requeues 0\n";
	struct ticket ticket = ticket_of(text);

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "qdisc.rate_bytes_per_second", "qdisc tbf 8007: root on a"), 125000);
	assert_int_equal(ticket_told(&ticket, "qdisc.drops", "qdisc tbf 8007: root on a"), 3993);
	assert_int_equal(ticket_told(&ticket, "qdisc.backlog_bytes", "qdisc tbf 8007: root on a"), 3726);
	assert_int_equal(ticket_told(&ticket, "qdisc.netem_loss_ppm", "qdisc netem 2: root on b"), 15000);
	assert_int_equal(ticket_told(&ticket, "qdisc.rate_bytes_per_second", "qdisc netem 2: root on b"), 312500000);
	assert_int_equal(ticket_told(&ticket, "qdisc.limit_packets", "qdisc netem 2: root on b"), 1000);
	assert_int_equal(ticket_told(&ticket, "qdisc.netem_loss_ppm", "qdisc netem 2: root on c"), 0);
	assert_int_equal(ticket_told(&ticket, "qdisc.rate_bytes_per_second", "qdisc cake 800c: root on d"), 31250000);
	assert_int_equal(ticket_told(&ticket, "qdisc.drops", "qdisc cake 800c: root on d"), 95);
	assert_int_equal(ticket_told(&ticket, "qdisc.limit_bytes", "qdisc red 8: root on e"), 60000);
	assert_int_equal(ticket_told(&ticket, "qdisc.early_drops", "qdisc red 8: root on e"), 5);
	assert_int_equal(ticket_told(&ticket, "qdisc.drop_overlimit", "qdisc red 8: root on e"), 4);
	assert_int_equal(ticket_told(&ticket, "qdisc.early_drops", "qdisc pie 9: root on f"), 6);
	assert_int_equal(ticket_told(&ticket, "qdisc.drop_overmemory", "qdisc fq_codel 0: parent :9 on g"), 1984);
	assert_int_equal(ticket_told(&ticket, "qdisc.limit_bytes", "qdisc fq_codel 0: parent :9 on g"), 4194304);
	assert_int_equal(ticket_told(&ticket, "qdisc.requeues", "qdisc fq_codel 0: parent :9 on g"), 952);
	assert_null(ticket_cell(&ticket, "qdisc.drops", "qdisc noqueue 0: root on lo"));
	ticket_free(&ticket);
}

static void other_layouts(void **state)
{
	/* cilium/cilium#29083; the command names the device. */
	static const char text[] =
		"# tc -s qdisc show dev ens5\n"
		"qdisc mq 8002: root\n"
		" Sent 768138725 bytes 2279589 pkt (dropped 13619, overlimits 0 requeues 0)\n"
		" backlog 0b 0p requeues 0\n"
		"qdisc fq 0: parent 8002:8 limit 10000p flow_limit 100p buckets 1024 horizon 10s horizon_drop\n"
		" Sent 286859943 bytes 392418 pkt (dropped 1743, overlimits 0 requeues 0)\n"
		" backlog 0b 0p requeues 0\n"
		"  flows 93 (inactive 85 throttled 1)\n"
		"  gc 0 highprio 0 throttled 110950 latency 18.3us flows_plimit 1743\n"
		"# tc -s qdisc show dev ens6\n"
		"qdisc pfifo_fast 0:[00000000] root refcnt 2 bands 3 priomap  1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1\n"
		" Sent 20 bytes 3 pkts (dropped 2, overlimits 0) \n"
		" backlog 5p requeues 6\n";
	struct ticket ticket = ticket_of(text);

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "qdisc.drops", "qdisc mq 8002: root on ens5"), 13619);
	assert_int_equal(ticket_told(&ticket, "qdisc.throttled", "qdisc fq 0: parent 8002:8 on ens5"), 110950);
	assert_int_equal(ticket_told(&ticket, "qdisc.flows_plimit", "qdisc fq 0: parent 8002:8 on ens5"), 1743);
	assert_above(&ticket, "qdisc fq 0: parent 8002:8", "qdisc mq 8002: root");
	assert_int_equal(ticket_told(&ticket, "qdisc.packets", "qdisc pfifo_fast 0: root on ens6"), 3);
	assert_int_equal(ticket_told(&ticket, "qdisc.requeues", "qdisc pfifo_fast 0: root on ens6"), 6);
	assert_int_equal(ticket_told(&ticket, "qdisc.backlog_packets", "qdisc pfifo_fast 0: root on ens6"), 5);
	ticket_free(&ticket);
}

static void json_lists(void **state)
{
	/* A private namespace, iproute2-6.1.0 */
	static const char list[] =
		"[{\"kind\":\"htb\",\"handle\":\"1:\",\"dev\":\"va\",\"root\":true,\"refcnt\":3,\"options\":{\"r2q\":10},"
		"\"bytes\":%u,\"packets\":1,\"drops\":%u,\"overlimits\":0,\"requeues\":0,\"backlog\":7,\"qlen\":1},"
		"{\"kind\":\"pfifo\",\"handle\":\"10:\",\"dev\":\"va\",\"parent\":\"1:10\",\"options\":{\"limit\":10},"
		"\"bytes\":-5,\"packets\":0,\"drops\":4,\"qlen\":0}]\n";
	CLEANUP_TEXT struct text text = { 0 };
	struct ticket ticket;

	(void)state;
	text_add(&text, "$ tc -s -j qdisc\n");
	text_addf(&text, list, 90, 3);
	text_add(&text, "$ tc -s -j qdisc\n");
	text_addf(&text, list, 190, 5);
	text_add(
		&text,
		"$ tc -s -j -p qdisc show dev vb\n[ {\n \"kind\": \"tbf\",\n \"handle\": \"8049:\",\n \"root\": true,\n"
		"  \"options\": {\n \"rate\": 125000 },\n \"drops\": 9\n    } ]\n"
		"$ tc -s -j qdisc\n[{\"kind\":\"pfifo\",\"handle\":\"10:\"\n");
	ticket = ticket_of(text_string(&text));
	assert_int_equal(ticket_told(&ticket, "qdisc.bytes", "qdisc htb 1: root on va"), 100);
	assert_int_equal(ticket_told(&ticket, "qdisc.drops", "qdisc htb 1: root on va"), 2);
	assert_int_equal(ticket_told(&ticket, "qdisc.backlog_bytes", "qdisc htb 1: root on va"), 7);
	assert_int_equal(ticket_told(&ticket, "qdisc.limit_packets", "qdisc pfifo 10: parent 1:10 on va"), 10);
	assert_null(ticket_cell(&ticket, "qdisc.bytes", "qdisc pfifo 10: parent 1:10 on va"));
	assert_int_equal(ticket_told(&ticket, "qdisc.rate_bytes_per_second", "qdisc tbf 8049: root on vb"), 125000);
	assert_int_equal(ticket_told(&ticket, "qdisc.drops", "qdisc tbf 8049: root on vb"), 9);
	assert_non_null(ticket.outputs.data[ticket.outputs.count - 1].fault);
	ticket_free(&ticket);
}

static void garbled_lines(void **state)
{
	static const char text[] = "qdisc pfifo 8006: dev a root refcnt 3 limit 99999999999999999999p\n"
				   " Sent 18446744073709551616 bytes x pkt (dropped , overlimits\n"
				   " Sent 5 bytes 6 pkt (dropped 7x, overlimits 8 requeues\n"
				   " backlog 99999999999Gb -3p\n"
				   " (((((,,,,,\n"
				   "qdisc pfifo 80060: dev b root\n"
				   " Sent\n"
				   "something else\n"
				   "class htb 1:1 parent 1:1\n"
				   "qdisc tbf 1: dev\n"
				   "qdisc netem 1: dev c root loss 200000000000000000% rate 1.2.3Mbit limit\n";
	struct ticket ticket = ticket_of(text);

	(void)state;
	assert_int_equal(ticket_told(&ticket, "qdisc.bytes", "qdisc pfifo 8006: root on a"), 5);
	assert_int_equal(ticket_told(&ticket, "qdisc.packets", "qdisc pfifo 8006: root on a"), 6);
	assert_int_equal(ticket_told(&ticket, "qdisc.overlimits", "qdisc pfifo 8006: root on a"), 8);
	assert_null(ticket_cell(&ticket, "qdisc.drops", "qdisc pfifo 8006: root on a"));
	assert_null(ticket_cell(&ticket, "qdisc.limit_packets", "qdisc pfifo 8006: root on a"));
	assert_null(ticket_cell(&ticket, "qdisc.backlog_bytes", "qdisc pfifo 8006: root on a"));
	assert_null(ticket_cell(&ticket, "qdisc.rate_bytes_per_second", "qdisc netem 1: root on c"));
	assert_true(ticket.strange.count >= 4);
	ticket_free(&ticket);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reading_since_boot),
		cmocka_unit_test(classes_and_their_places),
		cmocka_unit_test(before_and_after_without_a_prompt),
		cmocka_unit_test(options_of_kinds),
		cmocka_unit_test(other_layouts),
		cmocka_unit_test(json_lists),
		cmocka_unit_test(garbled_lines),
	};

	return cmocka_run_group_tests_name("evidence/tickets: tc", tests, NULL, NULL);
}
