# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Bursts of 64 segments enter the backlog of one CPU before its softirq can run, and the backlog is allowed 20
# packets. One such drop moves softnet dropped, rx_dropped of b0 and tx_dropped of a0 in the other namespace. (The
# segments' sender is not told, so its OutDiscards stays: see backlog-overflow-rps for that.)
TITLE='Bursts overflow the per-CPU backlog'
WHERE=backlog CAUSE=backlog-overflow
HOSTWIDE=backlog

setup() {
	net_two_hosts
	host_sysctl net.core.netdev_max_backlog 20
	in_ns a ethtool -K a0 tx-udp-segmentation off >/dev/null
	receive reader b udp-recv --on "$B" --rcvbuf 4000000
}

run_fault() {
	send sender a udp-send --to "$B" --count 100 --size 32000 --gso 500 --rate 100
}

lost() {
	sent_minus_received sender reader
}
