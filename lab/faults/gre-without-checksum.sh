# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# b's end asks for checksums, a's sends none: b counts each packet as damaged (ip_tunnel_rcv), and nothing is.
TITLE='A GRE tunnel asks for checksums that the other end does not send'
FAMILIES=4 WHERE=overlay CAUSE=tunnel-drop LOOKS_LIKE=crc-errors

setup() {
	net_two_hosts
	tunnel_add gre ttl 64
	in_ns b ip link change t0 type gre local "$B" remote "$A" ttl 64 icsum || fail "cannot ask for checksums"
	receive reader b udp-recv --on "$TB"
}

run_fault() {
	send sender a udp-send --to "$TB" --count 500 --rate 1000
}

lost() {
	sent_minus_received sender reader
}
