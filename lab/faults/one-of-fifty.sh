# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Fifty namespaces on a bridge with the same clean traffic; a rule in one of them drops one of two flows.
TITLE='One namespace of fifty drops at a firewall rule'
WHERE=filter CAUSE=firewall-rule-drop HOST=n23
NEEDS='backlog neighbours' LASTS=6

setup() {
	net_fifty
	in_ns n23 nft -f - <<-RULES || skip "no nftables"
		table inet lab {
			chain input {
				type filter hook input priority 0
				udp sport 4000 counter drop
			}
		}
	RULES
}

run_fault() {
	fifty_start 8000 10000
	send sender r udp-send --to "$(fifty_address 23)" --sport 4000 --count 500 --rate 2000
	fifty_wait
}

lost() {
	fifty_arrived
	result sender sent
}
