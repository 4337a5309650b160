# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A firewall asks a program about each packet. The program is stopped: its socket's buffer fills, and what comes then is dropped.
TITLE='A firewall hands packets to a program that does not answer'
FAMILIES=4 WHERE=filter CAUSE=nfqueue-full BECAUSE=process-stopped LOOKS_LIKE=netlink-overrun

setup() {
	net_two_hosts
	in_ns b iptables-legacy -A INPUT -p udp --dport 7000 -j NFQUEUE --queue-num 0 || skip "no nfqueue in this kernel"
	receive asked b queue --count 1
	receive reader b udp-recv --on "$B" --rcvbuf 4000000
	kill -STOP "${LAB_PID[asked]}"
}

run_fault() {
	send sender a udp-send --to "$B" --count 2000 --rate 2000
}

lost() {
	kill -CONT "${LAB_PID[asked]}"
	sleep 0.3
	sent_minus_received sender reader
}
