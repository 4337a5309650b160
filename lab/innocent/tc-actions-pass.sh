# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The traffic of the faults policer-ingress and tc-action-drop: a policer that it fits through, then an action that only copies
# it to a device without a reader, and a drop that does not match.
TITLE='tc polices, copies and drops nothing'
FAMILIES=4 LOOKS_LIKE='policer-drop tc-drop'

setup() {
	net_two_hosts
	in_ns b ip link add d0 type dummy || skip "no dummy device"
	in_ns b ip link set d0 up
	in_ns b tc qdisc add dev b0 clsact || skip "no clsact"
	in_ns b tc filter add dev b0 ingress pref 1 matchall action police rate 100mbit burst 100k conform-exceed drop/pipe \
		action mirred egress mirror dev d0 action continue || skip "no policer or mirred"
	in_ns b tc filter add dev b0 ingress pref 2 protocol ip u32 match ip sport 5000 0xffff action drop || skip "no u32"
	receive reader b udp-recv --on "$B" --rcvbuf 4000000
}

run_fault() {
	send sender a udp-send --to "$B" --sport 4000 --sports 2 --count 1000 --size 1000 --rate 1000
}

lost() {
	sent_minus_received sender reader
}
