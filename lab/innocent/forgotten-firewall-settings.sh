# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Rules that log, count, mark, limit without dropping, a set that is full of others and a connection table with room.
TITLE='Rules that log and limit without dropping'
HOSTWIDE=conntrack

setup() {
	local used
	net_two_hosts
	in_ns b nft -f - <<-'RULES' || skip "no nftables"
		table inet lab {
			set blocked {
				type inet_service
				size 3
				elements = { 22, 23, 25 }
			}
			chain input {
				type filter hook input priority 0
				ct state invalid counter drop
				udp dport @blocked counter drop
				udp dport 7000 limit rate 1/second counter log group 5
				udp dport 7000 limit rate over 5000/second counter accept
				counter accept
			}
		}
	RULES
	used=$(sysctl -n net.netfilter.nf_conntrack_count) || skip "no connection tracking"
	host_sysctl net.netfilter.nf_conntrack_max $((used + 1000))
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a udp-send --to "$B" --sport 4000 --sports 100 --count 3000 --rate 4000
}

lost() {
	sent_minus_received sender reader
}
