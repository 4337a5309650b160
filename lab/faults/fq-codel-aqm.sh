# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Twice what the shaper lets through: fq_codel sees packets wait longer than its target and drops one after the other, ever
# faster, long before its queue is full. Without ECN, which UDP does not speak.
TITLE='fq_codel drops packets that waited too long below a shaper'
FAMILIES=4 WHERE=qdisc CAUSE=qdisc-aqm-drop LOOKS_LIKE='shaper-limit qdisc-queue-full'

setup() {
	net_two_hosts
	in_ns b tc qdisc add dev b0 root handle 1: tbf rate 4mbit burst 5kb limit 1mb || skip "no tbf"
	in_ns b tc qdisc add dev b0 parent 1:1 fq_codel target 1ms interval 10ms || skip "no fq_codel"
	receive reader a udp-recv --on "$A" --rcvbuf 4000000
}

run_fault() {
	send sender b udp-send --to "$A" --count 1000 --size 1000 --rate 1000
	sleep 0.2
}

lost() {
	sent_minus_received sender reader
}
