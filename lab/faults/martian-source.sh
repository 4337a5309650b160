# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# No host may send from a loopback address.
TITLE='Packets from a loopback address arrive on a link'
WHERE=routing CAUSE=martian-source

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B"
}

run_fault() {
	local from=127.0.0.5
	((FAMILY == 4)) || from=::1
	send sender a raw --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from $from --sport 4000 --to "$B" \
		--count 1000 --rate 1500
}

lost() {
	sent_minus_received sender reader
}
