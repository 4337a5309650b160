# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The same rule without a counter: only the IP layer knows how many are missing.
TITLE='A firewall rule without a counter drops one of two flows'
WHERE=filter CAUSE=firewall-rule-drop
OBJECT='.container == null'
SHOWS='rule udp sport 4000 drop'

setup() {
	net_two_hosts
	in_ns b nft -f - <<-RULES || skip "no nftables"
		table inet lab {
			chain input {
				type filter hook input priority 0
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
