# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Two dropping rules share a named counter.
TITLE='Two firewall rules with one named counter drop a flow each'
WHERE=filter CAUSE=firewall-rule-drop

setup() {
	net_two_hosts
	in_ns b nft -f - <<-'RULES' || skip "no nftables"
		table inet lab {
			counter refused {
			}
			chain input {
				type filter hook input priority 0
				udp sport 4000 counter name refused drop
				udp sport 4001 counter name refused drop
			}
		}
	RULES
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a udp-send --to "$B" --sport 4000 --sports 4 --count 2000 --rate 2500
}

lost() {
	sent_minus_received sender reader
}
