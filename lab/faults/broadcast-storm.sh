# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Frames for everybody, thousands a second, that nobody here asked for: the ring of a vmxnet3 card is full of them.
TITLE='A storm of broadcasts fills the ring of a network card'
CARDS='vmxnet3,virtio-net-pci'
WHERE=nic CAUSE=rx-ring-overflow BECAUSE=broadcast-storm HOST=b

setup() {
	net_two_cards
	card_ring b b0 64
	receive listener b capture --dev b0 --rcvbuf 67108864
}

run_fault() {
	send storm a raw --kind ethertype --dev a0 --from-mac "$MAC_A" --to-mac ff:ff:ff:ff:ff:ff --count 30000 --size 60
}

lost() {
	sent_minus_received storm listener
}
