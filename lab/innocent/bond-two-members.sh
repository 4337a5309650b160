# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The traffic of the fault bond-silent-member over two members that work.
TITLE='A bond deals its packets out to two members'
FAMILIES=4 LOOKS_LIKE='bond-hash-to-bad-member bond-member-degraded'

setup() {
	net_two_links
	bond_add b b0 b1 -- mode balance-rr miimon 100
	bond_add a a0 a1 -- mode balance-rr miimon 100
	MAC_A=$(in_ns a cat /sys/class/net/u0/address)
	address_add a u0 1 1
	address_add b u0 1 2
	A=$(address 1 1) B=$(address 1 2)
	neighbour a u0 "$B" "$(in_ns b cat /sys/class/net/u0/address)"
	neighbour b u0 "$A" "$MAC_A"
	NETNS_ARG="--netns $(ns b)"
	receive listener a tcp-listen --on "$A"
}

run_fault() {
	send client b tcp-connect --to "$A" --bytes 3000000 --timeout-ms 5000
}
