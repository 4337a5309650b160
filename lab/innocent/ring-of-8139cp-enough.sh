# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The same card as in ring-overflow-8139cp, and packets that it has room for.
TITLE='The receive ring of an 8139 card is never full'
CARDS='rtl8139,virtio-net-pci'
LOOKS_LIKE='rx-ring-overflow'

setup() {
	net_two_cards
	receive reader b udp-recv --on "$B" --rcvbuf 33554432
}

run_fault() {
	send sender a udp-send --to "$B" --count 400 --rate 500 --size 200
}

lost() {
	sent_minus_received sender reader
}
