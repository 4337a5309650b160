# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# QEMU's card does not clear its count of missed frames when it is read, as real ones do: the driver adds all of it again
# every two seconds. So how many it says were lost is not held against the truth.
TITLE='The receive ring of an e1000 card is too small'
CARDS='e1000,virtio-net-pci'
WHERE=nic CAUSE=rx-ring-overflow BECAUSE=ring-below-maximum HOST=b

setup() {
	net_two_cards
	card_ring b b0 80
	receive reader b udp-recv --on "$B" --rcvbuf 33554432
}

run_fault() {
	send sender a udp-send --to "$B" --count 4000 --size 200
}

lost() {
	:
}
