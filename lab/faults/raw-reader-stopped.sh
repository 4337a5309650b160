# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A routing daemon that reads a raw socket (as OSPF does) is stopped, and its buffer fills. No counter of the protocol tells.
TITLE='A raw socket whose reader has stopped'
WHERE=socket CAUSE=raw-receive-buffer-full BECAUSE=process-stopped HOST=b

setup() {
	net_two_hosts
	receive reader b raw-recv --on "$B" --protocol 253 --rcvbuf 20000
	kill -STOP "${LAB_PID[reader]}"
}

run_fault() {
	send sender a raw --kind protocol --protocol 253 --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$A" --to "$B" \
		--count 1000 --rate 2000
}

lost() {
	sent_minus_received sender reader
}
