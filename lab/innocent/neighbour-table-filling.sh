# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The same hosts on one link as in neighbour-table-full, and a table that has room for all, though not for many more.
TITLE='A neighbour table that is nearly full'
EXPECT_INNOCENT=neighbour-table-filling LOOKS_LIKE=neighbour-table-full
HOSTWIDE=neighbours

# The last part of an address: decimal in IPv4, hexadecimal in IPv6.
host_number() {
	if ((FAMILY == 4)); then echo "$1"; else printf '%x\n' "$1"; fi
}

targets_send() {
	send "$1" a udp-send --to "$(address 1 "$(host_number 16)")" --targets 120 --count 360 --rate 1500
}

setup() {
	local version=ipv4 cache=arp_cache used limit number
	((FAMILY == 4)) || version=ipv6 cache=ndisc_cache
	net_two_hosts
	in_ns a ip neigh del "$B" dev a0
	for number in {16..135}; do
		address_add b b0 1 "$(host_number "$number")"
	done
	net_settle
	used=$((16#$(awk 'NR == 2 { print $1 }' /proc/net/stat/$cache)))
	((used < 100)) || skip "this machine has $used neighbours already"
	limit=$((used + 135))
	host_sysctl net.$version.neigh.default.gc_thresh1 $limit
	host_sysctl net.$version.neigh.default.gc_thresh2 $limit
	host_sysctl net.$version.neigh.default.gc_thresh3 $limit
	receive reader b udp-recv --on "$([[ $FAMILY == 4 ]] && echo 0.0.0.0 || echo ::)"
	targets_send first
}

run_fault() {
	targets_send sender
}

lost() {
	finish reader
	echo $(($(result first sent) + $(result sender sent) - $(result reader received)))
}
