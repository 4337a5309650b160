# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# All TCP sockets of the machine together may use 60 pages, and readers that do not read hold them.
TITLE='Segments are dropped because tcp_mem is used up'
PROVEN=no WHERE=transport CAUSE=tcp-memory-pressure HOST=b
HOSTWIDE=all

setup() {
	guest_only 'the memory of all its TCP connections'
	net_two_hosts
	receive listener b tcp-listen --on "$B" --mode hold
	host_sysctl net.ipv4.tcp_mem '40 50 60'
}

run_fault() {
	local number
	for number in {1..6}; do
		start "client$number" a "$LAB_TRAFFIC" tcp-connect --to "$B" --count 4 --bytes 400000 --timeout-ms 150
	done
	sleep 1.1
}

lost() {
	:
}
