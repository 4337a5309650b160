# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# iptables -Z in the middle, as scripts do that read and clear.
TITLE='A legacy iptables rule is zeroed while it drops'
WHERE=filter CAUSE=firewall-rule-drop AT_LEAST=30

setup() {
	local tool=iptables-legacy
	((FAMILY == 4)) || tool=ip6tables-legacy
	command -v $tool >/dev/null || skip "no $tool"
	net_two_hosts
	in_ns b $tool -A INPUT -p udp --sport 4000 -j DROP || skip "no legacy iptables in this kernel"
	receive reader b udp-recv --on "$B"
}

run_fault() {
	local tool=iptables-legacy
	((FAMILY == 4)) || tool=ip6tables-legacy
	start sender a "$LAB_TRAFFIC" udp-send --to "$B" --sport 4000 --sports 2 --count 2400 --rate 2400
	sleep 0.6
	in_ns b $tool -Z INPUT
	wait "${LAB_PID[sender]}"
}

lost() {
	sent_minus_received sender reader
}
