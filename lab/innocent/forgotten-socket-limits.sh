# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Limits that only a program meets which asks for more or falls behind; the reader does neither.
TITLE='Tiny limits of socket buffers that nobody needs'
HOSTWIDE=all

setup() {
	net_two_hosts
	host_sysctl net.core.rmem_max 4608
	host_sysctl net.core.wmem_max 4608
	host_sysctl net.core.optmem_max 4096
	in_ns b sysctl -qw net.core.somaxconn=8 net.ipv4.udp_rmem_min=4096
	receive reader b udp-recv --on "$B"
	receive listener b tcp-listen --on "$B"
}

run_fault() {
	send client a tcp-connect --to "$B" --count 3 --bytes 20000
	send sender a udp-send --to "$B" --count 3000 --size 200 --rate 4000
}

lost() {
	sent_minus_received sender reader
}
