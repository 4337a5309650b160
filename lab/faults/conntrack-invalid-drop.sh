# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# TCP segments of connections that nobody knows, where connections may not be picked up in the middle.
TITLE='A firewall drops TCP segments that connection tracking calls invalid'
WHERE=filter CAUSE=conntrack-invalid-drop

setup() {
	net_two_hosts
	in_ns b nft -f - <<-RULES || skip "no nftables"
		table inet lab {
			chain input {
				type filter hook input priority 0
				ct state invalid counter drop
			}
		}
	RULES
	in_ns b sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0 || skip "no connection tracking"
}

run_fault() {
	send sender a raw --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$A" --sport 4000 --to "$B" \
		--kind ack --count 1000 --rate 2000
}

lost() {
	result sender sent
}
