# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Somebody else sent datagrams in the name of b, and the errors come to b: it has no such socket.
TITLE='ICMP errors about what was never sent'
EXPECT_INNOCENT=backscatter LOOKS_LIKE=damaged-icmp

setup() {
	net_two_hosts
}

run_fault() {
	send sender a raw --kind unreachable --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$A" --to "$B" \
		--count 300 --rate 1000
}
