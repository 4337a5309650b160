# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# As many datagrams as in microburst, spread over more than half of the window: the same cause, and no burst.
TITLE='The loss of a microburst spread evenly over a second'
WHERE=socket CAUSE=udp-receive-buffer-full BECAUSE=receive-buffer-small PATTERN=steady

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B" --rcvbuf 4096
}

run_fault() {
	start quiet a "$LAB_TRAFFIC" udp-send --to "$B" --count $((WINDOW * 100)) --rate 200
	send spread a udp-send --to "$B" --count $((WINDOW * 25)) --size 16000 --gso 1000 --rate 45
	wait "${LAB_PID[quiet]}"
}

lost() {
	finish reader
	echo $(($(result quiet sent) + $(result spread sent) - $(result reader received)))
}
