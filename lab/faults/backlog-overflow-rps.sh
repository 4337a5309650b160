# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# As backlog-overflow, but the receiver's RPS mask sends every packet to CPU 1, whatever CPU it came in on.
TITLE='Bursts overflow the backlog of the one CPU that RPS points at'
WHERE=backlog CAUSE=backlog-overflow BECAUSE=irq-imbalance

setup() {
	net_two_hosts
	host_sysctl net.core.netdev_max_backlog 20
	in_ns a ethtool -K a0 tx-udp-segmentation off >/dev/null
	in_ns b bash -c 'for mask in /sys/class/net/b0/queues/rx-*/rps_cpus; do echo 2 >"$mask"; done' ||
		skip "no RPS"
	receive reader b udp-recv --on "$B" --rcvbuf 4000000
}

run_fault() {
	send sender a udp-send --to "$B" --count 100 --size 32000 --gso 500 --rate 100
}

lost() {
	sent_minus_received sender reader
}
