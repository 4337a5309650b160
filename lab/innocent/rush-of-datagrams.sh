# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A quiet half second, then ten times as much. All of it fits.
TITLE='Ten times more traffic in the second half of the window'
NEEDS=backlog

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B" --rcvbuf 16000000
}

run_fault() {
	send slow a udp-send --to "$B" --count 1500 --size 200 --rate 3000
	send fast a udp-send --to "$B" --count 15000 --size 200 --rate 30000 --burst 10
}

lost() {
	finish reader
	echo $(($(result slow sent) + $(result fast sent) - $(result reader received)))
}
