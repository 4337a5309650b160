# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# No SYN cookies, a SYN queue of eight, few orphans and time-waits allowed; the connections come one by one.
TITLE='No SYN cookies and a tiny SYN queue without SYN load'

setup() {
	net_two_hosts
	in_ns b sysctl -qw net.ipv4.tcp_syncookies=0 net.ipv4.tcp_max_syn_backlog=8 net.ipv4.tcp_max_tw_buckets=64 \
		net.ipv4.tcp_synack_retries=1
	receive listener b tcp-listen --on "$B" --backlog 8
}

run_fault() {
	send client a tcp-connect --to "$B" --count 40 --rate 100 --bytes 2000
}

lost() {
	result client failed
}
