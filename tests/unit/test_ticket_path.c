/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ping, mtr and iperf as people paste them: what was sent and what was lost, in each layout. */
#include "diagnose/diagnose.h"
#include "unit/tickets.h"

static void assert_probe(const struct ticket *ticket, const char *object, uint64_t sent, uint64_t lost)
{
	assert_int_equal(ticket_told(ticket, "probe.sent", object), sent);
	assert_int_equal(ticket_told(ticket, "probe.lost", object), lost);
	assert_int_equal(ticket_told(ticket, "probe.answered", object) +
				 (ticket_cell(ticket, "probe.refused", object)
					  ? ticket_told(ticket, "probe.refused", object)
					  : 0),
			 sent - lost);
}

static void assert_one(const char *text, const char *object, uint64_t sent, uint64_t lost)
{
	struct ticket ticket = ticket_of(text);

	assert_probe(&ticket, object, sent, lost);
	assert_understood(&ticket);
	assert_false(ticket.since_boot);
	ticket_free(&ticket);
}

/* Figures: a public case of servers in one rack; the others are the layouts of iputils, busybox and FreeBSD. */
static void the_summary_of_ping_counts(void **state)
{
	assert_one("$ ping -f lager\n"
		   "PING lager.example.edu (192.0.2.131) 56(84) bytes of data.\n"
		   "....................\n"
		   "--- lager.example.edu ping statistics ---\n"
		   "2240 packets transmitted, 2117 received, 5.49107% packet loss, time 1632ms\n"
		   "rtt min/avg/max/mdev = 0.048/0.076/0.325/0.018 ms, ipg/ewma 0.729/0.075 ms\n",
		   "ping lager.example.edu", 2240, 123);
	assert_one("PING 127.0.0.1 (127.0.0.1): 56 data bytes\n"
		   "64 bytes from 127.0.0.1: seq=0 ttl=64 time=0.061 ms\n"
		   "\n--- 127.0.0.1 ping statistics ---\n"
		   "3 packets transmitted, 1 packets received, 66% packet loss\n"
		   "round-trip min/avg/max = 0.061/0.064/0.068 ms\n",
		   "ping 127.0.0.1", 3, 2);
	assert_one("PING ::1(::1) 56 data bytes\n"
		   "64 bytes from ::1: icmp_seq=1 ttl=64 time=0.179 ms\n"
		   "64 bytes from ::1: icmp_seq=1 ttl=64 time=0.199 ms (DUP!)\n"
		   "^C\n--- ::1 ping statistics ---\n"
		   "4 packets transmitted, 1 received, +1 duplicates, 75% packet loss, time 409ms\n"
		   "rtt min/avg/max/mdev = 0.046/0.068/0.114/0.032 ms\n",
		   "ping ::1", 4, 3);
	assert_one("--- 10.0.0.9 ping statistics ---\n10 packets transmitted, 10 received, 0% packet loss, time 9ms\n",
		   "ping 10.0.0.9", 10, 0);
	assert_one(
		"$ ping -q -c 10 10.0.0.9 | tail -2\n10 packets transmitted, 8 received, 20% packet loss, time 9ms\n",
		"ping 10.0.0.9", 10, 2);
}

static void errors_are_refusals(void **state)
{
	struct ticket ticket = ticket_of("PING 10.0.0.9 (10.0.0.9) 56(84) bytes of data.\n"
					 "From 10.0.0.1 icmp_seq=1 Destination Host Unreachable\n"
					 "From 10.0.0.1 icmp_seq=2 Destination Host Unreachable\n"
					 "\n--- 10.0.0.9 ping statistics ---\n"
					 "5 packets transmitted, 2 received, +2 errors, 60% packet loss, time 4ms\n"
					 "pipe 3\n");

	assert_probe(&ticket, "ping 10.0.0.9", 5, 1);
	assert_int_equal(ticket_told(&ticket, "probe.refused", "ping 10.0.0.9"), 2);
	assert_understood(&ticket);
	ticket_free(&ticket);
}

static void gaps_count_where_the_summary_is_cut_off(void **state)
{
	assert_one("PING 10.0.0.9 (10.0.0.9) 56(84) bytes of data.\n"
		   "64 bytes from 10.0.0.9: icmp_seq=1 ttl=64 time=0.1 ms\n"
		   "64 bytes from 10.0.0.9: icmp_seq=2 ttl=64 time=0.1 ms\n"
		   "no answer yet for icmp_seq=3\n"
		   "64 bytes from 10.0.0.9: icmp_seq=6 ttl=64 time=0.1 ms\n"
		   "64 bytes from 10.0.0.9: icmp_seq=5 ttl=64 time=0.1 ms\n",
		   "ping 10.0.0.9", 6, 2);
	/* The numbers wrap. */
	assert_one("64 bytes from 10.0.0.9: icmp_seq=65534 ttl=64 time=0.1 ms\n"
		   "64 bytes from 10.0.0.9: icmp_seq=65535 ttl=64 time=0.1 ms\n"
		   "64 bytes from 10.0.0.9: icmp_seq=1 ttl=64 time=0.1 ms\n",
		   "a ping", 4, 1);
}

static void each_ping_is_one_of_its_own(void **state)
{
	struct ticket ticket = ticket_of("PING a (10.0.0.1) 56(84) bytes of data.\n"
					 "--- a ping statistics ---\n"
					 "10 packets transmitted, 9 received, 10% packet loss, time 9ms\n"
					 "PING b (10.0.0.2) 56(84) bytes of data.\n"
					 "--- b ping statistics ---\n"
					 "20 packets transmitted, 18 received, 10% packet loss, time 9ms\n"
					 "PING a (10.0.0.1) 56(84) bytes of data.\n"
					 "--- a ping statistics ---\n"
					 "30 packets transmitted, 27 received, 10% packet loss, time 9ms\n");
	const struct cell *cell;
	uint64_t sum = 0;
	size_t i;

	assert_probe(&ticket, "ping b", 20, 2);
	series_each(ticket.series, C_PROBE_SENT, i, cell)
		sum += cell->increase;
	assert_int_equal(sum, 60);
	assert_understood(&ticket);
	ticket_free(&ticket);
}

/* A public report (traviscross/mtr, issue 450), the later hops cut off. */
static const char report[] = "Start: 2022-09-10T13:05:51+0200\n"
			     "HOST: Sonne                       Loss%   Snt   Last   Avg  Best  Wrst StDev\n"
			     "  1.|-- fritz.box                  0.0%     5    0.9   7.7   0.8  35.0  15.3\n"
			     "  2.|-- ???                       100.0     5    0.0   0.0   0.0   0.0   0.0\n"
			     "  3.|-- 2a00:6020:0:b::1          40.0%     5    6.7   7.1   6.7   7.4   0.3\n"
			     "  4.|-- as33891.dusseldorf.megapo  0.0%     5    6.7   6.6   6.2   7.1   0.3\n";

static void reports_of_mtr_are_read_hop_by_hop(void **state)
{
	struct ticket ticket = ticket_of(report);

	assert_probe(&ticket, "fritz.box (hop 1)", 5, 0);
	assert_probe(&ticket, "??? (hop 2)", 5, 5);
	assert_probe(&ticket, "2a00:6020:0:b::1 (hop 3)", 5, 2);
	assert_int_equal(ticket_told(&ticket, "probe.hop", "2a00:6020:0:b::1 (hop 3)"), 3);
	assert_understood(&ticket);
	ticket_free(&ticket);
}

static void columns_of_mtr_go_by_their_names(void **state)
{
	assert_one("Start: 2026-11-22T05:09:36+0000\n"
		   "HOST: vm                          Loss% Drop   Rcv   Snt   Last  Best   Avg  Wrst\n"
		   "  1.|-- localhost                 33.3%  201   402   603    0.1   0.1   0.1   0.1\n",
		   "localhost (hop 1)", 603, 201);
	assert_one("HOST: vm                             Loss%   Snt   Last   Avg  Best  Wrst StDev\n"
		   "  1. AS???    localhost (127.0.0.1)   7.0%   100    0.1   0.1   0.1   0.1   0.0\n"
		   "  2. AS1299   a.example (10.0.0.1)    0.0%   100    0.1   0.1   0.1   0.1   0.0\n"
		   "     [MPLS: Lbl 24001 TC 0 S u TTL 1]\n",
		   "localhost (hop 1)", 100, 7);
}

/* A public screen of mtr 0.93. */
static void the_screen_of_mtr_is_read(void **state)
{
	struct ticket ticket = ticket_of("                          My traceroute  [v0.93]\n"
					 "vagrant (10.0.2.15)                        2022-03-22T02:36:41+0000 \n"
					 "Keys:  Help   Display mode   Restart statistics   Order of fields   quit\n"
					 "                                Packets               Pings\n"
					 " Host                         Loss%   Snt   Last   Avg  Best  Wrst StDev \n"
					 " 1. AS???    10.0.2.2          0.0%   215    0.5   0.7   0.5   2.0   0.2 \n"
					 " 2. AS???    192.168.0.1       0.0%   215    3.0   2.4   1.7  34.6   2.3 \n"
					 " 3. AS???    10.85.255.126     3.3%   215    3.1   3.5   2.8  24.8   2.0 \n"
					 " 4. (waiting for reply)\n");

	assert_probe(&ticket, "10.85.255.126 (hop 3)", 215, 7);
	assert_probe(&ticket, "??? (hop 4)", 0, 0);
	assert_understood(&ticket);
	ticket_free(&ticket);
}

static void json_and_csv_of_mtr_are_read(void **state)
{
	assert_one(
		"$ mtr --json -c 200 10.0.0.9\n{\n \"report\": {\n \"mtr\": { \"src\": \"vm\", \"dst\": \"10.0.0.9\" },\n"
		"\"hubs\": [\n{ \"count\": 1, \"host\": \"localhost\", \"Loss%\": 1.5, \"Snt\": 200, \"Last\": 0.059 }\n"
		"]\n}\n}\n",
		"localhost (hop 1)", 200, 3);
	assert_one("Mtr_Version,Start_Time,Status,Host,Hop,Ip,Loss%,Snt, ,Last,Avg,Best,Wrst,StDev,\n"
		   "MTR.0.95,1795324169,OK,127.0.0.1,1,localhost,2.50,200,0,0.06,0.06,0.06,0.07,0.00\n",
		   "localhost (hop 1)", 200, 5);
}

static void the_receiver_of_iperf_decides(void **state)
{
	assert_one("Connecting to host 10.0.0.9, port 5201\n"
		   "[  5] local 10.0.0.1 port 52265 connected to 10.0.0.9 port 5201\n"
		   "[ ID] Interval           Transfer     Bitrate         Total Datagrams\n"
		   "[  5]   0.00-1.00   sec   128 KBytes  1.05 Mbits/sec  850  \n"
		   "- - - - - - - - - - - - - - - - - - - - - - - - -\n"
		   "[ ID] Interval           Transfer     Bitrate         Jitter    Lost/Total Datagrams\n"
		   "[  5]   0.00-10.00  sec  12.5 MBytes  10.5 Mbits/sec  0.000 ms  0/8500 (0%)  sender\n"
		   "[  5]   0.00-10.00  sec  12.4 MBytes  10.4 Mbits/sec  0.006 ms  12/8500 (0.14%)  receiver\n"
		   "\niperf Done.\n",
		   "iperf 10.0.0.9", 8500, 12);
	assert_one("Accepted connection from 10.0.0.1, port 41000\n"
		   "[  5] local 10.0.0.9 port 5201 connected to 10.0.0.1 port 52265\n"
		   "[ ID] Interval           Transfer     Bitrate         Jitter    Lost/Total Datagrams\n"
		   "[  5]   0.00-1.00   sec   116 KBytes   950 Kbits/sec  0.027 ms  2/82 (2.4%)\n"
		   "[  5]   0.00-2.00   sec   232 KBytes   950 Kbits/sec  0.027 ms  5/164 (3%)  receiver\n"
		   "[  6]   0.00-2.00   sec   232 KBytes   950 Kbits/sec  0.027 ms  4/160 (2.5%)  receiver\n"
		   "[SUM]   0.00-2.00   sec   464 KBytes   1.9 Mbits/sec  0.027 ms  9/324 (2.8%)  receiver\n",
		   "iperf 10.0.0.1", 324, 9);
	assert_one("$ iperf -u -c 10.0.0.9\n"
		   "------------------------------------------------------------\n"
		   "Client connecting to 10.0.0.9, UDP port 5001\n"
		   "Sending 1470 byte datagrams\n"
		   "[  3] local 10.0.0.1 port 40000 connected with 10.0.0.9 port 5001\n"
		   "[ ID] Interval       Transfer     Bandwidth\n"
		   "[  3]  0.0-10.0 sec  1.25 MBytes  1.05 Mbits/sec\n"
		   "[  3] Sent 893 datagrams\n"
		   "[  3] Server Report:\n"
		   "[  3]  0.0-10.0 sec  1.24 MBytes  1.04 Mbits/sec   0.015 ms   12/  893 (1.3%)\n",
		   "iperf 10.0.0.9", 893, 12);
}

static void tcp_of_iperf_counts_no_packets(void **state)
{
	struct ticket ticket =
		ticket_of("Connecting to host 10.0.0.9, port 5201\n"
			  "[  5] local 10.0.0.1 port 52265 connected to 10.0.0.9 port 5201\n"
			  "[ ID] Interval           Transfer     Bitrate         Retr\n"
			  "[  5]   0.00-10.00  sec  1.10 GBytes   941 Mbits/sec   12             sender\n"
			  "[  5]   0.00-10.00  sec  1.10 GBytes   941 Mbits/sec                  receiver\n");

	assert_int_equal(series_cells(ticket.series), 0);
	assert_understood(&ticket);
	ticket_free(&ticket);
}

/* The first finding's cause, or "none". */
static char *cause_of(const char *text)
{
	struct ticket ticket = ticket_of(text);
	const struct diagnose_options options = { 0 };
	struct diagnosis diagnosis;
	char *cause;

	diagnose(ticket.series, &options, &diagnosis);
	cause = mem_strdup(diagnosis.first ? cause_id(diagnosis.first->cause) : "none");
	diagnosis_free(&diagnosis);
	ticket_free(&ticket);
	return cause;
}

static void the_diagnosis_follows(void **state)
{
	static const struct {
		const char *text, *cause;
	} rows[] = {
		{ report, "none" },
		{ "2240 packets transmitted, 2117 received, 5.49107% packet loss, time 1632ms\n", "remote-loss" },
		{ "10 packets transmitted, 9 received, 10% packet loss, time 9ms\n", "none" },
		{ "10 packets transmitted, 0 received, 100% packet loss, time 9ms\n", "peer-not-answering" },
		{ "$ mtr -r -c 60 fast.example\n"
		  "HOST: laptop        Loss%   Snt   Last   Avg  Best  Wrst StDev\n"
		  "  1.|-- 192.168.2.1  6.7%    60    5.0  30.1   2.0 702.8  99.0\n"
		  "  2.|-- 10.1.1.1     0.0%    60   15.0  40.1  12.0 1105.  99.0\n"
		  "  9.|-- ???         100.0    60    0.0   0.0   0.0   0.0   0.0\n"
		  " 10.|-- 10.1.1.10   70.0%    60   15.0  40.1  12.0 800.8  99.0\n"
		  " 11.|-- 23.1.2.3     3.3%    60   15.0  40.1  12.0 800.8  99.0\n",
		  "path-hop-loss" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP_FREE char *cause = cause_of(rows[i].text);

		assert_string_equal(cause, rows[i].cause);
	}
}

static void garbled_outputs_tell_nothing(void **state)
{
	static const char *const texts[] = {
		"5 packets transmitted, 99% packet loss\n",
		"packets transmitted, received, packet loss\n",
		"64 bytes from 10.0.0.9: icmp_seq=99999999999999999999 ttl=64\n",
		"PING \nPING x\nPING x bytes\n--- ping statistics ---\n",
		"HOST: x Loss% Snt Last\n 1.|-- a 200.0% 5 1.0\n 2.|-- b x% 5 1.0\n 3.|-- c 1.0% -5 1.0\n",
		"HOST: x Loss% Snt Last\n 1.\n .|-- a 1.0% 5 1.0\n 1234.|-- a 1.0% 5 1.0\n",
		"Mtr_Version,Hop,Ip,Loss%,Snt\nx\n,,,,\nx,1\nx,a,b,c,d\n",
		"Mtr_Version,\nx,1,2,3\n",
		"$ mtr -j x\n{\n\"report\": {\n",
		"$ mtr -j x\n{}\n",
		"[  5]   0.00-1.00   sec   1 KBytes  1 Mbits/sec  /85 (0%)\n[  5] 0.0 sec 9/8 (0%)\n[  5] sec %)\n[SUM] sec 1/ (%)\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct ticket ticket = ticket_of(texts[i]);

		if (series_cells(ticket.series))
			fail_msg("numbers out of nothing: %s", texts[i]);
		ticket_free(&ticket);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_summary_of_ping_counts),
		cmocka_unit_test(errors_are_refusals),
		cmocka_unit_test(gaps_count_where_the_summary_is_cut_off),
		cmocka_unit_test(each_ping_is_one_of_its_own),
		cmocka_unit_test(reports_of_mtr_are_read_hop_by_hop),
		cmocka_unit_test(columns_of_mtr_go_by_their_names),
		cmocka_unit_test(the_screen_of_mtr_is_read),
		cmocka_unit_test(json_and_csv_of_mtr_are_read),
		cmocka_unit_test(the_receiver_of_iperf_decides),
		cmocka_unit_test(tcp_of_iperf_counts_no_packets),
		cmocka_unit_test(the_diagnosis_follows),
		cmocka_unit_test(garbled_outputs_tell_nothing),
	};

	return cmocka_run_group_tests_name("evidence/ticket path", tests, NULL, NULL);
}
