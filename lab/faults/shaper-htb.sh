# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# An HTB class of 2 Mbit/s with a pfifo of 20 packets gets 8 Mbit/s.
TITLE='The queue of an HTB class drops what exceeds its rate'
FAMILIES=6 WHERE=qdisc CAUSE=shaper-limit

setup() {
	net_two_hosts
	in_ns b tc qdisc add dev b0 root handle 1: htb default 10
	in_ns b tc class add dev b0 parent 1: classid 1:10 htb rate 2mbit ceil 2mbit quantum 1500
	in_ns b tc qdisc add dev b0 parent 1:10 handle 10: pfifo limit 20
	receive reader a udp-recv --on "$A"
}

run_fault() {
	send sender b udp-send --to "$A" --count 1000 --size 1000 --rate 1000
	sleep 0.15
}

lost() {
	sent_minus_received sender reader
}
