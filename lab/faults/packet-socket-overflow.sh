# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A capture that does not read loses its copies; the traffic itself arrives.
TITLE='A packet capture loses its copies while the traffic arrives'
WHERE=socket CAUSE=packet-socket-overflow

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B" --rcvbuf 4000000
	receive capture b capture --dev b0 --mode idle --rcvbuf 20000
}

run_fault() {
	send sender a udp-send --to "$B" --count 2000 --size 500 --rate 3000
}

lost() {
	finish reader
	(($(result sender sent) == $(result reader received))) || fail "the traffic was lost as well"
	sent_minus_received sender capture
}
