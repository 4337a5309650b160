# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The same on the way out: nothing waits, what goes over the rate is gone.
TITLE='A policer on leaving packets drops what goes over its rate'
FAMILIES=4 WHERE=qdisc CAUSE=policer-drop LOOKS_LIKE='tc-drop shaper-limit'

setup() {
	net_two_hosts
	in_ns b tc qdisc add dev b0 clsact || skip "no clsact"
	in_ns b tc filter add dev b0 egress matchall action police rate 2mbit burst 10k conform-exceed drop ||
		skip "no policer"
	receive reader a udp-recv --on "$A" --rcvbuf 4000000
}

run_fault() {
	send sender b udp-send --to "$A" --count 1000 --size 1000 --rate 1000
}

lost() {
	sent_minus_received sender reader
}
