# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Two macvlans on one device talk to each other directly; the receiver's MTU is smaller than what is sent to its group.
TITLE='A macvlan refuses multicast that is longer than its MTU'
FAMILIES=4 WHERE=overlay CAUSE=macvlan-filter LOOKS_LIKE='crc-errors rx-drop'

setup() {
	net_macvlans
	receive reader b udp-recv --group 239.1.2.3 --on 239.1.2.3
	in_ns b ip link set b0 mtu 1000
}

run_fault() {
	send sender a udp-send --to 239.1.2.3 --count 300 --size 1200 --rate 500
}

lost() {
	sent_minus_received sender reader
}
