# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# a reaches b through a bridge whose port towards a is disabled, as an STP daemon leaves it.
TITLE='A bridge port that does not forward drops what arrives on it'
WHERE=overlay CAUSE=bridge-port-blocked

setup() {
	net_bridge
	receive reader b udp-recv --on "$B"
	in_ns r bridge link set dev ra state 0
}

run_fault() {
	send sender a udp-send --to "$B" --count 1000 --rate 2000
}

lost() {
	sent_minus_received sender reader
}
