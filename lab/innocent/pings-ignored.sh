# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A hardened host answers no ping. Who measures with pings sees every packet lost, and none is.
TITLE='A host that was told not to answer pings'
EXPECT_INNOCENT=pings-ignored LOOKS_LIKE='damaged-icmp icmp-flood'

setup() {
	net_two_hosts
	in_ns b sysctl -qw net.ipv4.icmp_echo_ignore_all=1 net.ipv6.icmp.echo_ignore_all=1
	receive reader b udp-recv --on "$B"
}

run_fault() {
	in_ns a ping -q -i 0.01 -c 60 -W 1 "$B" >/dev/null
	send sender a udp-send --to "$B" --count 500 --rate 5000
}

lost() {
	sent_minus_received sender reader
}
