# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# VMware's card has nowhere to keep what finds no buffer: it drops it and counts that in "pkts rx OOB" of ethtool -S, in no
# statistics of the link.
TITLE='The receive ring of a vmxnet3 card is too small'
CARDS='vmxnet3,virtio-net-pci'
WHERE=nic CAUSE=rx-ring-overflow BECAUSE=ring-below-maximum HOST=b

setup() {
	net_two_cards
	card_ring b b0 64
	receive reader b udp-recv --on "$B" --rcvbuf 33554432
}

run_fault() {
	send sender a udp-send --to "$B" --count 4000 --size 200
}

lost() {
	sent_minus_received sender reader
}
