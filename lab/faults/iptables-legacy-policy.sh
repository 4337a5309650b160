# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The policy of legacy iptables drops what no rule accepts, and counts it.
TITLE='A legacy iptables policy drops what no rule accepts'
WHERE=filter CAUSE=firewall-policy-drop

setup() {
	local tool=iptables-legacy
	((FAMILY == 4)) || tool=ip6tables-legacy
	command -v $tool >/dev/null || skip "no $tool"
	net_two_hosts
	in_ns b $tool -A INPUT -p udp --sport 4001 -j ACCEPT || skip "no legacy iptables in this kernel"
	in_ns b $tool -P INPUT DROP
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a udp-send --to "$B" --sport 4000 --sports 2 --count 2000 --rate 2500
}

lost() {
	sent_minus_received sender reader
}
