# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Twice what cake shapes to: its queue management (COBALT) drops what waited too long, and what does not slow down.
TITLE='cake drops packets of a flow that does not slow down'
FAMILIES=4 WHERE=qdisc CAUSE=qdisc-aqm-drop LOOKS_LIKE='shaper-limit'

setup() {
	net_two_hosts
	in_ns b tc qdisc add dev b0 root cake bandwidth 4mbit rtt 10ms || skip "no cake"
	receive reader a udp-recv --on "$A" --rcvbuf 4000000
}

run_fault() {
	send sender b udp-send --to "$A" --count 1000 --size 1000 --rate 1000
	sleep 0.2
}

lost() {
	sent_minus_received sender reader
}
