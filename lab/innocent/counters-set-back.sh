# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Thousands were dropped before the window. Within it the counters begin anew: the ruleset is flushed and loaded again,
# a named counter reset, the shaper replaced, a veth with its statistics deleted and made again. Nothing is lost.
TITLE='Counters are set back and nothing is lost'

ruleset() {
	cat <<-'RULES'
		flush ruleset
		table inet lab {
			counter refused {
			}
			chain input {
				type filter hook input priority 0
				udp dport 7001 counter drop
				udp dport 7002 counter name refused drop
			}
		}
	RULES
}

spare_link() {
	link_add a a1 02:00:00:00:02:01 b b1 02:00:00:00:02:02
}

setup() {
	net_two_hosts
	ruleset | in_ns b nft -f - || skip "no nftables"
	in_ns b tc qdisc add dev b0 root tbf rate 10mbit burst 10kb limit 3kb
	spare_link
	receive other a udp-recv --on "$A"
	send first a udp-send --to "$B" --port 7001 --count 3000
	send second a udp-send --to "$B" --port 7002 --count 3000
	send third b udp-send --to "$A" --sports 40 --count 500 --size 1000
	receive reader b udp-recv --on "$B" --rcvbuf 4000000
}

run_fault() {
	start sender a "$LAB_TRAFFIC" udp-send --to "$B" --count 4000 --size 500 --rate 4000
	sleep 0.2
	in_ns b nft reset counters >/dev/null
	sleep 0.15
	ruleset | in_ns b nft -f -
	in_ns b tc qdisc replace dev b0 root pfifo limit 1000
	sleep 0.15
	in_ns b tc qdisc replace dev b0 root tbf rate 10mbit burst 10kb limit 3kb
	in_ns b ip link del b1
	spare_link
	wait "${LAB_PID[sender]}"
}

lost() {
	sent_minus_received sender reader
}
