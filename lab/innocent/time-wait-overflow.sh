# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# b may keep five connections in TIME-WAIT: those it closes beyond are gone at once, and nothing is lost.
TITLE='More connections end than may stay in TIME-WAIT'
FAMILIES=4 EXPECT_INNOCENT=time-wait-overflow

setup() {
	net_two_hosts
	in_ns b sysctl -qw net.ipv4.tcp_max_tw_buckets=5
	receive listener a tcp-listen --on "$A"
}

run_fault() {
	send client b tcp-connect --to "$A" --count 100 --bytes 100 --rate 200
}
