# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A program that does not wait sends faster than a shaper lets out what it sends, with a small buffer.
TITLE='A sender that does not wait for its send buffer'
WHERE=socket CAUSE=udp-send-buffer-full HOST=a

setup() {
	net_two_hosts
	in_ns a tc qdisc replace dev a0 root tbf rate 2mbit burst 2000 limit 10000000 || skip "no tbf"
	receive reader b udp-recv --on "$B" --rcvbuf 4000000
}

run_fault() {
	send sender a udp-send --to "$B" --sndbuf 20000 --count 400 --size 500 --rate 2000
}

lost() {
	result sender failed
}
