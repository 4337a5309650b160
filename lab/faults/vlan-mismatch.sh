# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The switch's port sends VLAN 77 too, which b has no interface for. What has a tag that nobody knows is for another host.
TITLE='Frames of a VLAN that the host has no interface for'
WHERE=overlay CAUSE=vlan-mismatch HOST=b

setup() {
	net_two_hosts
	in_ns a ip link add link a0 name a0.77 type vlan id 77 || skip "no VLANs"
	in_ns b ip link add link b0 name b0.78 type vlan id 78
	in_ns a ip link set a0.77 up
	in_ns b ip link set b0.78 up
	address_add a a0.77 2 1
	neighbour a a0.77 "$(address 2 2)" "$MAC_B"
	net_settle
}

run_fault() {
	send sender a udp-send --to "$(address 2 2)" --count 600 --rate 1000 --size 200
}

lost() {
	result sender sent
}
