# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# 300 datagrams meet a rule among 40000 that do not.
TITLE='A firewall rule drops a few packets beside heavy clean traffic'
WHERE=filter CAUSE=firewall-rule-drop HOST=b
NEEDS='backlog cpu'

setup() {
	net_two_hosts
	in_ns b nft -f - <<-RULES || skip "no nftables"
		table inet lab {
			chain input {
				type filter hook input priority 0
				udp sport 4000 counter drop
			}
		}
	RULES
	receive reader b udp-recv --on "$B"
	crowd_receive b "$B"
}

run_fault() {
	crowd_start a "$B" 40000 40000
	send sender a udp-send --to "$B" --sport 4000 --sports 2 --count 600 --rate 800
	crowd_wait
}

lost() {
	crowd_arrived
	sent_minus_received sender reader
}
