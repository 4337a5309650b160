# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A strict reverse path filter where the way back is the way in, strays logged, redirects off, and routes that lead
# nowhere for networks that nobody asks for.
TITLE='A strict reverse path filter and dead routes on a symmetric path'

setup() {
	net_router
	in_ns r sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.ra.rp_filter=1 net.ipv4.conf.rb.rp_filter=1 \
		net.ipv4.conf.all.log_martians=1 net.ipv4.conf.all.send_redirects=0
	in_ns b sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.b0.rp_filter=1
	local length=24
	((FAMILY == 4)) || length=64
	in_ns r ip route add blackhole "$(address 8 0)/$length"
	in_ns r ip route add unreachable "$(address 9 0)/$length"
	in_ns r ip route add prohibit "$(address 10 0)/$length"
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a udp-send --to "$B" --count 3000 --size 500 --rate 4000
}

lost() {
	sent_minus_received sender reader
}
