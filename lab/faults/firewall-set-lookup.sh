# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A rule that looks the packet up in a set, beside one that names its port; neither has a counter. What is in a set cannot be
# told from the rule's text, but the other rule cannot have met these packets.
TITLE='A firewall rule without a counter drops what is in a set'
WHERE=filter CAUSE=firewall-rule-drop
SHOWS='rule udp sport @blocked drop'

setup() {
	net_two_hosts
	in_ns b nft -f - <<-RULES || skip "no nftables"
		table inet lab {
			set blocked {
				type inet_service
				elements = { 4000, 4100 }
			}
			chain input {
				type filter hook input priority 0
				udp sport 3999 drop
				udp sport @blocked drop
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
