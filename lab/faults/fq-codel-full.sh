# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The queue holds 40 packets and CoDel is told to wait for a second: what does not fit is dropped when it comes.
TITLE='The queue of fq_codel below a shaper is full'
FAMILIES=4 WHERE=qdisc CAUSE=shaper-limit LOOKS_LIKE='qdisc-aqm-drop'

setup() {
	net_two_hosts
	in_ns b tc qdisc add dev b0 root handle 1: tbf rate 2mbit burst 5kb limit 1mb || skip "no tbf"
	in_ns b tc qdisc add dev b0 parent 1:1 fq_codel limit 40 target 1s interval 2s || skip "no fq_codel"
	receive reader a udp-recv --on "$A" --rcvbuf 4000000
}

run_fault() {
	send sender b udp-send --to "$A" --count 1000 --size 1000 --rate 1000
	sleep 0.25
}

lost() {
	sent_minus_received sender reader
}
