# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The traffic of the faults fq-flow-limit and fq-limit; fq spaces it out and has room for what waits.
TITLE='fq paces flows and drops nothing'
FAMILIES=4 LOOKS_LIKE='qdisc-aqm-drop qdisc-queue-full'

setup() {
	net_two_hosts
	in_ns b tc qdisc add dev b0 root fq maxrate 1mbit || skip "no fq"
	receive reader a udp-recv --on "$A" --rcvbuf 4000000
}

run_fault() {
	send sender b udp-send --to "$A" --sport 4000 --sports 10 --count 1000 --size 1000 --rate 1000
	sleep 0.2
}

lost() {
	sent_minus_received sender reader
}
