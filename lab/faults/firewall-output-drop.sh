# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The sender is told: its sendto() fails with EPERM.
TITLE='The firewall of the sender drops what it sends'
WHERE=filter CAUSE=firewall-rule-drop

setup() {
	net_two_hosts
	in_ns a nft -f - <<-RULES || skip "no nftables"
		table inet lab {
			chain output {
				type filter hook output priority 0
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
	result sender failed
}
