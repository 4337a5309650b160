# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Connection tracking is on and nearly empty.
TITLE='Connection tracking with a nearly empty table'
NEEDS=conntrack

setup() {
	net_two_hosts
	in_ns b nft "add table inet lab; add chain inet lab input { type filter hook input priority 0; };
		add rule inet lab input ct state established,new counter accept" || skip "no nftables"
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a udp-send --to "$B" --sports 100 --count 3000 --rate 3000
}

lost() {
	sent_minus_received sender reader
}
