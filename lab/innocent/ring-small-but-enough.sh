# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The same card and ring as in ring-overflow-vmxnet3, and packets that it has room for.
TITLE='A receive ring below its maximum that is never full'
CARDS='vmxnet3,virtio-net-pci'
LOOKS_LIKE='rx-ring-overflow ring-below-maximum'

setup() {
	net_two_cards
	card_ring b b0 64
	receive reader b udp-recv --on "$B" --rcvbuf 33554432
}

run_fault() {
	send sender a udp-send --to "$B" --count 400 --rate 500 --size 200
}

lost() {
	sent_minus_received sender reader
}
