# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Nobody answers for an address on the link: what waits for the answer is dropped.
TITLE='A neighbour does not answer ARP or neighbour discovery'
WHERE=routing CAUSE=neighbour-unresolved
NEEDS=neighbours

setup() {
	net_two_hosts
	local family=ipv4
	((FAMILY == 4)) || family=ipv6
	in_ns a sysctl -qw net.$family.neigh.a0.retrans_time_ms=200 net.$family.neigh.a0.unres_qlen_bytes=4000
}

run_fault() {
	send sender a udp-send --to "$(address 1 99)" --count 1000 --rate 1000
}

lost() {
	result sender sent
}
