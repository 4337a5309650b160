# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# As microburst, in a minute with twenty datagrams a second: 50 ms of 60 s, which averages hide.
TITLE='One burst of 50 ms overflows a receive buffer in a quiet minute'
FAMILIES=4 WHERE=socket CAUSE=udp-receive-buffer-full BECAUSE=receive-buffer-small PATTERN=bursty LASTS=60
# A slow machine reads less often, and says no more than what it saw.
SPREAD='.began and .ended and .bursts == 1 and .longest_seconds <= ([.step_seconds, 0.3] | max)'

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B" --rcvbuf 4096
}

run_fault() {
	start quiet a "$LAB_TRAFFIC" udp-send --to "$B" --count 1100 --rate 20
	sleep 27
	send burst a udp-send --to "$B" --count 50 --size 16000 --gso 1000 --rate 1000 --burst 5
	wait "${LAB_PID[quiet]}"
}

lost() {
	finish reader
	echo $(($(result quiet sent) + $(result burst sent) - $(result reader received)))
}
