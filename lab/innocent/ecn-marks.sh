# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A connection that speaks ECN fills a shaper: fq_codel marks its packets instead of dropping them.
TITLE='fq_codel marks packets of a connection that understands'
FAMILIES=4 EXPECT_INNOCENT=aqm-signal LOOKS_LIKE='qdisc-aqm-drop shaper-limit qdisc-queue-full'

setup() {
	net_two_hosts
	in_ns a sysctl -qw net.ipv4.tcp_ecn=1
	in_ns b sysctl -qw net.ipv4.tcp_ecn=1
	in_ns b tc qdisc add dev b0 root handle 1: tbf rate 20mbit burst 20kb limit 1mb || skip "no tbf"
	in_ns b tc qdisc add dev b0 parent 1:1 fq_codel target 1ms interval 10ms ecn || skip "no fq_codel"
	receive listener a tcp-listen --on "$A"
}

run_fault() {
	send client b tcp-connect --to "$A" --bytes 1500000 --timeout-ms 5000
}
