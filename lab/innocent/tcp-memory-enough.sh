# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The same connections as in tcp-memory-pressure, and memory for them.
TITLE='Connections whose readers do not read, with memory for all'
LOOKS_LIKE=tcp-memory-pressure

setup() {
	net_two_hosts
	receive listener b tcp-listen --on "$B" --mode hold
}

run_fault() {
	local number
	for number in {1..6}; do
		start "client$number" a "$LAB_TRAFFIC" tcp-connect --to "$B" --count 4 --bytes 400000 --timeout-ms 150
	done
	sleep 1.1
}
