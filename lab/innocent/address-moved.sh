# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A service address goes over to another machine, once (VRRP, keepalived): it announces the address, and answers.
TITLE='An address that moves to another machine'
FAMILIES=4 LOOKS_LIKE=address-conflict LASTS=5

setup() {
	command -v busybox >/dev/null || skip "no busybox"
	net_bridge
	host_add c
	link_add c c0 02:00:00:00:01:03 r rc 02:00:00:00:01:0c
	in_ns r ip link set rc master br0
	in_ns b ip neigh replace "$A" lladdr "$MAC_A" dev b0 nud stale
	receive first a tcp-listen --on "$A"
}

run_fault() {
	send before b tcp-connect --to "$A" --count 20 --bytes 1000
	sleep 1
	in_ns a ip addr flush dev a0
	address_add c c0 1 1
	in_ns c busybox arping -q -A -c 1 -w 1 -I c0 "$A"
	receive second c tcp-listen --on "$A"
	send after b tcp-connect --to "$A" --count 20 --bytes 1000
}
