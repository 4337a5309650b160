# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A reader that is stopped for 700 ms and goes on: when the window closes it sleeps, as one that waits for data.
TITLE='A reader is stopped for a moment within the window and goes on'
WHERE=socket CAUSE=udp-receive-buffer-full BECAUSE=process-stopped LASTS=6
SPREAD='.began and .ended'

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B"
}

run_fault() {
	start sender a "$LAB_TRAFFIC" udp-send --to "$B" --count 6750 --size 500 --rate 1500
	sleep 1.8
	kill -STOP "${LAB_PID[reader]}"
	sleep 0.7
	kill -CONT "${LAB_PID[reader]}"
	wait "${LAB_PID[sender]}"
}

lost() {
	sent_minus_received sender reader
}
