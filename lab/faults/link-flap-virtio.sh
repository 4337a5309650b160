# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The same as link-flap with the card of a virtual machine, whose link the host takes away.
TITLE='The link of a virtual machine goes and comes back'
CARDS='virtio-net-pci,virtio-net-pci'
PROVEN=no WHERE=link CAUSE=link-flap HOST=b

setup() {
	net_two_cards
	receive reader b udp-recv --on "$B" --rcvbuf 33554432
}

run_fault() {
	start sender a "$LAB_TRAFFIC" udp-send --to "$B" --count 300 --rate 250
	sleep 0.3
	monitor set_link card0 off
	carrier_await b b0 0
	sleep 0.2
	monitor set_link card0 on
	carrier_await b b0
	wait "${LAB_PID[sender]}"
}

lost() {
	:
}
