# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A router may use a hundred source ports for all flows behind it, and there are four times as many.
TITLE='NAT has no free source port left for new connections'
WHERE=filter CAUSE=nat-ports-exhausted
NEEDS=conntrack

setup() {
	net_router
	in_ns r nft -f - <<-RULES || skip "no NAT in nftables"
		table inet lab {
			chain postrouting {
				type nat hook postrouting priority srcnat
				oifname rb meta l4proto udp counter masquerade to :5000-5099
			}
		}
	RULES
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a udp-send --to "$B" --sport 20000 --sports 400 --count 2000 --rate 2500
}

lost() {
	sent_minus_received sender reader
}
