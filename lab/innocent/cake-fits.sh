# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The traffic of the fault cake-aqm through a cake that has room for it.
TITLE='cake shapes and drops nothing'
FAMILIES=4 LOOKS_LIKE='qdisc-aqm-drop shaper-limit'

setup() {
	net_two_hosts
	in_ns b tc qdisc add dev b0 root cake bandwidth 100mbit rtt 10ms || skip "no cake"
	receive reader a udp-recv --on "$A" --rcvbuf 4000000
}

run_fault() {
	send sender b udp-send --to "$A" --count 1000 --size 1000 --rate 1000
	sleep 0.2
}

lost() {
	sent_minus_received sender reader
}
