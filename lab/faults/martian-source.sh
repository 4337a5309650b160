# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# No host may send from a loopback address. IPv6 calls it a header error (see ip-header-error). IPv6 counts it as a header error (ip6_rcv_core), like any other: there the
# counters cannot tell the two apart.
TITLE='Packets from a loopback address arrive on a link'
WHERE=routing CAUSE=martian-source FAMILIES=4 FAMILIES=4

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a raw --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from 127.0.0.5 --sport 4000 --to "$B" \
		--count 1000 --rate 1500
}

lost() {
	sent_minus_received sender reader
}
