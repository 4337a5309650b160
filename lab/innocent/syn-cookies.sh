# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The SYN queue is full and SYN cookies answer: pressure, and nobody is refused.
TITLE='SYN cookies are sent instead of dropping'
FAMILIES=4 EXPECT_INNOCENT=syn-cookies-sent

setup() {
	net_two_hosts
	in_ns b sysctl -qw net.ipv4.tcp_syncookies=1
	receive sink b tun --dev sink0
	in_ns b ip link set sink0 up
	in_ns b ip route add "$(address 64 0)/$((FAMILY == 4 ? 18 : 48))" dev sink0
	receive listener b tcp-listen --on "$B" --backlog 32
}

run_fault() {
	send flood a raw --kind syn --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$(address 64 1)" \
		--sources 10000 --to "$B" --sport 1024 --sports 50000 --count 1000 --rate 2000
}
