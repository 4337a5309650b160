# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The way back leads through another device, and the filter is loose.
TITLE='A loose reverse path filter with an asymmetric route'
FAMILIES=4

setup() {
	net_two_hosts
	in_ns b ip link add d0 type bridge || skip "no bridge"
	in_ns b ip link set d0 up
	in_ns b ip route add 10.77.9.0/24 dev d0
	in_ns b sysctl -qw net.ipv4.conf.b0.rp_filter=2
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a raw --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from 10.77.9.1 --sport 4000 --to "$B" \
		--count 1000 --rate 1500
}

lost() {
	sent_minus_received sender reader
}
