# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A queue of ten packets on a device that never needs it, and traffic that leaves as it comes.
TITLE='A transmit queue of ten packets with little traffic'

setup() {
	net_two_hosts
	in_ns b ip link set b0 txqueuelen 10
	in_ns b tc qdisc add dev b0 root pfifo limit 10
	in_ns a ip link set a0 txqueuelen 10
	in_ns a tc qdisc add dev a0 root pfifo_fast || skip "no pfifo_fast"
	receive reader b udp-recv --on "$B"
	receive other a udp-recv --on "$A"
}

run_fault() {
	start back b "$LAB_TRAFFIC" udp-send --to "$A" --count 800 --rate 800
	send sender a udp-send --to "$B" --count 800 --rate 800
	wait "${LAB_PID[back]}"
}

lost() {
	echo $(($(sent_minus_received sender reader) + $(sent_minus_received back other)))
}
