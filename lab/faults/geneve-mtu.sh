# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The MTU of the tunnel was right for 1500 bytes, and the network below it was set to 1400 afterwards. The outer
# packets must not be fragmented (df set).
TITLE='Full-size packets do not fit through a Geneve tunnel whose MTU is too large'
FAMILIES=4 WHERE=overlay CAUSE=overlay-mtu-mismatch LOOKS_LIKE='tunnel-drop mtu-exceeded pmtu-blackhole'

setup() {
	net_two_hosts
	tunnel_add geneve id 77 df set
	in_ns a ip link set t0 mtu 1450
	in_ns b ip link set t0 mtu 1450
	in_ns a ip link set a0 mtu 1400
	in_ns b ip link set b0 mtu 1400
	receive reader b udp-recv --on "$TB"
}

run_fault() {
	send sender a udp-send --to "$TB" --count 500 --size 1400 --rate 1000 --dont-fragment 1
}

lost() {
	sent_minus_received sender reader
}
