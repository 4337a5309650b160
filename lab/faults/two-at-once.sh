# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A stopped reader loses most of what comes in, and a shaper some of what goes out: two findings.
TITLE='A stopped UDP reader and a full shaper at the same time'
FAMILIES=4 WHERE=socket CAUSE=udp-receive-buffer-full BECAUSE=process-stopped ALSO=qdisc/shaper-limit

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B"
	kill -STOP "${LAB_PID[reader]}"
	in_ns b tc qdisc add dev b0 root tbf rate 1mbit burst 5kb limit 20kb
	receive other a udp-recv --on "$A"
}

run_fault() {
	send sender a udp-send --to "$B" --count 3000 --size 1000 --rate 6000
	send out b udp-send --to "$A" --count 500 --size 1000 --rate 1000
}

lost() {
	sent_minus_received sender reader
}
