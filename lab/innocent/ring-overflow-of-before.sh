# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# QEMU's e1000 lost frames before the window; its counters still rise by them every two seconds (see ring-overflow-e1000).
TITLE='A loss of before that an e1000 card tells again and again'
CARDS='e1000,virtio-net-pci'
LOOKS_LIKE='rx-ring-overflow ring-below-maximum'

setup() {
	local missed
	net_two_cards
	card_ring b b0 80
	receive reader b udp-recv --on "$B" --rcvbuf 33554432
	send before a udp-send --to "$B" --count 4000 --size 200
	sleep 2.5
	missed=$(in_ns b cat /sys/class/net/b0/statistics/rx_missed_errors)
	((missed > 0)) || fail "nothing was lost before the window"
}

run_fault() {
	send sender a udp-send --to "$B" --count 400 --rate 500 --size 200
}
