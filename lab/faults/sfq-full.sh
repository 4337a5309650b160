# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# sfq shares a queue of 40 packets between ten flows below a shaper; it manages no delay, it is just full.
TITLE='The queue of sfq below a shaper is full'
FAMILIES=4 WHERE=qdisc CAUSE=shaper-limit LOOKS_LIKE='qdisc-aqm-drop'

setup() {
	net_two_hosts
	in_ns b tc qdisc add dev b0 root handle 1: tbf rate 2mbit burst 5kb limit 1mb || skip "no tbf"
	in_ns b tc qdisc add dev b0 parent 1:1 sfq limit 40 || skip "no sfq"
	receive reader a udp-recv --on "$A" --rcvbuf 4000000
}

run_fault() {
	send sender b udp-send --to "$A" --sport 4000 --sports 10 --count 1000 --size 1000 --rate 1000
	sleep 0.25
}

lost() {
	sent_minus_received sender reader
}
