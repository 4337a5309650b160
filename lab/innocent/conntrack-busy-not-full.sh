# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A thousand new flows in a table with room for all of them.
TITLE='Many new flows in a connection tracking table with room'
NEEDS=conntrack

setup() {
	net_two_hosts
	in_ns b nft "add table inet lab; add chain inet lab input { type filter hook input priority 0; };
		add rule inet lab input ct state established,new counter accept" || skip "no nftables"
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a udp-send --to "$B" --sport 4000 --sports 1000 --count 3000 --rate 3000
}

lost() {
	sent_minus_received sender reader
}
