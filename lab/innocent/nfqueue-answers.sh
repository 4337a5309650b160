# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The traffic of the fault nfqueue-reader-stopped; the program answers.
TITLE='A firewall hands packets to a program that lets them pass'
FAMILIES=4 LOOKS_LIKE=nfqueue-full

setup() {
	net_two_hosts
	in_ns b iptables-legacy -A INPUT -p udp --dport 7000 -j NFQUEUE --queue-num 0 || skip "no nfqueue in this kernel"
	receive asked b queue --count 1
	receive reader b udp-recv --on "$B" --rcvbuf 4000000
}

run_fault() {
	send sender a udp-send --to "$B" --count 2000 --rate 2000
}

lost() {
	sleep 0.2
	sent_minus_received sender reader
}
