# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A named counter of dropping rules is set back to zero in the middle. What it counted since its last reading is gone:
# the number is a lower bound.
TITLE='The counter of a dropping rule is set back while it drops'
WHERE=filter CAUSE=firewall-rule-drop AT_LEAST=30

setup() {
	net_two_hosts
	in_ns b nft -f - <<-'RULES' || skip "no nftables"
		table inet lab {
			counter refused {
			}
			chain input {
				type filter hook input priority 0
				udp sport 4000 counter name refused drop
			}
		}
	RULES
	receive reader b udp-recv --on "$B"
}

run_fault() {
	start sender a "$LAB_TRAFFIC" udp-send --to "$B" --sport 4000 --sports 2 --count 2400 --rate 2400
	sleep 0.6
	in_ns b nft reset counters >/dev/null
	wait "${LAB_PID[sender]}"
}

lost() {
	sent_minus_received sender reader
}
