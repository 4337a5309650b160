# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A host is used as a router and does not forward.
TITLE='Packets arrive at a router that does not forward'
WHERE=routing CAUSE=forwarding-disabled

setup() {
	net_router
	if ((FAMILY == 4)); then
		in_ns r sysctl -qw net.ipv4.ip_forward=0
	else
		in_ns r sysctl -qw net.ipv6.conf.all.forwarding=0
	fi
}

run_fault() {
	send sender a udp-send --to "$B" --count 1000 --rate 1500
}

lost() {
	result sender sent
}
