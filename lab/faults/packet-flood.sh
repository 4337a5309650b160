# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The same with packets of ordinary size.
TITLE='A flood of packets that nobody here speaks'
WHERE=ip CAUSE=unknown-ip-protocol BECAUSE=packet-flood LOOKS_LIKE=small-packet-flood
NEEDS=backlog

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B"
	start chatter a "$LAB_TRAFFIC" udp-send --to "$B" --count 6000 --size 100 --rate 150
}

run_fault() {
	sleep 0.5
	send_within 1200 flood a raw --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$A" --to "$B" \
		--kind protocol --protocol 253 --size 600 --count 13000 --rate 20000
}

lost() {
	result flood sent
}
