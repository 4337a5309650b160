# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# PIE raises the chance of a drop as long as packets wait longer than its target.
TITLE='PIE drops packets at random to shorten the wait below a shaper'
FAMILIES=4 WHERE=qdisc CAUSE=qdisc-aqm-drop LOOKS_LIKE='shaper-limit qdisc-queue-full'

setup() {
	net_two_hosts
	in_ns b tc qdisc add dev b0 root handle 1: tbf rate 4mbit burst 5kb limit 2mb || skip "no tbf"
	in_ns b tc qdisc add dev b0 parent 1:1 pie target 1ms tupdate 5ms alpha 32 beta 32 || skip "no pie"
	receive reader a udp-recv --on "$A" --rcvbuf 4000000
}

run_fault() {
	send sender b udp-send --to "$A" --count 1000 --size 1000 --rate 1000
	sleep 0.25
}

lost() {
	sent_minus_received sender reader
}
