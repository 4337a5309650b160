# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A token bucket delays a burst and drops nothing: overlimits rises, drops does not.
TITLE='A shaper delays without dropping'
FAMILIES=6 EXPECT_INNOCENT=shaper-overlimits

setup() {
	net_two_hosts
	in_ns b tc qdisc add dev b0 root tbf rate 10mbit burst 5kb limit 1mb
	receive reader a udp-recv --on "$A"
}

run_fault() {
	send sender b udp-send --to "$A" --count 800 --size 1000 --rate 1000 --burst 100
}

lost() {
	sleep 0.2
	sent_minus_received sender reader
}
