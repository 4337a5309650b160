# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Datagrams larger than the MTU: every fragment arrives and every datagram is put together.
TITLE='Fragmented datagrams that arrive whole'

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B" --rcvbuf 4000000
}

run_fault() {
	send sender a udp-send --to "$B" --size 4000 --count 1000 --rate 1500
}

lost() {
	sent_minus_received sender reader
}
