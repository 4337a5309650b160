# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# SYNs from a network that the listener has no route back to: none of its queues is full, and it cannot answer.
TITLE='Connection requests that have no way back'
WHERE=routing CAUSE=no-route LOOKS_LIKE='syn-queue-overflow tcp-accept-queue-full syn-refused' HOST=b

setup() {
	net_two_hosts
	receive listener b tcp-listen --on "$B"
}

run_fault() {
	send sender a raw --kind syn --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$(address 99 1)" --sport 4000 \
		--sports 200 --to "$B" --count 600 --rate 1000
}

lost() {
	result sender sent
}
