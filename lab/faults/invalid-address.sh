# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A router is asked to pass on what comes from a link-local address: it may not (RFC 4291, 2.5.6).
TITLE='Packets of a link-local address arrive for another network'
FAMILIES=6 WHERE=routing CAUSE=invalid-address HOST=r

setup() {
	net_router
	# Both ends have such addresses, so that the router can say no.
	in_ns a ip addr add fe80::77/64 dev a0 nodad
	in_ns r ip addr add fe80::1/64 dev ra nodad
	neighbour r ra fe80::77 "$MAC_A"
	neighbour a a0 fe80::1 "$MAC_RA"
	net_settle
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a raw --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_RA" --from fe80::77 --to "$B" --sport 4000 \
		--count 500 --rate 1000
}

lost() {
	sent_minus_received sender reader
}
