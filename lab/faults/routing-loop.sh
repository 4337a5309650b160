# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The router and the host behind it send the same network to each other until nothing is left to live.
TITLE='Packets circle between two routers until their time to live is over'
WHERE=ip CAUSE=ttl-expired BECAUSE=routing-loop

setup() {
	net_router
	in_ns r ip route add default via "$B"
	if ((FAMILY == 4)); then
		in_ns b sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.b0.send_redirects=0
		in_ns r sysctl -qw net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.rb.send_redirects=0
	else
		in_ns b sysctl -qw net.ipv6.conf.all.forwarding=1
	fi
}

run_fault() {
	send sender a udp-send --to "$(address 9 9)" --count 200 --rate 300
}

lost() {
	result sender sent
}
