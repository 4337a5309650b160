# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Thousands were lost before the window, nothing within it: only differences count.
TITLE='Large totals from before the window'
FAMILIES=4

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B"
	kill -STOP "${LAB_PID[reader]}"
	send before a udp-send --to "$B" --count 20000 --size 500
	kill -CONT "${LAB_PID[reader]}"
	sleep 0.1
	finish reader
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a udp-send --to "$B" --count 2000 --size 500 --rate 2000
}

lost() {
	sent_minus_received sender reader
}
