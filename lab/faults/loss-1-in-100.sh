# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Exactly every hundredth datagram.
TITLE='A firewall rule drops 1 % of a flow'
WHERE=filter CAUSE=firewall-rule-drop LOOKS_LIKE=service-port-not-allowed

setup() {
	net_two_hosts
	in_ns b nft -f - <<-'RULES' || skip "no nftables"
		table inet lab {
			chain input {
				type filter hook input priority 0
				udp dport 7000 numgen inc mod 100 == 0 counter drop
			}
		}
	RULES
	receive reader b udp-recv --on "$B" --rcvbuf 4000000
}

run_fault() {
	send sender a udp-send --to "$B" --count 5000 --size 200 --rate 6000 --burst 5
}

lost() {
	sent_minus_received sender reader
}
