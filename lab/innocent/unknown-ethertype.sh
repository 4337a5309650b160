# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Frames of an EtherType that nobody registered, as switches send them: rx_dropped of b0 moves.
TITLE='Frames of an unknown EtherType move rx_dropped'
FAMILIES=4 EXPECT_INNOCENT=unknown-protocol-frames

setup() {
	net_two_hosts
}

run_fault() {
	send sender a raw --kind ethertype --dev a0 --from-mac "$MAC_A" --to-mac ff:ff:ff:ff:ff:ff --count 200 --rate 400
}
