# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# As backlog-overflow, in a namespace that is made within the window and gone at its end: softnet's counter of the CPU tells
# of no device, and that of the device is gone with it. The drop events had both.
TITLE='Bursts overflow the backlog on their way to a namespace that is gone at the end'
WHERE=backlog CAUSE=backlog-overflow HOST=c1
HOSTWIDE=backlog

setup() {
	net_two_hosts
	host_sysctl net.core.netdev_max_backlog 20
}

run_fault() {
	churn_add 1
	in_ns d1 ethtool -K d0 tx-udp-segmentation off >/dev/null
	receive reader c1 udp-recv --on "$(churn_address 1)" --rcvbuf 4000000
	send sender d1 udp-send --to "$(churn_address 1)" --count 100 --size 32000 --gso 500 --rate 100
	finish reader
	namespace_remove "$(ns c1)"
	namespace_remove "$(ns d1)"
}

lost() {
	sent_minus_received sender reader
}
