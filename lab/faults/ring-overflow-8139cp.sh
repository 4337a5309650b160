# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The ring of this card is as large as it gets. The driver counts the loss three times: as missed by the link, and as rx_fifo
# and rx_err in ethtool -S.
TITLE='The receive ring of an 8139 card overflows'
CARDS='rtl8139,virtio-net-pci'
WHERE=nic CAUSE=rx-ring-overflow HOST=b LOOKS_LIKE='ring-below-maximum crc-errors'

setup() {
	net_two_cards
	receive reader b udp-recv --on "$B" --rcvbuf 33554432
}

run_fault() {
	send sender a udp-send --to "$B" --count 4000 --size 200
}

lost() {
	sent_minus_received sender reader
}
