# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The chain accepts one flow; its policy drops the other. nftables counts nothing for a policy.
TITLE='A firewall policy drops what no rule accepts'
WHERE=filter CAUSE=firewall-policy-drop

setup() {
	net_two_hosts
	in_ns b nft -f - <<-'RULES' || skip "no nftables"
		table inet lab {
			chain input {
				type filter hook input priority 0; policy drop;
				udp sport 4001 counter accept
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
