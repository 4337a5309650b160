# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Somebody tested with packet loss and forgot to take it away.
TITLE='A network emulator with loss was left behind'
FAMILIES=4 WHERE=qdisc CAUSE=netem-left-behind

setup() {
	net_two_hosts
	in_ns b tc qdisc add dev b0 root netem loss 20% || skip "no netem"
	receive reader a udp-recv --on "$A"
}

run_fault() {
	send sender b udp-send --to "$A" --count 1000 --rate 1500
}

lost() {
	sent_minus_received sender reader
}
