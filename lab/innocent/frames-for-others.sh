# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A switch floods frames whose destination is another host: rx_otherhost_dropped moves.
TITLE='Frames for another host arrive'
EXPECT_INNOCENT=frames-for-other-hosts

setup() {
	net_two_hosts
}

run_fault() {
	send sender a raw --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_NOBODY" --from "$A" --sport 4000 --to "$B" \
		--count 500 --rate 1000
}
