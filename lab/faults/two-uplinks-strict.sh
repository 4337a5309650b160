# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# b has two uplinks to the same router: what a sends comes in over the first one, and b's way back leads over the second. The
# filter is strict, as some distributions have it.
TITLE='A strict reverse path filter on a host with two uplinks'
FAMILIES=4 WHERE=routing CAUSE=reverse-path-filter BECAUSE=asymmetric-route HOST=b

setup() {
	host_add a
	host_add r
	host_add b
	link_add a a0 "$MAC_A" r ra "$MAC_RA"
	link_add r rb "$MAC_RB" b b0 "$MAC_B"
	link_add r rc 02:00:00:00:03:0c b b1 02:00:00:00:03:0b
	address_add a a0 1 1
	address_add r ra 1 254
	address_add r rb 2 254
	address_add b b0 2 2
	address_add r rc 3 254
	address_add b b1 3 2
	B=$(address 2 2)
	neighbour a a0 "$(address 1 254)" "$MAC_RA"
	neighbour r rb "$B" "$MAC_B"
	in_ns a ip route add default via "$(address 1 254)"
	in_ns b ip route add default via "$(address 3 254)"
	in_ns r sysctl -qw net.ipv4.ip_forward=1
	in_ns b sysctl -qw net.ipv4.conf.b0.rp_filter=1
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a udp-send --to "$B" --count 1000 --rate 1500
}

lost() {
	sent_minus_received sender reader
}
