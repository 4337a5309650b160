# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A tunnel program that does not read its tun device: the ring (txqueuelen) fills, the rest is dropped.
TITLE='A tun device is full because its program does not read'
WHERE=overlay CAUSE=tun-reader-slow

setup() {
	host_add b
	receive tunnel b tun --dev tun0 --mode idle
	in_ns b ip link set tun0 txqueuelen 50 up
	address_add b tun0 9 1
	net_settle
}

run_fault() {
	send sender b udp-send --to "$(address 9 2)" --count 2000 --size 500 --rate 2500
}

lost() {
	sent_minus_received sender tunnel
}
