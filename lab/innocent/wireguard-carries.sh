# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The traffic of the faults wireguard-other-key and wireguard-not-allowed through a tunnel whose ends know each other. Its MTU
# is too large for the network below: WireGuard's own packets may be fragmented, so that nothing is lost.
TITLE='A WireGuard tunnel carries what it is given, in fragments'
FAMILIES=4 LOOKS_LIKE='tunnel-drop overlay-mtu-mismatch crc-errors'

setup() {
	net_two_hosts
	wireguard_add a
	wireguard_add b
	tunnel_addresses w0
	wireguard_peer a "$(wireguard_key b)" "$B" "$TB/32"
	wireguard_peer b "$(wireguard_key a)" "$A" "$TA/32"
	in_ns a ip link set w0 mtu 1500
	in_ns b ip link set w0 mtu 1500
	receive reader b udp-recv --on "$TB"
}

run_fault() {
	send sender a udp-send --to "$TB" --count 500 --size 1400 --rate 1000
}

lost() {
	sent_minus_received sender reader
}
