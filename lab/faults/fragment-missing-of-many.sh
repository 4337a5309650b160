# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Each datagram comes in six fragments of which a router that the diagnosis cannot see drops the last one. The kernel tells
# of each fragment that waited in vain; it is one loss for each datagram.
TITLE='Large datagrams wait in vain for the last of their fragments'
WHERE=ip CAUSE=fragment-reassembly-failed BECAUSE=fragments-missing

setup() {
	net_router
	in_ns r nft -f - <<-'RULES' || skip "no nftables"
		table inet lab {
			chain forward {
				type filter hook forward priority 0
				ip frag-off & 0x1fff > 900 drop
				frag frag-off > 900 drop
			}
		}
	RULES
	local key=net.ipv4.ipfrag_time
	((FAMILY == 4)) || key=net.ipv6.ip6frag_time
	in_ns b sysctl -qw $key=1
	receive reader b udp-recv --on "$B"
	NETNS_ARG="--netns $(ns b)"
}

run_fault() {
	send sender a udp-send --to "$B" --size 8000 --count 100 --rate 2000
	sleep 1.1
}

lost() {
	sent_minus_received sender reader
}
