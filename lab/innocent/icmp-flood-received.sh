# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The same pings as in icmp-flood, and the program has room for all.
TITLE='A flood of pings that all arrive'
LOOKS_LIKE='icmp-flood raw-receive-buffer-full' NEEDS=backlog

setup() {
	net_two_hosts
	receive reader b raw-recv --on "$B" --protocol "$( ((FAMILY == 4)) && echo 1 || echo 58)" --rcvbuf 33554432
	receive service b udp-recv --on "$B"
	start chatter a "$LAB_TRAFFIC" udp-send --to "$B" --count 6000 --size 100 --rate 150
}

run_fault() {
	sleep 0.5
	send_within 1200 flood a raw --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$A" --to "$B" \
		--kind echo --size 56 --count 13000 --rate 20000
}

lost() {
	sent_minus_received flood reader
}
