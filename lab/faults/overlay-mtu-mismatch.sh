# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A VXLAN device with an inner MTU of 1500 over an outer MTU of 1500, and DF set on the outer packet.
TITLE='Full-size packets do not fit through a VXLAN whose MTU is too large'
WHERE=overlay CAUSE=overlay-mtu-mismatch

setup() {
	net_two_hosts
	local host
	for host in a b; do
		in_ns "$host" ip link add vx0 address "02:00:00:00:02:0$host" mtu 1500 type vxlan id 77 dstport 4789 \
			local "$([[ $host == a ]] && echo "$A" || echo "$B")" \
			remote "$([[ $host == a ]] && echo "$B" || echo "$A")" df set ||
			skip "no VXLAN"
		in_ns "$host" ip link set vx0 up
	done
	address_add a vx0 5 1
	address_add b vx0 5 2
	neighbour a vx0 "$(address 5 2)" 02:00:00:00:02:0b
	neighbour b vx0 "$(address 5 1)" 02:00:00:00:02:0a
	receive reader b udp-recv --on "$(address 5 2)"
	net_settle
}

run_fault() {
	send sender a udp-send --to "$(address 5 2)" --count 500 --size 1440 --rate 1000 --dont-fragment 1
}

lost() {
	sent_minus_received sender reader
}
