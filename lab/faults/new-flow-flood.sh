# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Each datagram is a flow of its own, and nobody answers: the connection table has room for 100.
TITLE='A flood of new flows meets a full connection tracking table'
WHERE=filter CAUSE=conntrack-table-full BECAUSE=new-flow-flood
HOSTWIDE=conntrack

setup() {
	net_two_hosts
	conntrack_watch
	host_sysctl net.netfilter.nf_conntrack_max $((TRACKED + 100))
	receive reader b udp-recv --on "$B" --rcvbuf 4000000
}

run_fault() {
	send_within 2500 flood a raw --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$(address 64 1)" --sources 10000 \
		--sport 1024 --sports 50000 --to "$B" --count 6000 --rate 6000
}

lost() {
	sent_minus_received flood reader
}
