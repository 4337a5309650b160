# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The socket's own filter refuses one of a thousand source ports: exactly 0.1 % of its datagrams.
TITLE='A socket filter refuses one datagram in a thousand'
WHERE=socket CAUSE=socket-filter-drop
NEEDS=backlog

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B" --rcvbuf 16000000 --reject-sport 4000
}

run_fault() {
	send sender a udp-send --to "$B" --sport 4000 --sports 1000 --count 30000 --size 200 --rate 30000 --burst 10
}

# The datagrams come so fast that a slow machine loses others in its backlog.
lost() {
	local all
	all=$(sent_minus_received sender reader)
	((all == 30)) || skip "this machine lost $((all - 30)) more than the filter refused"
	echo "$all"
}
