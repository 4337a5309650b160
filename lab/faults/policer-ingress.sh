# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# 8 Mbit/s come in, a policer lets 2 Mbit/s pass and throws away the rest at once.
TITLE='A policer on arriving packets drops what goes over its rate'
FAMILIES=4 WHERE=qdisc CAUSE=policer-drop LOOKS_LIKE='tc-drop shaper-limit'

setup() {
	net_two_hosts
	in_ns b tc qdisc add dev b0 clsact || skip "no clsact"
	in_ns b tc filter add dev b0 ingress matchall action police rate 2mbit burst 10k conform-exceed drop ||
		skip "no policer"
	receive reader b udp-recv --on "$B" --rcvbuf 4000000
}

run_fault() {
	send sender a udp-send --to "$B" --count 1000 --size 1000 --rate 1000
}

lost() {
	sent_minus_received sender reader
}
