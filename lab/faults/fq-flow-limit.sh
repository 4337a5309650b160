# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# fq spaces the packets of each flow out to 1 Mbit/s, and keeps no more than 20 of one flow.
TITLE='One flow has more packets in fq than it may'
FAMILIES=4 WHERE=qdisc CAUSE=qdisc-queue-full LOOKS_LIKE='qdisc-aqm-drop'

setup() {
	net_two_hosts
	in_ns b tc qdisc add dev b0 root fq maxrate 1mbit flow_limit 20 || skip "no fq"
	receive reader a udp-recv --on "$A" --rcvbuf 4000000
}

run_fault() {
	send sender b udp-send --to "$A" --count 1000 --size 1000 --rate 1000
	sleep 0.2
}

lost() {
	sent_minus_received sender reader
}
