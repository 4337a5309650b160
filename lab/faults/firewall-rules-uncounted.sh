# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Two rules of one chain, neither with a counter, and one of them drops. The IP layer knows how many are missing; the flows
# that netfilter dropped tell by which rule.
TITLE='One of two firewall rules without a counter drops one of two flows'
WHERE=filter CAUSE=firewall-rule-drop

setup() {
	net_two_hosts
	in_ns b nft -f - <<-RULES || skip "no nftables"
		table inet lab {
			chain input {
				type filter hook input priority 0
				udp sport 3999 drop
				udp sport 4000 drop
			}
		}
	RULES
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a udp-send --to "$B" --sport 4000 --sports 2 --count 2000 --rate 2500
}

lost() {
	sent_minus_received sender reader
}
