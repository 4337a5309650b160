# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A client has ten ports for one server and comes back after a second: it takes over its own connections in TIME-WAIT.
TITLE='A client that uses the ports of finished connections again'
FAMILIES=4 EXPECT_INNOCENT=time-wait-reuse LOOKS_LIKE='time-wait-overflow' LASTS=4

setup() {
	net_two_hosts
	in_ns a sysctl -qw net.ipv4.tcp_tw_reuse=1 net.ipv4.ip_local_port_range='40000 40009'
	receive listener b tcp-listen --on "$B"
	send first a tcp-connect --to "$B" --count 10 --bytes 100
}

run_fault() {
	sleep 1.2
	send client a tcp-connect --to "$B" --count 10 --bytes 100
}

lost() {
	result client failed
}
