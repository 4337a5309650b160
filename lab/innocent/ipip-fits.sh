# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The traffic of the fault ipip-mtu through a tunnel whose MTU fits.
TITLE='Full-size packets fit through a IPIP tunnel'
FAMILIES=4 LOOKS_LIKE='overlay-mtu-mismatch tunnel-drop'

setup() {
	net_two_hosts
	tunnel_add ipip ttl 64
	in_ns a ip link set t0 mtu 1480
	in_ns b ip link set t0 mtu 1480
	receive reader b udp-recv --on "$TB"
}

run_fault() {
	send sender a udp-send --to "$TB" --count 500 --size 1400 --rate 1000 --dont-fragment 1
}

lost() {
	sent_minus_received sender reader
}
