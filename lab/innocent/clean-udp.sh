# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The same traffic as in the faults, many times over, and a reader that keeps up.
TITLE='60000 datagrams arrive'
NEEDS='backlog cpu'

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B" --rcvbuf 16000000
}

run_fault() {
	send sender a udp-send --to "$B" --count 60000 --size 200 --rate 60000 --burst 20
}

lost() {
	sent_minus_received sender reader
}
