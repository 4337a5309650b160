# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The softirq budget is one packet: every poll of the backlog is cut short (time_squeeze) and nothing is lost.
TITLE='The softirq budget runs out without a loss'
FAMILIES=4
HOSTWIDE='backlog cpu'

setup() {
	net_two_hosts
	host_sysctl net.core.netdev_budget 1
	in_ns a ethtool -K a0 tx-udp-segmentation off >/dev/null
	receive reader b udp-recv --on "$B" --rcvbuf 16000000
}

run_fault() {
	send sender a udp-send --to "$B" --count 300 --size 32000 --gso 500 --rate 300
}

lost() {
	sent_minus_received sender reader
}
