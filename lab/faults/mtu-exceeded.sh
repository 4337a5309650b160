# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A router has a smaller MTU on its other side; the packets may not be fragmented and the sender does not learn.
TITLE='Packets with DF set are too big for a router'
WHERE=ip CAUSE=mtu-exceeded

setup() {
	net_router
	in_ns r ip link set rb mtu 1300
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a udp-send --to "$B" --size 1400 --dont-fragment 1 --count 1000 --rate 1500
}

lost() {
	sent_minus_received sender reader
}
