# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A router between the two drops one of two flows, in a chain that its forward chain jumps to.
TITLE='The firewall of a router drops one of two flows'
WHERE=filter CAUSE=firewall-rule-drop

setup() {
	net_router
	in_ns r nft -f - <<-'RULES' || skip "no nftables"
		table inet lab {
			chain flows {
				udp sport 4000 counter drop
			}
			chain forward {
				type filter hook forward priority 0
				meta l4proto udp jump flows
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
