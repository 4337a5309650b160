# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The port that a rule closes is the one on which a program of the same host listens.
TITLE='A firewall rule closes the port of a service'
WHERE=filter CAUSE=firewall-rule-drop BECAUSE=service-port-not-allowed

setup() {
	net_two_hosts
	in_ns b nft -f - <<-RULES || skip "no nftables"
		table inet lab {
			chain input {
				type filter hook input priority 0
				udp dport 7000 counter drop
			}
		}
	RULES
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a udp-send --to "$B" --count 1000 --rate 2000
}

lost() {
	sent_minus_received sender reader
}
