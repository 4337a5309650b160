# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# a reaches b through a bridge on which a rule drops one of two flows; no IP counter of r sees them.
TITLE='A rule on bridged frames drops one of two flows'
WHERE=filter CAUSE=bridge-filter-drop

setup() {
	net_bridge
	in_ns r nft -f - <<-RULES || skip "no nftables for bridges"
		table bridge lab {
			chain forward {
				type filter hook forward priority 0
				udp sport 4000 counter drop
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
