# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Datagrams whose UDP checksum is wrong, as a middlebox or broken offload makes them.
TITLE='UDP datagrams arrive with a wrong checksum'
WHERE=transport CAUSE=udp-checksum-error

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a raw --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$A" --sport 4000 --to "$B" \
		--broken transport --count 1000 --rate 2000
}

lost() {
	sent_minus_received sender reader
}
