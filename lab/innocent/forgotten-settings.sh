# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Settings that would lose packets if anything used them: a drop rule, a tiny buffer, a tiny backlog, a shaper
# with no room. The traffic takes another way.
TITLE='Dangerous settings that no traffic meets'

setup() {
	net_two_hosts
	if command -v nft >/dev/null; then
		in_ns b nft "add table inet lab; add chain inet lab input { type filter hook input priority 0; };
			add rule inet lab input udp dport 9999 counter drop" || skip "no nftables"
	fi
	receive tiny b udp-recv --on "$B" --port 7001 --rcvbuf 2304 --mode idle
	receive shut b tcp-listen --on "$B" --port 7002 --backlog 1 --mode never
	in_ns b sysctl -qw net.ipv4.tcp_max_syn_backlog=8
	in_ns b tc qdisc add dev b0 root tbf rate 1mbit burst 2kb limit 2kb
	receive reader b udp-recv --on "$B" --rcvbuf 4000000
}

run_fault() {
	send sender a udp-send --to "$B" --count 5000 --size 500 --rate 5000
}

lost() {
	sent_minus_received sender reader
}
