# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# One stopped reader in a host that takes 40000 datagrams per second for another one.
TITLE='A stopped reader loses datagrams beside heavy clean traffic'
WHERE=socket CAUSE=udp-receive-buffer-full BECAUSE=process-stopped HOST=b
NEEDS='backlog cpu'

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B" --rcvbuf 20000
	kill -STOP "${LAB_PID[reader]}"
	crowd_receive b "$B"
}

run_fault() {
	crowd_start a "$B" 40000 40000
	send sender a udp-send --to "$B" --count 400 --size 1000 --rate 500
	crowd_wait
}

lost() {
	crowd_arrived
	sent_minus_received sender reader
}
