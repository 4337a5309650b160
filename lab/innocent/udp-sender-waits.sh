# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The same shaper as in udp-send-buffer-full, and a program that waits for its buffer.
TITLE='A sender that waits for its send buffer'
LOOKS_LIKE='udp-send-buffer-full shaper-limit'

setup() {
	net_two_hosts
	in_ns a tc qdisc replace dev a0 root tbf rate 2mbit burst 2000 limit 10000000 || skip "no tbf"
	receive reader b udp-recv --on "$B" --rcvbuf 4000000
}

run_fault() {
	send sender a udp-send --to "$B" --count 300 --size 500 --rate 2000
}

lost() {
	sleep 0.3
	sent_minus_received sender reader
}
