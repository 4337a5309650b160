# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The queue management of the fault fq-codel-aqm with the same traffic, and a shaper that has room for it.
TITLE='fq_codel below a shaper that has room'
FAMILIES=4 LOOKS_LIKE='qdisc-aqm-drop shaper-limit qdisc-queue-full'

setup() {
	net_two_hosts
	in_ns b tc qdisc add dev b0 root handle 1: tbf rate 100mbit burst 50kb limit 1mb || skip "no tbf"
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
