# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A legacy iptables rule, in a chain of the user, drops one of two flows.
TITLE='A legacy iptables rule drops one of two flows'
WHERE=filter CAUSE=firewall-rule-drop

setup() {
	local tool=iptables-legacy
	((FAMILY == 4)) || tool=ip6tables-legacy
	command -v $tool >/dev/null || skip "no $tool"
	net_two_hosts
	in_ns b $tool -N flows || skip "no legacy iptables in this kernel"
	in_ns b $tool -A flows -p udp --sport 4000 -j DROP
	in_ns b $tool -A INPUT -p udp -j flows
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a udp-send --to "$B" --sport 4000 --sports 2 --count 2000 --rate 2500
}

lost() {
	sent_minus_received sender reader
}
