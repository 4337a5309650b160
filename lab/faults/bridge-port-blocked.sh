# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# b reaches a through a bridge whose port towards b is blocking, as STP leaves it.
TITLE='A bridge port in state blocking drops what arrives on it'
WHERE=overlay CAUSE=bridge-port-blocked

setup() {
	net_two_hosts
	# Host r is the bridge: a0 -- ra [br0] rb -- b0.
	in_ns a ip link del a0
	host_add r
	link_add a a0 "$MAC_A" r ra "$MAC_RA"
	link_add r rb "$MAC_RB" b b0 "$MAC_B"
	address_add a a0 1 1
	address_add b b0 1 2
	neighbour a a0 "$B" "$MAC_B"
	neighbour b b0 "$A" "$MAC_A"
	in_ns r ip link add br0 type bridge stp_state 0 mcast_snooping 0 || skip "no bridge"
	in_ns r ip link set br0 up
	in_ns r ip link set ra master br0
	in_ns r ip link set rb master br0
	in_ns r bridge link set dev ra state 4
	net_settle
}

run_fault() {
	send sender a udp-send --to "$B" --count 1000 --rate 2000
}

# Nothing can pass.
lost() {
	result sender sent
}
