# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# a's traffic is in VLAN 7; b's port of the bridge that joins them is in VLAN 8 only.
TITLE='A bridge port is not in the VLAN of the traffic'
FAMILIES=4 WHERE=overlay CAUSE=bridge-port-blocked

setup() {
	net_bridge
	in_ns r ip link set br0 type bridge vlan_filtering 1 || skip "no VLAN filtering"
	in_ns r bridge vlan del dev ra vid 1
	in_ns r bridge vlan add dev ra vid 8 pvid untagged
	in_ns a ip link add link a0 name a0.7 address "$MAC_A" type vlan id 7 || skip "no VLANs"
	in_ns a ip link set a0.7 up
	in_ns a ip addr flush dev a0
	address_add a a0.7 1 1
	neighbour a a0.7 "$B" "$MAC_B"
}

run_fault() {
	send sender a udp-send --to "$B" --count 500 --rate 1000
}

# Nothing can arrive.
lost() {
	result sender sent
}
