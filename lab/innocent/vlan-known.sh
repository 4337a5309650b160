# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The tagged frames of vlan-mismatch, and the host has that VLAN.
TITLE='Frames of a VLAN that the host has'
EXPECT_INNOCENT='' LOOKS_LIKE=vlan-mismatch

setup() {
	net_two_hosts
	in_ns a ip link add link a0 name a0.77 type vlan id 77 || skip "no VLANs"
	in_ns b ip link add link b0 name b0.77 type vlan id 77
	in_ns a ip link set a0.77 up
	in_ns b ip link set b0.77 up
	address_add a a0.77 2 1
	address_add b b0.77 2 2
	neighbour a a0.77 "$(address 2 2)" "$MAC_B"
	net_settle
	receive reader b udp-recv --on "$(address 2 2)" --rcvbuf 4000000
}

run_fault() {
	send sender a udp-send --to "$(address 2 2)" --count 600 --rate 1000 --size 200
	(($(sent_minus_received sender reader) == 0)) || fail "not all of them arrived"
}
