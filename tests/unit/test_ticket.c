/* SPDX-License-Identifier: GPL-2.0-or-later */
/* evidence/ticket: what pasting does to a text, which reading is before and which after, and what is not understood. */
#include "unit/tickets.h"

#include "base/clock.h"

/* ---- order ---- */

#define NSTAT(retransmitted, resets)                                             \
	"#kernel\n"                                                              \
	"TcpRetransSegs                  " retransmitted "                0.0\n" \
	"TcpOutRsts                      " resets "                0.0\n"

static void test_once_is_since_boot(void **state)
{
	struct ticket ticket = ticket_of("$ nstat -az\n" NSTAT("40", "2"));
	const struct cell *cell = ticket_cell(&ticket, "TcpRetransSegs", "this host");

	assert_understood(&ticket);
	assert_int_equal(cell->increase, 40);
	assert_true(cell->state & CELL_SINCE_BOOT);
	assert_true(ticket.since_boot);
	assert_int_equal(series_span(ticket.series), SPAN_SINCE_BOOT);
	ticket_free(&ticket);
}

static void test_twice_is_before_and_after(void **state)
{
	struct ticket ticket = ticket_of("$ nstat -az\n" NSTAT("40", "2") "$ nstat -az\n" NSTAT("47", "2"));
	const struct cell *cell = ticket_cell(&ticket, "TcpRetransSegs", "this host");

	assert_int_equal(cell->first, 40);
	assert_int_equal(cell->last, 47);
	assert_int_equal(cell->increase, 7);
	assert_false(cell->state & CELL_SINCE_BOOT);
	assert_int_equal(ticket_told(&ticket, "TcpOutRsts", "this host"), 0);
	assert_int_equal(series_span(ticket.series), SPAN_UNKNOWN);
	assert_int_equal(ticket.outputs.count, 2);
	ticket_free(&ticket);
}

/* Without prompts a second output begins where the first line comes again, or a number that is there already. */
static void test_twice_without_prompts(void **state)
{
	struct ticket ticket = ticket_of(NSTAT("40", "2") NSTAT("47", "5"));
	struct ticket grepped = ticket_of("TcpRetransSegs  40  0.0\nTcpRetransSegs  47  0.0\n");

	assert_int_equal(ticket_told(&ticket, "TcpRetransSegs", "this host"), 7);
	assert_int_equal(ticket_told(&ticket, "TcpOutRsts", "this host"), 3);
	assert_int_equal(ticket_told(&grepped, "TcpRetransSegs", "this host"), 7);
	ticket_free(&ticket);
	ticket_free(&grepped);
}

static void test_times_make_a_window(void **state)
{
	struct ticket ticket = ticket_of("$ date; nstat -az\nFri Nov 20 10:00:00 UTC 2026\n" NSTAT("40", "2") //
					 "Fri Nov 20 10:00:30 UTC 2026\n" NSTAT("100", "2"));

	assert_int_equal(series_span(ticket.series), SPAN_MEASURED);
	assert_true(series_seconds(ticket.series) == 30.0);
	assert_int_equal(ticket_told(&ticket, "TcpRetransSegs", "this host"), 60);
	ticket_free(&ticket);
}

static void test_midnight(void **state)
{
	struct ticket ticket = ticket_of("23:59:55\n" NSTAT("40", "2") "00:00:05\n" NSTAT("50", "2"));

	assert_true(series_seconds(ticket.series) == 10.0);
	ticket_free(&ticket);
}

/* What was 0 is left out by netstat -s: its rise is counted from there, not since boot. */
static void test_left_out_is_zero(void **state)
{
	static const char before[] = "# netstat -s\nTcpExt:\n    12 delayed acks sent\n";
	static const char after[] = "# netstat -s\nTcpExt:\n    12 delayed acks sent\n"
				    "    9 times the listen queue of a socket overflowed\n";
	CLEANUP_FREE char *text = text_format("%s%s", before, after);
	struct ticket ticket = ticket_of(text);
	const struct cell *cell = ticket_cell(&ticket, "TcpExtListenOverflows", "this host");

	assert_int_equal(cell->increase, 9);
	assert_false(cell->state & CELL_SINCE_BOOT);
	ticket_free(&ticket);
}

/* A filter takes out more than zeros: nothing is known of what the other reading does not show. */
static void test_filtered_is_not_zero(void **state)
{
	struct ticket ticket = ticket_of("# netstat -s | grep delayed\n    12 delayed acks sent\n"
					 "# netstat -s | grep listen\n"
					 "    9 times the listen queue of a socket overflowed\n");

	assert_true(ticket_cell(&ticket, "TcpExtListenOverflows", "this host")->state & CELL_SINCE_BOOT);
	ticket_free(&ticket);
}

#define QDISC(handle, drops)                                                   \
	"qdisc tbf " handle ": dev eth0 root refcnt 2 rate 10Mbit\n"           \
	" Sent 900 bytes 9 pkt (dropped " drops ", overlimits 0 requeues 0)\n" \
	" backlog 0b 0p requeues 0\n"

/*
 * What the same command does not show any more: what it had counted is from before. What it shows anew was made in between,
 * and counted from 0 in that time.
 */
static void test_vanished_in_between(void **state)
{
	static const char first[] = "qdisc tbf 8001: root on eth0", second[] = "qdisc tbf 8002: root on eth0";
	struct ticket ticket = ticket_of("# tc -s qdisc\n" QDISC("8001", "486") "# tc -s qdisc\n" QDISC("8002", "7"));
	struct ticket stayed = ticket_of("# tc -s qdisc\n" QDISC("8001", "486") "# tc -s qdisc\n" QDISC("8001", "490"));
	struct ticket swapped =
		ticket_of("# nstat -az\n" NSTAT("47", "9") "TcpInSegs 900 0.0\n"
							   "# tc -s qdisc\n" QDISC("8002", "7") "# nstat -az\n" NSTAT(
								   "40", "2") "TcpInSegs 500 0.0\n"
									      "# tc -s qdisc\n" QDISC("8001", "486"));

	assert_null(ticket_cell(&ticket, "qdisc.drops", first));
	assert_int_equal(ticket_told(&ticket, "qdisc.drops", second), 7);
	assert_false(ticket_cell(&ticket, "qdisc.drops", second)->state & CELL_SINCE_BOOT);
	assert_int_equal(ticket_told(&stayed, "qdisc.drops", first), 4);
	assert_true(swapped.swapped);
	assert_null(ticket_cell(&swapped, "qdisc.drops", first));
	ticket_free(&swapped);
	ticket_free(&ticket);
	ticket_free(&stayed);
}

/* Another command, a filter or no command at all need not show all of what there was. */
static void test_not_shown_again(void **state)
{
	static const char *const texts[] = {
		"# tc -s qdisc\n" QDISC("8001", "486") "# tc -s qdisc show dev eth1\n" QDISC("8002", "7"),
		"# tc -s qdisc | head -3\n" QDISC("8001", "486") "# tc -s qdisc | head -3\n" QDISC("8002", "7"),
		QDISC("8001", "486") "\n" QDISC("8002", "7"),
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct ticket ticket = ticket_of(texts[i]);

		assert_int_equal(ticket_told(&ticket, "qdisc.drops", "qdisc tbf 8001: root on eth0"), 486);
		ticket_free(&ticket);
	}
}

static void test_backwards(void **state)
{
	struct ticket ticket =
		ticket_of("$ nstat -az\n" NSTAT("47", "9") "TcpInSegs 900 0.0\n"
							   "$ nstat -az\n" NSTAT("40", "2") "TcpInSegs 500 0.0\n");

	assert_true(ticket.swapped);
	assert_int_equal(ticket_told(&ticket, "TcpRetransSegs", "this host"), 7);
	assert_int_equal(ticket_told(&ticket, "TcpInSegs", "this host"), 400);
	ticket_free(&ticket);
}

static void test_differences_of_nstat(void **state)
{
	struct ticket ticket = ticket_of("$ nstat\n" NSTAT("40", "2"));
	const struct cell *cell = ticket_cell(&ticket, "TcpRetransSegs", "this host");

	assert_int_equal(cell->increase, 40);
	assert_false(cell->state & CELL_SINCE_BOOT);
	ticket_free(&ticket);
}

static void test_phases(void **state)
{
	struct ticket_reader *reader = ticket_begin();
	struct ticket ticket;

	ticket_add(reader, "during/nstat", "nstat -az", 1, slice_of(NSTAT("47", "2")));
	ticket_add(reader, "before/nstat", "nstat -az", 0, slice_of(NSTAT("40", "2")));
	ticket_end(reader, &ticket);
	assert_false(ticket.swapped);
	assert_int_equal(ticket_told(&ticket, "TcpRetransSegs", "this host"), 7);
	ticket_free(&ticket);
}

/* ---- what pasting does ---- */

static void test_marks_of_pasting(void **state)
{
	static const char *const texts[] = {
		"$ nstat -az\r\n#kernel\r\nTcpRetransSegs  40  0.0\r\n",
		"> $ nstat -az\n> TcpRetransSegs  40  0.0\n",
		"> > $ nstat -az\n>> TcpRetransSegs  40  0.0\n",
		"\033[32muser@web1\033[0m:~$ nstat -az\n\033[1mTcpRetransSegs\033[0m  40  0.0\n",
		"```\n$ nstat -az\nTcpRetransSegs\t40\t0.0\n```\n",
		"TcpRetransSegs\xc2\xa0\xc2\xa0 40\xc2\xa0 0.0\n",
		"[root@web1 ~]# sudo nstat -az TcpRetransSegs\nTcpRetransSegs 40 0.0",
		"1: $ nstat -az\n2: #kernel\n3: TcpRetransSegs 40 0.0\n4: TcpOutRsts 1 0.0\n5: TcpInSegs 7 0.0\n",
		"root@web1:/home/me# nstat -az\nTcpRetransSegs 40 0.0\n",
		"nstat -az\nTcpRetransSegs 40 0.0\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct ticket ticket = ticket_of(texts[i]);

		assert_understood(&ticket);
		assert_int_equal(ticket_told(&ticket, "TcpRetransSegs", "this host"), 40);
		ticket_free(&ticket);
	}
}

static void test_prose_is_listed(void **state)
{
	struct ticket ticket = ticket_of("Since this morning we lose packets.\n\n$ nstat -az\n" NSTAT("40", "2") //
					 "three hundred packets glanced at\n");

	assert_int_equal(ticket.strange.count, 2);
	assert_int_equal(ticket.strange.data[0].number, 1);
	assert_int_equal(ticket.strange.data[1].number, 7);
	assert_string_equal(ticket.strange.data[1].text, "three hundred packets glanced at");
	assert_int_equal(ticket.understood, 3);
	assert_int_equal(ticket.not_understood, 2);
	ticket_free(&ticket);
}

static void test_second_host_is_left_out(void **state)
{
	struct ticket ticket =
		ticket_of("me@web1:~$ nstat -az\n" NSTAT("40", "2") "me@web2:~$ nstat -az\n" NSTAT("90", "2"));

	assert_true(ticket.mixed_hosts);
	assert_string_equal(ticket.hostname, "web1");
	assert_true(ticket_cell(&ticket, "TcpRetransSegs", "this host")->state & CELL_SINCE_BOOT);
	assert_int_equal(ticket_told(&ticket, "TcpRetransSegs", "this host"), 40);
	ticket_free(&ticket);
}

static void test_namespaces_apart(void **state)
{
	struct ticket ticket = ticket_of("# nstat -az\nTcpRetransSegs 4 0.0\n"
					 "# ip netns exec blue nstat -az\nTcpRetransSegs 11 0.0\n");

	assert_int_equal(ticket_told(&ticket, "TcpRetransSegs", "this host"), 4);
	assert_int_equal(ticket_told(&ticket, "TcpRetransSegs", "namespace blue"), 11);
	ticket_free(&ticket);
}

/* ---- files below /proc ---- */

#define SOFTNET_ROW(processed, dropped, cpu)                                                              \
	processed " " dropped " 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 " \
		  "00000000 00000000 " cpu "\n"

static void test_softnet(void **state)
{
	struct ticket ticket =
		ticket_of("# cat /proc/net/softnet_stat\n" SOFTNET_ROW("000000ff", "00000010", "00000000") //
			  SOFTNET_ROW("0000000a", "00000000", "00000001")				   //
			  SOFTNET_ROW("000001ff", "0000001f", "00000000")				   //
			  SOFTNET_ROW("0000000a", "00000000", "00000001"));

	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "softnet.dropped", "CPU 0"), 15);
	assert_int_equal(ticket_told(&ticket, "softnet.processed", "CPU 0"), 256);
	assert_int_equal(ticket_told(&ticket, "softnet.processed", "CPU 1"), 0);
	ticket_free(&ticket);
}

/* From softnet_stat.13col-rhel9-defects.insights.txt: the last row calls itself CPU 0 again. */
static void test_row_that_contradicts(void **state)
{
	struct ticket ticket =
		ticket_of("# cat /proc/net/softnet_stat\n" SOFTNET_ROW("00358fe3", "00006283", "00000000") //
			  SOFTNET_ROW("00953d1a", "00000446", "00000001")				   //
			  SOFTNET_ROW("01a35c9d", "0002db94", "00000000"));

	assert_non_null(ticket.outputs.data[0].fault);
	assert_int_equal(ticket_told(&ticket, "softnet.dropped", "CPU 0"), 0x6283);
	ticket_free(&ticket);
}

static void test_decimal_sum_is_unusable(void **state)
{
	struct ticket ticket = ticket_of("$ cat /proc/net/softnet_stat | awk '{d+=$2} END {print d}'\n18274\n");

	assert_int_equal(ticket.outputs.count, 1);
	assert_non_null(ticket.outputs.data[0].fault);
	assert_null(ticket_cell(&ticket, "softnet.dropped", "CPU 0"));
	ticket_free(&ticket);
}

static void test_interrupts_and_softirqs(void **state)
{
	struct ticket ticket = ticket_of("           CPU0       CPU1\n"
					 " 24:        100          7   PCI-MSI 512-edge      eth0-TxRx-0\n"
					 "LOC:        900        800   Local timer interrupts\n"
					 "                    CPU0       CPU1\n"
					 "      NET_TX:          3          4\n"
					 "      NET_RX:        120          6\n");

	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "interrupts.cpu_network", "CPU 0"), 100);
	assert_int_equal(ticket_told(&ticket, "softirq.net_rx", "CPU 0"), 120);
	ticket_free(&ticket);
}

static void test_files_as_pairs(void **state)
{
	struct ticket ticket = ticket_of("$ cat /proc/net/snmp /proc/net/netstat\n"
					 "Ip: Forwarding DefaultTTL InReceives\nIp: 1 64 900\n"
					 "Udp: InDatagrams NoPorts\nUdp: 10 3\n"
					 "TcpExt: SyncookiesSent ListenDrops\nTcpExt: 0 5\n");

	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "UdpNoPorts", "this host"), 3);
	assert_int_equal(ticket_told(&ticket, "TcpExtListenDrops", "this host"), 5);
	ticket_free(&ticket);
}

/* ---- sentences ---- */

static void test_sentences(void **state)
{
	struct ticket ticket =
		ticket_of("Ip:\n    3345722 total packets received\n    Forwarding: 1\n"
			  "Icmp:\n    7 ICMP messages received\n    2 input ICMP message failed.\n"
			  "    ICMP input histogram:\n        destination unreachable: 5\n"
			  "    1 ICMP messages sent\n    0 ICMP messages failed\n"
			  "    ICMP output histogram:\n        destination unreachable: 1\n"
			  "Tcp:\n    9 segments retransmited\n    4 bad segments received.\n"
			  "Udp:\n    8 packets received\n    6 receive buffer errors\n    InCsumErrors: 2\n"
			  "UdpLite:\n    1 nobody knows\n"
			  "TcpExt:\n    3 SYNs to LISTEN sockets ignored\n"
			  "    Quick ack mode was activated 44 times\n    TCPLossProbes: 12\n"
			  "IpExt:\n    InNoRoutes: 3\n");

	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "IpInReceives", "this host"), 3345722);
	assert_int_equal(ticket_told(&ticket, "IcmpInDestUnreachs", "this host"), 5);
	assert_int_equal(ticket_told(&ticket, "IcmpOutDestUnreachs", "this host"), 1);
	assert_int_equal(ticket_told(&ticket, "IcmpInErrors", "this host"), 2);
	assert_int_equal(ticket_told(&ticket, "TcpRetransSegs", "this host"), 9);
	assert_int_equal(ticket_told(&ticket, "TcpInErrs", "this host"), 4);
	assert_int_equal(ticket_told(&ticket, "UdpRcvbufErrors", "this host"), 6);
	assert_int_equal(ticket_told(&ticket, "UdpInCsumErrors", "this host"), 2);
	assert_int_equal(ticket_told(&ticket, "TcpExtListenDrops", "this host"), 3);
	assert_int_equal(ticket_told(&ticket, "TcpExtDelayedACKLost", "this host"), 44);
	assert_int_equal(ticket_told(&ticket, "TcpExtTCPLossProbes", "this host"), 12);
	assert_int_equal(ticket_told(&ticket, "IpExtInNoRoutes", "this host"), 3);
	ticket_free(&ticket);
}

static void test_is_text(void **state)
{
	assert_true(ticket_is_text("TcpRetransSegs\t4\n", 17));
	assert_true(ticket_is_text("\033[31mcolours\033[0m", 16));
	assert_false(ticket_is_text("\x28\xb5\x2f\xfd\0\0", 6));
	assert_false(ticket_is_text("\1\2\3\4abc", 7));
}

/* ---- nothing is an answer, too ---- */

static bool tells_of(const struct ticket *ticket, enum source_id source)
{
	for (size_t i = 0; i < series_observations(ticket->series); i++) {
		const struct observation *observation = series_observation_at(ticket->series, i);

		if (observation->source == source && observation->readings)
			return true;
	}
	return false;
}

static bool text_tells_of(const char *text, enum source_id source)
{
	struct ticket ticket = ticket_of(text);
	bool told = tells_of(&ticket, source);

	ticket_free(&ticket);
	return told;
}

/* Without rules the commands print nothing at all. The last of a text may have been cut off. */
static void test_no_rules(void **state)
{
	assert_true(text_tells_of("# nft -a list ruleset\n# iptables-save -c\n# uptime\n", SOURCE_NFTABLES));
	assert_true(text_tells_of("# nft -a list ruleset\n# iptables-save -c\n# uptime\n", SOURCE_IPTABLES));
	assert_false(text_tells_of("# uptime\n# nft -a list ruleset\n", SOURCE_NFTABLES));
	assert_false(text_tells_of("# nft list ruleset | grep drop\n# uptime\n", SOURCE_NFTABLES));
	assert_false(text_tells_of("# nft list ruleset\nOperation not permitted (you must be root)\n# uptime\n",
				   SOURCE_NFTABLES));
	assert_false(text_tells_of("# iptables-save -c -t nat\n# uptime\n", SOURCE_IPTABLES));
}

/* What the kernel has no file for does not take part. */
static void test_no_file(void **state)
{
	assert_true(text_tells_of("# cat /proc/net/sctp/snmp\ncat: /proc/net/sctp/snmp: No such file or directory\n",
				  SOURCE_SCTP));
	assert_false(text_tells_of("# cat /proc/net/xfrm_stat\ncat: /proc/net/xfrm_stat: No such file or directory\n",
				   SOURCE_SOFTNET));
	assert_false(text_tells_of("# cat /proc/net/softnet_stat\ncat: /proc/net/softnet_stat: No such file or "
				   "directory\n",
				   SOURCE_SOFTNET));
}

#define LINK(kind)                                                                                 \
	"2: eth0: <BROADCAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP mode DEFAULT group default\n" \
	"    link/ether 02:00:00:00:01:01 brd ff:ff:ff:ff:ff:ff promiscuity 0\n"                   \
	"    " kind " numtxqueues 1\n"

/* A datapath has a device. Without details, or of one device, nobody knows. */
static void test_no_datapath(void **state)
{
	assert_true(text_tells_of("# ip -d link\n" LINK("veth"), SOURCE_OPENVSWITCH));
	assert_false(text_tells_of("# ip -d link\n" LINK("openvswitch"), SOURCE_OPENVSWITCH));
	assert_false(text_tells_of("# ip link\n" LINK("veth"), SOURCE_OPENVSWITCH));
	assert_false(text_tells_of("# ip -d link show dev eth0\n" LINK("veth"), SOURCE_OPENVSWITCH));
}

/* ---- routes ---- */

static void test_refusing_routes(void **state)
{
	static const char routes[] =
		"default via 10.0.0.1 dev eth0 proto dhcp metric 100\n"
		"prohibit 10.8.0.0/16 metric 5\n"
		"blackhole default table 7\n"
		"local 127.0.0.1 dev lo table local proto kernel scope host src 127.0.0.1\n"
		"unreachable fd00:9::/64 dev lo metric 1024 pref medium\n"
		"unreachable default dev lo table unspec proto kernel metric 4294967295 error -101\n";
	CLEANUP_FREE char *all = text_format("# ip route show table all\n%s", routes);
	CLEANUP_FREE char *main_only = text_format("# ip route\n%s", routes);
	struct ticket ticket = ticket_of(all);

	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "route.present", "prohibit 10.8.0.0/16"), 1);
	assert_int_equal(ticket_told(&ticket, "route.present", "blackhole default table 7"), 1);
	assert_int_equal(ticket_told(&ticket, "route.present", "unreachable fd00:9::/64"), 1);
	assert_null(ticket_cell(&ticket, "route.present", "unreachable default table unspec"));
	assert_true(tells_of(&ticket, SOURCE_ROUTE));
	assert_false(text_tells_of(main_only, SOURCE_ROUTE));
	ticket_free(&ticket);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once_is_since_boot),
		cmocka_unit_test(test_twice_is_before_and_after),
		cmocka_unit_test(test_twice_without_prompts),
		cmocka_unit_test(test_times_make_a_window),
		cmocka_unit_test(test_midnight),
		cmocka_unit_test(test_left_out_is_zero),
		cmocka_unit_test(test_filtered_is_not_zero),
		cmocka_unit_test(test_vanished_in_between),
		cmocka_unit_test(test_not_shown_again),
		cmocka_unit_test(test_no_rules),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_no_datapath),
		cmocka_unit_test(test_refusing_routes),
		cmocka_unit_test(test_backwards),
		cmocka_unit_test(test_differences_of_nstat),
		cmocka_unit_test(test_phases),
		cmocka_unit_test(test_marks_of_pasting),
		cmocka_unit_test(test_prose_is_listed),
		cmocka_unit_test(test_second_host_is_left_out),
		cmocka_unit_test(test_namespaces_apart),
		cmocka_unit_test(test_softnet),
		cmocka_unit_test(test_row_that_contradicts),
		cmocka_unit_test(test_decimal_sum_is_unusable),
		cmocka_unit_test(test_interrupts_and_softirqs),
		cmocka_unit_test(test_files_as_pairs),
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_is_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
