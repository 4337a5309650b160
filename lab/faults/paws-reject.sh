# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Something on the way gives each twentieth segment of a connection an old timestamp, as NAT that puts several clients behind
# one address does: the receiver refuses it, and it is sent again.
TITLE='Segments with timestamps older than those before'
WHERE=transport CAUSE=paws-reject HOST=b

setup() {
	net_two_hosts
	# Milliseconds since the machine started, with nothing added: 1 is older than all of them.
	in_ns a sysctl -qw net.ipv4.tcp_timestamps=2
	in_ns a nft -f - <<-'RULES' || skip "nftables cannot rewrite TCP here"
		table inet lab {
			chain output {
				type filter hook output priority 0
				tcp dport 7000 meta length > 500 numgen inc mod 20 == 7 counter tcp option timestamp tsval set 1
			}
		}
	RULES
	# One packet is one segment.
	in_ns a ip link set a0 gso_max_segs 1
	receive listener b tcp-listen --on "$B" --rcvbuf 16777216
}

run_fault() {
	send client a tcp-connect --to "$B" --count 4 --bytes 1000000
}

lost() {
	# By their bytes: a kernel may hand several segments down as one packet.
	in_ns a nft -j list chain inet lab output | jq '[.. | .counter?.bytes? // empty] | add / 1500 | ceil'
}
