# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Bursts of 100 datagrams into a buffer that holds them.
TITLE='Bursts that the receive buffer holds'
FAMILIES=4

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B" --rcvbuf 1000000
}

run_fault() {
	send sender a udp-send --to "$B" --count 2000 --size 1000 --rate 2000 --burst 100
}

lost() {
	sent_minus_received sender reader
}
