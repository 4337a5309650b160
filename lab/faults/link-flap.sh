# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The plug of a network card is pulled for a moment and put back while it receives. What was sent meanwhile never reached the
# card: nobody on this host can count it. (QEMU 7.2's e1000e does not tell its driver.)
TITLE='The link of a network card goes and comes back'
CARDS='e1000,virtio-net-pci'
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
