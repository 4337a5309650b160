# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Clients end while their peers do not read: what they had still to send stays behind, more of it than the machine may keep of
# such connections, and each further one is cut.
TITLE='More connections are left behind than may be'
PROVEN=no WHERE=transport CAUSE=tcp-orphans-limit LOOKS_LIKE=tcp-memory-pressure HOST=a
HOSTWIDE=all

setup() {
	guest_only 'the limit of connections without a process'
	net_two_hosts
	receive listener b tcp-listen --on "$B" --mode hold --rcvbuf 4096
	host_sysctl net.ipv4.tcp_max_orphans 10
}

run_fault() {
	local number
	for number in {1..12}; do
		start "client$number" a "$LAB_TRAFFIC" tcp-connect --to "$B" --count 8 --bytes 200000 --timeout-ms 50
	done
	sleep 1.1
}

lost() {
	:
}
