# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Beside a service that goes on, datagrams for a closed port come at once. What came before is a level to compare with.
TITLE='A flood of UDP datagrams for a closed port'
WHERE=socket CAUSE=no-listener BECAUSE=udp-flood LOOKS_LIKE='udp-amplification packet-flood'
NEEDS=backlog

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B"
	start chatter a "$LAB_TRAFFIC" udp-send --to "$B" --count 6000 --size 100 --rate 150
}

run_fault() {
	sleep 0.5
	send_within 1300 flood a raw --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$A" --to "$B" --port 9 \
		--sport 2000 --sports 50000 --size 20 --count 7000 --rate 10000
}

lost() {
	result flood sent
}
