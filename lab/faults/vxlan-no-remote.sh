# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A VXLAN that learns nothing and has no default remote does not know where the other host is.
TITLE='A VXLAN does not know to which host a frame should go'
FAMILIES=4 WHERE=overlay CAUSE=tunnel-drop LOOKS_LIKE=overlay-mtu-mismatch

setup() {
	net_two_hosts
	tunnel_add vxlan id 77 dstport 4789 nolearning
	in_ns a bridge fdb del 00:00:00:00:00:00 dev t0 dst "$B" || fail "no default entry"
	receive reader b udp-recv --on "$TB"
}

run_fault() {
	send sender a udp-send --to "$TB" --count 500 --rate 1000
}

lost() {
	sent_minus_received sender reader
}
