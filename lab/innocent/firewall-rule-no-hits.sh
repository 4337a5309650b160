# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Dropping rules and policies that no packet meets: rules are no loss.
TITLE='Firewall rules that drop, and no packet meets them'

setup() {
	net_two_hosts
	in_ns b nft -f - <<-'RULES' || skip "no nftables"
		table inet lab {
			chain input {
				type filter hook input priority 0; policy drop;
				udp sport 4000-4001 counter accept
				tcp dport 22 counter drop
				ct state invalid counter drop
				meta l4proto icmpv6 accept
				udp dport 7001 drop
			}
			chain forward {
				type filter hook forward priority 0; policy drop;
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
