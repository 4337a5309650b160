# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Spanning tree is on, and a port is taken out of its bridge and put back: it listens and learns before it forwards again.
TITLE='A bridge port that waits for the spanning tree'
WHERE=link CAUSE=topology-change HOST=r

setup() {
	net_bridge
	in_ns r ip link set br0 type bridge forward_delay 200 stp_state 1
	receive reader a udp-recv --on "$A" --rcvbuf 4000000
}

run_fault() {
	send before b udp-send --to "$A" --count 200 --rate 1000
	in_ns r ip link set rb nomaster
	in_ns r ip link set rb master br0
	send during b udp-send --to "$A" --count 500 --rate 1000
}

lost() {
	finish reader
	echo $(($(result before sent) + $(result during sent) - $(result reader received)))
}
