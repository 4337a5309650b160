# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# LACP: the other end speaks it on one link only, so that the second one is outside of the active aggregator, and what comes
# in on it is ignored (drivers/net/bonding/bond_main.c: bond_handle_frame). The other end still sends a flow there.
TITLE='The other end sends a flow over a bond member that LACP has left out'
FAMILIES=4 WHERE=overlay CAUSE=bond-hash-to-bad-member LOOKS_LIKE=inactive-bond-member

setup() {
	net_two_links
	bond_add b b0 b1 -- mode 802.3ad lacp_rate fast miimon 50
	bond_add a a0 -- mode 802.3ad lacp_rate fast miimon 50
	address_add b u0 1 2
	B=$(address 1 2)
	carrier_await b u0
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a raw --dev a1 --from-mac "$MAC_RA" --to-mac "$(in_ns b cat /sys/class/net/u0/address)" \
		--from "$(address 1 1)" --sport 4000 --to "$B" --count 500 --rate 1000
}

lost() {
	sent_minus_received sender reader
}
