# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The traffic of link-flap over a link that stays.
TITLE='The link of a network card stays while it receives'
CARDS='virtio-net-pci,virtio-net-pci'
LOOKS_LIKE='link-flap interface-restarted'

setup() {
	net_two_cards
	receive reader b udp-recv --on "$B" --rcvbuf 33554432
}

run_fault() {
	start sender a "$LAB_TRAFFIC" udp-send --to "$B" --count 300 --rate 250
	sleep 0.3
	wait "${LAB_PID[sender]}"
}

lost() {
	sent_minus_received sender reader
}
