# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The traffic of the fault netem-limit: the same delay, and room for what is under way.
TITLE='A network emulator delays and drops nothing'
FAMILIES=4 LOOKS_LIKE='netem-left-behind'

setup() {
	net_two_hosts
	in_ns b tc qdisc add dev b0 root netem delay 100ms limit 1000 || skip "no netem"
	receive reader a udp-recv --on "$A"
}

run_fault() {
	send sender b udp-send --to "$A" --count 1000 --rate 1000
	sleep 0.15
}

lost() {
	sent_minus_received sender reader
}
