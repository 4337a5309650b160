# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Many hosts on one link and a small neighbour table. Its limit is the machine's, as is its count.
TITLE='A full neighbour table takes no more neighbours'
WHERE=routing CAUSE=neighbour-table-full
HOSTWIDE=neighbours

# The last part of an address: decimal in IPv4, hexadecimal in IPv6.
host_number() {
	if ((FAMILY == 4)); then echo "$1"; else printf '%x\n' "$1"; fi
}

setup() {
	local family=ipv4 cache=arp_cache used limit
	((FAMILY == 4)) || family=ipv6 cache=ndisc_cache
	net_two_hosts
	in_ns a ip neigh del "$B" dev a0
	local number
	for number in {16..135}; do
		address_add b b0 1 "$(host_number "$number")"
	done
	net_settle
	used=$((16#$(awk 'NR == 2 { print $1 }' /proc/net/stat/$cache)))
	limit=$((used + 20))
	host_sysctl net.$family.neigh.default.gc_thresh1 $limit
	host_sysctl net.$family.neigh.default.gc_thresh2 $limit
	host_sysctl net.$family.neigh.default.gc_thresh3 $limit
	receive reader b udp-recv --on "$([[ $FAMILY == 4 ]] && echo 0.0.0.0 || echo ::)"
}

run_fault() {
	send sender a udp-send --to "$(address 1 "$(host_number 16)")" --targets 120 --count 1200 --rate 1500
}

lost() {
	finish reader
	echo $((1200 - $(result reader received)))
}
