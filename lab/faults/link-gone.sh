# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The plug of a network card is pulled and stays out. (For an e1000 without a link QEMU stops the sender on the same hub.)
TITLE='The link of a network card goes for good'
CARDS='virtio-net-pci,virtio-net-pci'
PROVEN=no WHERE=link CAUSE=link-flap HOST=b

setup() {
	net_two_cards
	receive reader b udp-recv --on "$B" --rcvbuf 33554432
}

run_fault() {
	start sender a "$LAB_TRAFFIC" udp-send --to "$B" --count 300 --rate 250
	sleep 0.3
	undo monitor set_link card0 on
	monitor set_link card0 off
	carrier_await b b0 0
	wait "${LAB_PID[sender]}"
}

lost() {
	:
}
