# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The plug of a network card is pulled for half a second and put back while it receives. What was sent meanwhile never
# reached the card: nobody on this host can count it.
TITLE='The link of a network card goes and comes back'
CARDS='e1000e,virtio-net-pci'
PROVEN=no WHERE=link CAUSE=link-flap

setup() {
	net_two_cards
	receive reader b udp-recv --on "$B"
}

run_fault() {
	start sender a "$LAB_TRAFFIC" udp-send --to "$B" --count 400 --rate 200
	sleep 0.5
	monitor set_link card0 off
	sleep 0.5
	monitor set_link card0 on
	wait "${LAB_PID[sender]}"
	sleep 0.5
}

lost() {
	:
}
