# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A quiet flow that fits, and once, for 50 ms, so much that the small buffer overflows.
TITLE='One burst of 50 ms overflows a receive buffer in an otherwise quiet window'
WHERE=socket CAUSE=udp-receive-buffer-full BECAUSE=receive-buffer-small PATTERN=bursty

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B" --rcvbuf 4096
}

run_fault() {
	start quiet a "$LAB_TRAFFIC" udp-send --to "$B" --count 200 --rate 200
	sleep 0.4
	send burst a udp-send --to "$B" --count 50 --size 16000 --gso 1000 --rate 1000 --burst 5
	wait "${LAB_PID[quiet]}"
}

lost() {
	finish reader
	echo $(($(result quiet sent) + $(result burst sent) - $(result reader received)))
}
