# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The far end of the sick host's veth is set down, as when a container dies: what is sent goes nowhere.
TITLE='Datagrams are sent into a veth whose peer is down'
WHERE=overlay CAUSE=veth-peer-down

setup() {
	net_two_hosts
	in_ns b ip link set b0 down
}

run_fault() {
	send sender a udp-send --to "$B" --count 1000 --rate 2000
}

# Nothing can arrive.
lost() {
	result sender sent
}
