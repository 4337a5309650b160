# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A filter on the socket rejects every datagram. InErrors and the socket's drops move, RcvbufErrors does not.
TITLE='UDP datagrams are rejected by the filter of the socket itself'
WHERE=socket CAUSE=socket-filter-drop

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B" --reject 1
}

run_fault() {
	send sender a udp-send --to "$B" --count 2000 --rate 2000
}

lost() {
	sent_minus_received sender reader
}
