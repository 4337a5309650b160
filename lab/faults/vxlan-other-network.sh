# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The two ends of a VXLAN have different network numbers (VNI): b has no device for what arrives.
TITLE='VXLAN packets of a network that this host does not have'
FAMILIES=4 WHERE=overlay CAUSE=tunnel-drop

setup() {
	net_two_hosts
	tunnel_add vxlan id 77 dstport 4789
	in_ns b ip link del t0
	in_ns b ip link add t0 address 02:00:00:00:02:0b type vxlan id 78 dstport 4789 local "$B" remote "$A"
	in_ns b ip link set t0 up
	address_add b t0 5 2
	neighbour a t0 "$TB" 02:00:00:00:02:0b
	receive reader b udp-recv --on "$TB"
}

run_fault() {
	send sender a udp-send --to "$TB" --count 500 --rate 1000
}

lost() {
	sent_minus_received sender reader
}
