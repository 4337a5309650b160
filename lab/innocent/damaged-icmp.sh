# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Pings whose checksum is wrong: nobody answers them, and nothing else is damaged.
TITLE='Damaged ICMP messages'
EXPECT_INNOCENT=damaged-icmp LOOKS_LIKE='backscatter icmp-flood'

setup() {
	net_two_hosts
}

run_fault() {
	send sender a raw --kind echo --broken transport --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$A" --to "$B" \
		--count 300 --rate 1000
}
