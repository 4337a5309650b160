# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A filter names one of two flows, its action is drop (act_gact).
TITLE='A tc action drops one of two flows on its way out'
FAMILIES=4 WHERE=filter CAUSE=tc-drop LOOKS_LIKE='policer-drop'

setup() {
	net_two_hosts
	in_ns b tc qdisc add dev b0 clsact || skip "no clsact"
	in_ns b tc filter add dev b0 egress protocol ip u32 match ip sport 4000 0xffff action drop || skip "no u32 or gact"
	receive reader a udp-recv --on "$A" --rcvbuf 4000000
}

run_fault() {
	send sender b udp-send --to "$A" --sport 4000 --sports 2 --count 1000 --size 1000 --rate 1000
}

lost() {
	sent_minus_received sender reader
}
