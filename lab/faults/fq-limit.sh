# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Ten flows share fq's queue of 60 packets, and none of them is above its own limit.
TITLE='The queue of fq is full of many flows'
FAMILIES=4 WHERE=qdisc CAUSE=qdisc-queue-full LOOKS_LIKE='qdisc-aqm-drop'

setup() {
	net_two_hosts
	in_ns b tc qdisc add dev b0 root fq maxrate 200kbit quantum 1514 initial_quantum 1514 limit 60 || skip "no fq"
	receive reader a udp-recv --on "$A" --rcvbuf 4000000
}

run_fault() {
	send sender b udp-send --to "$A" --sport 4000 --sports 10 --count 1000 --size 1000 --rate 1000
	sleep 0.3
}

lost() {
	sent_minus_received sender reader
}
