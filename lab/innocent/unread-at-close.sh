# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A reader ends with datagrams in its buffer: they are purged (udp_destruct_common), nobody wanted them. No counter moves,
# only drop events.
TITLE='A socket is closed with unread datagrams'
FAMILIES=6

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B" --mode idle
}

run_fault() {
	send sender a udp-send --to "$B" --count 50 --size 500 --rate 1000
	vanish reader
}
