# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2016
# The receiver's RPS mask sends every packet to CPU 1, which is busy; a sender on CPU 0 is faster. One such drop
# moves softnet dropped, rx_dropped of b0, tx_dropped of a0 and the sender's OutDiscards and SndbufErrors.
TITLE='A stream overflows the backlog of the one CPU that RPS points at'
FAMILIES=6 WHERE=backlog CAUSE=backlog-overflow BECAUSE=irq-imbalance
HOSTWIDE=all

setup() {
	net_two_hosts
	host_sysctl net.core.netdev_max_backlog 4
	in_ns b bash -c 'for mask in /sys/class/net/b0/queues/rx-*/rps_cpus; do echo 2 >"$mask"; done' ||
		skip "no RPS"
	receive reader b udp-recv --on "$B" --rcvbuf 64000000
}

run_fault() {
	PIN=0 send sender a udp-send --to "$B" --count 60000 --size 500 --rate 60000 --burst 2000
}

lost() {
	sent_minus_received sender reader
}
