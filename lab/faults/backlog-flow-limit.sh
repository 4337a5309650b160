# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Bursts of 64 segments of one flow fill more than half of a backlog of 100, and flow limiting is on: one flow may
# not have it all. Both softnet columns move, dropped and flow_limit.
TITLE='Flow limiting drops a flow that fills the backlog'
FAMILIES=4 WHERE=backlog CAUSE=flow-limit
HOSTWIDE=backlog

setup() {
	net_two_hosts
	[[ -e /proc/sys/net/core/flow_limit_cpu_bitmap ]] || skip "no flow limiting"
	host_sysctl net.core.netdev_max_backlog 100
	host_sysctl net.core.flow_limit_cpu_bitmap "$(printf '%x' $(((1 << $(grep -c ^processor /proc/cpuinfo)) - 1)))"
	in_ns a ethtool -K a0 tx-udp-segmentation off >/dev/null
	receive reader b udp-recv --on "$B" --rcvbuf 16000000
}

# Column 11 of /proc/net/softnet_stat, of all CPUs.
limited() {
	local columns sum=0
	while read -ra columns; do
		sum=$((sum + 16#${columns[10]}))
	done </proc/net/softnet_stat
	echo "$sum"
}

run_fault() {
	local before
	before=$(limited)
	send sender a udp-send --to "$B" --count 300 --size 32000 --gso 500 --rate 300
	(($(limited) > before)) || skip "the backlog was emptied too fast, or filled too slowly, for flow limiting"
}

lost() {
	sent_minus_received sender reader
}
