# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The ruleset is replaced in one transaction in the middle, as a firewall manager does: the new rule counts from zero,
# and drops from its first moment. What the old one dropped after its last reading nobody can know. Its number is the
# same as before (handle 2), so that only what IP lacks tells that some are missing.
TITLE='The ruleset is reloaded while one of its rules drops'
WHERE=filter CAUSE=firewall-rule-drop AT_LEAST=30

ruleset() {
	cat <<-'RULES'
		flush ruleset
		table inet lab {
			chain input {
				type filter hook input priority 0
				udp sport 4000 counter drop
			}
		}
	RULES
}

setup() {
	net_two_hosts
	ruleset | in_ns b nft -f - || skip "no nftables"
	receive reader b udp-recv --on "$B"
}

run_fault() {
	start sender a "$LAB_TRAFFIC" udp-send --to "$B" --sport 4000 --sports 2 --count 2400 --rate 2400
	sleep 0.6
	ruleset | in_ns b nft -f -
	wait "${LAB_PID[sender]}"
}

lost() {
	sent_minus_received sender reader
}
