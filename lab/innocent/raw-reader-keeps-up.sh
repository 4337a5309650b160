# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The same socket and packets as in raw-reader-stopped, and somebody reads them.
TITLE='A raw socket whose reader keeps up'
LOOKS_LIKE='raw-receive-buffer-full unknown-ip-protocol'

setup() {
	net_two_hosts
	receive reader b raw-recv --on "$B" --protocol 253 --rcvbuf 200000
}

run_fault() {
	send sender a raw --kind protocol --protocol 253 --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$A" --to "$B" \
		--count 1000 --rate 2000
}

lost() {
	sent_minus_received sender reader
}
