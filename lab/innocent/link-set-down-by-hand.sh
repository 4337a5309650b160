# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Somebody sets the interface down and up between two streams: its carrier goes as in link-flap, and no line was interrupted.
TITLE='An interface is set down and up again'
CARDS='e1000,virtio-net-pci'
FAMILIES=4
EXPECT_INNOCENT=interface-restarted LOOKS_LIKE='link-flap tx-carrier-errors'

setup() {
	net_two_cards
	receive reader b udp-recv --on "$B" --rcvbuf 33554432
}

run_fault() {
	send sender a udp-send --to "$B" --count 100 --rate 250
	in_ns b ip link set b0 down
	sleep 0.3
	in_ns b ip link set b0 up
	carrier_await b b0
	send sender a udp-send --to "$B" --count 100 --rate 250
}
