# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A set that a rule adds to has no room for another element. Nothing of what passes is dropped for it.
TITLE='A set of the firewall is full'
FAMILIES=4 EXPECT_INNOCENT=firewall-set-full LOOKS_LIKE='firewall-rule-drop'

setup() {
	net_two_hosts
	in_ns b nft -f - <<-RULES || skip "no nftables"
		table inet lab {
			set seen {
				type ipv4_addr
				size 4
				flags dynamic
				elements = { 10.77.8.1, 10.77.8.2, 10.77.8.3, 10.77.8.4 }
			}
			chain input {
				type filter hook input priority 0
				add @seen { ip saddr }
			}
		}
	RULES
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a udp-send --to "$B" --count 1000 --rate 1500
}

lost() {
	sent_minus_received sender reader
}
