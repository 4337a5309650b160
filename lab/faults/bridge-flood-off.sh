# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The bridge knows no port for b's address and may not flood towards b.
TITLE='A bridge has no entry for the destination and may not flood'
FAMILIES=6 WHERE=overlay CAUSE=bridge-port-blocked

setup() {
	net_bridge
	receive reader b udp-recv --on "$B"
	in_ns r bridge link set dev rb flood off learning off
	in_ns r ip link set rb type bridge_slave fdb_flush
}

run_fault() {
	send sender a udp-send --to "$B" --count 1000 --rate 2000
}

lost() {
	sent_minus_received sender reader
}
