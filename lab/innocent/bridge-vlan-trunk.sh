# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The traffic of the fault bridge-vlan-filter through ports that are in its VLAN.
TITLE='A bridge passes on the VLAN of the traffic'
FAMILIES=4 LOOKS_LIKE='vlan-mismatch bridge-port-blocked'

setup() {
	local host
	net_bridge
	in_ns r ip link set br0 type bridge vlan_filtering 1 || skip "no VLAN filtering"
	in_ns r bridge vlan add dev ra vid 7
	in_ns r bridge vlan add dev rb vid 7
	for host in a b; do
		in_ns "$host" ip link add link "${host}0" name "${host}0.7" type vlan id 7 || skip "no VLANs"
		in_ns "$host" ip link set "${host}0.7" up
		in_ns "$host" ip addr flush dev "${host}0"
	done
	address_add a a0.7 1 1
	address_add b b0.7 1 2
	neighbour a a0.7 "$B" "$MAC_B"
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a udp-send --to "$B" --count 500 --rate 1000
}

lost() {
	sent_minus_received sender reader
}
