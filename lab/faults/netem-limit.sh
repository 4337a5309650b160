# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A delay of 100 ms at 1000 packets per second is 100 packets under way, and the emulator holds 40.
TITLE='A network emulator with a delay holds fewer packets than are under way'
FAMILIES=4 WHERE=qdisc CAUSE=netem-left-behind

setup() {
	net_two_hosts
	in_ns b tc qdisc add dev b0 root netem delay 100ms limit 40 || skip "no netem"
	receive reader a udp-recv --on "$A"
}

run_fault() {
	send sender b udp-send --to "$A" --count 1000 --rate 1000
	sleep 0.15
}

lost() {
	sent_minus_received sender reader
}
