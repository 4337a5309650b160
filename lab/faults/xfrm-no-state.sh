# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# a encrypts for an association that b has lost, as after a restart of its key daemon.
TITLE='IPsec packets arrive for an association that does not exist'
FAMILIES=4 WHERE=overlay CAUSE=xfrm-drop

setup() {
	net_two_hosts
	security_add a "$A" "$B" ff
	security_policy_add a out "$A" "$B"
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a udp-send --to "$B" --count 500 --rate 1000
}

lost() {
	sent_minus_received sender reader
}
