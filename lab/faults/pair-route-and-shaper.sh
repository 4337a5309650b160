# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A router drops at its shaper what exceeds it, and has no route for another destination.
TITLE='A router lacks a route and its shaper is full at the same time'
WHERE=routing CAUSE=no-route ALSO=qdisc/shaper-limit

setup() {
	net_router
	in_ns r tc qdisc add dev rb root tbf rate 1mbit burst 5kb limit 20kb
	receive reader b udp-recv --on "$B"
}

run_fault() {
	start lost_way a "$LAB_TRAFFIC" udp-send --to "$(address 9 9)" --count 1500 --rate 2000
	send sender a udp-send --to "$B" --count 700 --size 1000 --rate 900
	wait "${LAB_PID[lost_way]}"
	# What is queued leaves within 0.2 s.
	sleep 0.25
}

# Nothing that has no route can arrive.
lost() {
	result lost_way sent
}

also_lost() {
	sent_minus_received sender reader
}
