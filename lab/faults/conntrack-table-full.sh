# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Many new flows meet a small connection table. The limit is the machine's, the count each namespace's own; the first
# namespace keeps room for what it has and 100 more.
TITLE='New flows meet a full connection tracking table'
WHERE=filter CAUSE=conntrack-table-full
HOSTWIDE=conntrack

setup() {
	net_two_hosts
	conntrack_watch
	host_sysctl net.netfilter.nf_conntrack_max $((TRACKED + 100))
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a udp-send --to "$B" --sport 4000 --sports 1000 --count 3000 --rate 3000
}

lost() {
	sent_minus_received sender reader
}
