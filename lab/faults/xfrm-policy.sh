# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# b's policy wants these packets encrypted, a sends them in the clear.
TITLE='An IPsec policy refuses packets that come in the clear'
FAMILIES=4 WHERE=overlay CAUSE=xfrm-drop LOOKS_LIKE='socket-filter-drop firewall-rule-drop'

setup() {
	net_two_hosts
	security_add b "$A" "$B" ff
	security_policy_add b in "$A" "$B"
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a udp-send --to "$B" --count 500 --rate 1000
}

lost() {
	sent_minus_received sender reader
}
