# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# One class of a shaper is too narrow for its flow; 30000 datagrams per second take the wide one beside it.
TITLE='One class of a shaper drops beside heavy clean traffic in another one'
WHERE=qdisc CAUSE=shaper-limit HOST=b
NEEDS='backlog cpu'

setup() {
	net_two_hosts
	in_ns b tc qdisc add dev b0 root handle 1: htb default 1 || skip "no HTB"
	in_ns b tc class add dev b0 parent 1: classid 1:1 htb rate 10gbit quantum 60000
	in_ns b tc class add dev b0 parent 1: classid 1:2 htb rate 1mbit burst 5kb
	in_ns b tc qdisc add dev b0 parent 1:1 handle 10: pfifo limit 10000
	in_ns b tc qdisc add dev b0 parent 1:2 handle 20: pfifo limit 10
	# The low half of the word at the beginning of the UDP header is the destination port.
	in_ns b tc filter add dev b0 parent 1: protocol "$([[ $FAMILY == 4 ]] && echo ip || echo ipv6)" u32 \
		match u16 7000 0xffff at "$([[ $FAMILY == 4 ]] && echo 22 || echo 42)" classid 1:2 || skip "no u32 filter"
	receive reader a udp-recv --on "$A"
	crowd_receive a "$A"
}

run_fault() {
	crowd_start b "$A" 30000 30000
	send sender b udp-send --to "$A" --sport 4000 --count 700 --size 1000 --rate 900
	crowd_wait
	# What is queued leaves within 0.1 s.
	sleep 0.15
}

lost() {
	crowd_arrived
	sent_minus_received sender reader
}
