# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# a is a switch that does not learn: what it sends to the bond goes out on both ports, and the standby member of the bond
# ignores its copies. In the middle of it the standby's link goes: that is what it is a standby for.
TITLE='The standby member of a bond ignores copies and loses its link'
FAMILIES=4 EXPECT_INNOCENT=inactive-bond-member LOOKS_LIKE='bond-hash-to-bad-member bond-member-degraded link-flap'

setup() {
	net_two_links
	bond_add b b0 b1 -- mode active-backup miimon 20 primary b0
	in_ns a ip link add u0 address "$MAC_A" type bridge || skip "no bridge"
	in_ns a ip link set a0 master u0
	in_ns a ip link set a1 master u0
	in_ns a ip link set u0 up
	address_add a u0 1 1
	address_add b u0 1 2
	A=$(address 1 1) B=$(address 1 2)
	neighbour a u0 "$B" "$(in_ns b cat /sys/class/net/u0/address)"
	neighbour b u0 "$A" "$MAC_A"
	in_ns a bridge link set dev a0 learning off
	in_ns a bridge link set dev a1 learning off
	receive reader b udp-recv --on "$B"
	carrier_await b u0
}

run_fault() {
	send sender a udp-send --to "$B" --count 500 --rate 1000
	in_ns a ip link set a1 down
	send later a udp-send --to "$B" --count 200 --rate 1000
}

lost() {
	finish reader
	echo $(($(result sender sent) + $(result later sent) - $(result reader received)))
}
