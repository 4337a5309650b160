# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# a's association is made anew and counts from 1 again; b's is still the old one, which has seen those numbers.
TITLE='IPsec takes packets whose numbers start again for replayed ones'
FAMILIES=4 WHERE=overlay CAUSE=xfrm-drop

setup() {
	net_two_hosts
	security_add a "$A" "$B" ff
	security_policy_add a out "$A" "$B"
	security_add b "$A" "$B" ff
	receive reader b udp-recv --on "$B"
	send before a udp-send --to "$B" --count 600 --rate 2000
	in_ns a ip xfrm state flush
	security_add a "$A" "$B" ff
}

run_fault() {
	send sender a udp-send --to "$B" --count 500 --rate 1000
}

lost() {
	finish reader
	echo $(($(result before sent) + $(result sender sent) - $(result reader received)))
}
