# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The traffic of the faults xfrm-no-state, xfrm-wrong-key and xfrm-policy, with the same association and policy at both ends.
TITLE='IPsec carries what it is given'
FAMILIES=4 LOOKS_LIKE=xfrm-drop

setup() {
	net_two_hosts
	security_add a "$A" "$B" ff
	security_policy_add a out "$A" "$B"
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
