# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The virtual switch takes frames away before they reach the card of the virtual machine. Nothing in it can know, and nothing in
# it is to blame. QEMU's virtio-net and e1000e never drop for want of a buffer: what waits longer than its queue of 10000 frames is
# lost in the same place.
TITLE='Frames are lost before they reach the card'
CARDS='virtio-net-pci,virtio-net-pci'
LOOKS_LIKE='rx-ring-overflow rx-drop hypervisor-drop link-flap'

setup() {
	net_two_cards
	receive reader b udp-recv --on "$B" --rcvbuf 33554432
	monitor chardev-add null,id=hole
}

run_fault() {
	start sender a "$LAB_TRAFFIC" udp-send --to "$B" --count 300 --rate 250
	sleep 0.3
	undo monitor object_del lost
	monitor object_add filter-redirector,id=lost,netdev=net0,queue=tx,outdev=hole
	sleep 0.4
	monitor object_del lost
	wait "${LAB_PID[sender]}"
}

lost() {
	(($(sent_minus_received sender reader) > 0)) || fail "nothing was lost on the way"
	echo 0
}
