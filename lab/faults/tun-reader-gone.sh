# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The tunnel's program ended, its persistent device and the route through it are still there: up, and without a carrier.
TITLE='A tunnel whose program is gone'
WHERE=qdisc CAUSE=device-queue-stopped HOST=b

setup() {
	host_add b
	in_ns b ip tuntap add dev tun0 mode tun || skip "no tun devices"
	in_ns b ip link set tun0 up
	address_add b tun0 9 1
	net_settle
}

run_fault() {
	send sender b udp-send --to "$(address 9 2)" --count 800 --size 500 --rate 1000
}

lost() {
	result sender sent
}
