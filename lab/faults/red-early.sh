# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# RED drops at random from 10 kB on average and everything from 30 kB; its queue of 1 MB never gets full.
TITLE='RED drops packets before its queue is full'
FAMILIES=4 WHERE=qdisc CAUSE=qdisc-aqm-drop LOOKS_LIKE='shaper-limit qdisc-queue-full'

setup() {
	net_two_hosts
	in_ns b tc qdisc add dev b0 root handle 1: tbf rate 4mbit burst 5kb limit 1mb || skip "no tbf"
	in_ns b tc qdisc add dev b0 parent 1:1 red limit 1mb min 10000 max 30000 avpkt 1000 burst 15 \
		probability 0.5 bandwidth 4mbit || skip "no red"
	receive reader a udp-recv --on "$A" --rcvbuf 4000000
}

run_fault() {
	send sender b udp-send --to "$A" --count 1000 --size 1000 --rate 1000
	sleep 0.2
}

lost() {
	sent_minus_received sender reader
}
