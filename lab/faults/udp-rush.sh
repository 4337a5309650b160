# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# As sudden as a flood, but of the size that came before: more of the same senders. The buffer is small, the reader stopped.
TITLE='A rush of datagrams meets a small buffer'
WHERE=socket CAUSE=udp-receive-buffer-full BECAUSE=process-stopped LOOKS_LIKE='udp-flood packet-flood small-packet-flood'
NEEDS=backlog

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B"
	receive other b udp-recv --on "$B" --port 7001
	start chatter a "$LAB_TRAFFIC" udp-send --to "$B" --port 7001 --count 6000 --size 100 --rate 150
	kill -STOP "${LAB_PID[reader]}"
}

run_fault() {
	sleep 0.5
	send_within 1300 sender a udp-send --to "$B" --count 7000 --size 100 --rate 10000
}

lost() {
	sent_minus_received sender reader
}
