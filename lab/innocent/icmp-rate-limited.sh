# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A scan of closed ports: the host says so of some a second, and keeps silent about the others.
TITLE='Answers to datagrams for a closed port are rationed'
FAMILIES=4 EXPECT_INNOCENT='refused-connection icmp-rate-limited'

setup() {
	net_two_hosts
	in_ns b sysctl -qw net.ipv4.icmp_ratelimit=1000
}

run_fault() {
	send sender a udp-send --to "$B" --port 9 --count 200 --rate 400
}
