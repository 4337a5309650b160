# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The ends of the association have different keys: nothing that arrives can be verified.
TITLE='IPsec packets arrive that another key encrypted'
FAMILIES=4 WHERE=overlay CAUSE=xfrm-drop

setup() {
	net_two_hosts
	security_add a "$A" "$B" ff
	security_policy_add a out "$A" "$B"
	security_add b "$A" "$B" fe
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a udp-send --to "$B" --count 500 --rate 1000
}

lost() {
	sent_minus_received sender reader
}
