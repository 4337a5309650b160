# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Somebody else on the wire says again and again that it has the address of a, and so does a. What b sends goes now to the
# one, now to the other. (The other is c, under a hardware address that it does not keep: nobody takes its packets.)
TITLE='Two hosts with one address'
FAMILIES=4 WHERE=routing CAUSE=address-conflict HOST=b LASTS=9 PROVEN=no
MAC_OTHER=02:00:00:00:01:03

setup() {
	command -v busybox >/dev/null || skip "no busybox"
	[[ ${LAB_MACHINE:-} != guest* ]] || skip "a machine this slow reads its neighbours less often than they change"
	net_bridge
	host_add c
	link_add c c0 "$MAC_OTHER" r rc 02:00:00:00:01:0c
	in_ns r ip link set rc master br0
	in_ns b ip neigh replace "$A" lladdr "$MAC_A" dev b0 nud stale
	in_ns b sysctl -qw net.ipv4.neigh.b0.locktime=0
	receive listener a tcp-listen --on "$A"
}

announce() { # HOST DEV
	in_ns "$1" busybox arping -q -A -c 1 -w 1 -I "$2" "$A"
}

announce_other() {
	in_ns c ip link set c0 address "$MAC_OTHER"
	address_add c c0 1 1
	announce c c0
	in_ns c ip addr flush dev c0
	in_ns c ip link set c0 address "$MAC_NOBODY"
}

connect() {
	local client
	for client in {1..8}; do
		start "client$client" b "$LAB_TRAFFIC" tcp-connect --to "$A" --count 1 --bytes 1000 --timeout-ms 2500
	done
	sleep 0.3
}

run_fault() {
	local turn
	for turn in {1..3}; do
		announce_other
		connect
		announce a a0
		connect
	done
}

# What was sent to the wrong one was sent again, and nobody counts it apart.
lost() {
	:
}
