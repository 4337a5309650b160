# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Many new flows leave little room in the connection tracking table, and each finds its place.
TITLE='A connection tracking table that is nearly full'
EXPECT_INNOCENT=conntrack-table-filling LOOKS_LIKE=conntrack-table-full
HOSTWIDE=conntrack

setup() {
	net_two_hosts
	conntrack_watch
	((TRACKED < 200)) || skip "this machine tracks $TRACKED connections already"
	host_sysctl net.netfilter.nf_conntrack_max 1000
	receive reader b udp-recv --on "$B"
	send first a udp-send --to "$B" --sport 4000 --sports 900 --count 900 --rate 3000
}

run_fault() {
	send sender a udp-send --to "$B" --sport 4000 --sports 900 --count 900 --rate 3000
}

lost() {
	finish reader
	echo $(($(result first sent) + $(result sender sent) - $(result reader received)))
}
