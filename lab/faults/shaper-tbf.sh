# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The sick host sends 8 Mbit/s into a token bucket of 1 Mbit/s that may queue 20 kB.
TITLE='A token bucket filter drops what exceeds its rate and its queue'
WHERE=qdisc CAUSE=shaper-limit

setup() {
	net_two_hosts
	in_ns b tc qdisc add dev b0 root tbf rate 1mbit burst 5kb limit 20kb
	receive reader a udp-recv --on "$A"
}

run_fault() {
	send sender b udp-send --to "$A" --count 1000 --size 1000 --rate 1000
	# What is queued leaves within 0.2 s.
	sleep 0.25
}

lost() {
	sent_minus_received sender reader
}
