# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A program that watches pings through a raw socket looks at a thousand a second: a flood of them is too many for it. The host
# answers each, and each answer is fine.
TITLE='A flood of pings is too much for a program that watches them'
WHERE=socket CAUSE=raw-receive-buffer-full BECAUSE=icmp-flood HOST=b NEEDS=backlog

setup() {
	net_two_hosts
	receive reader b raw-recv --on "$B" --protocol "$( ((FAMILY == 4)) && echo 1 || echo 58)" --rcvbuf 50000 --sleep-us 1000
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
