# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A steady flow, and for 700 ms a rule in its way: when the window closes, the rule and its counter are gone, and all is well.
# That a rule of b dropped is sure, but not which: a likely answer, unless the ruleset happened to be read meanwhile.
TITLE='A firewall rule drops for a moment within the window and is taken away again'
PROVEN=no WHERE=filter CAUSE=firewall-rule-drop HOST=b LASTS=6

setup() {
	net_two_hosts
	in_ns b nft -f - <<-RULES || skip "no nftables"
		table inet lab {
			chain input {
				type filter hook input priority 0
				udp dport 7001 counter drop
			}
		}
	RULES
	receive reader b udp-recv --on "$B"
}

run_fault() {
	start sender a "$LAB_TRAFFIC" udp-send --to "$B" --sport 4000 --sports 2 --count 4500 --rate 1000
	sleep 1.8
	in_ns b nft add rule inet lab input udp sport 4000 counter drop
	sleep 0.7
	in_ns b nft -a list chain inet lab input | sed -n 's/.*sport 4000.*# handle //p' >"$LAB_STATE/handle"
	in_ns b nft delete rule inet lab input handle "$(cat "$LAB_STATE/handle")"
	wait "${LAB_PID[sender]}"
}

lost() {
	sent_minus_received sender reader
}
