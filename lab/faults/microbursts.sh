# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The same, twice.
TITLE='Two bursts of 50 ms each overflow a receive buffer'
WHERE=socket CAUSE=udp-receive-buffer-full BECAUSE=receive-buffer-small PATTERN=bursty

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B" --rcvbuf 4096
}

run_fault() {
	start quiet a "$LAB_TRAFFIC" udp-send --to "$B" --count 220 --rate 200
	sleep 0.2
	send first a udp-send --to "$B" --count 50 --size 16000 --gso 1000 --rate 1000 --burst 5
	sleep 0.5
	send second a udp-send --to "$B" --count 50 --size 16000 --gso 1000 --rate 1000 --burst 5
	wait "${LAB_PID[quiet]}"
}

lost() {
	finish reader
	echo $(($(result quiet sent) + $(result first sent) + $(result second sent) - $(result reader received)))
}
