# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The memory that all UDP sockets of the machine may use together is down to 200 pages; the socket's own buffer
# has room for everything. On Linux 6.18 neither InErrors nor MemErrors moves, only the drops of the socket.
TITLE='UDP datagrams are dropped because udp_mem is used up'
WHERE=transport CAUSE=udp-memory-pressure
HOSTWIDE=all

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B" --mode idle --rcvbuf 64000000
	host_sysctl net.ipv4.udp_mem '200 200 200'
}

run_fault() {
	send sender a udp-send --to "$B" --count 10000 --size 1000 --rate 10000
}

lost() {
	sent_minus_received sender reader
}
