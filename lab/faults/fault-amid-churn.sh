# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Namespaces and interfaces come and go while a rule drops one of two flows in a host that stays.
TITLE='A firewall rule drops while namespaces and interfaces come and go'
WHERE=filter CAUSE=firewall-rule-drop HOST=b
NEEDS=backlog

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
}

run_fault() {
	start sender a "$LAB_TRAFFIC" udp-send --to "$B" --sport 4000 --sports 2 --count 1800 --rate 2000
	churn 3 200
	wait "${LAB_PID[sender]}"
}

lost() {
	churn_arrived 3
	sent_minus_received sender reader
}
