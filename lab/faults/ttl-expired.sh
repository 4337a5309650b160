# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Packets arrive at a router with a time to live of 1.
TITLE='Packets reach a router with no time left to live'
WHERE=ip CAUSE=ttl-expired

setup() {
	net_router
}

run_fault() {
	send sender a raw --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_RA" --from "$A" --sport 4000 --to "$B" \
		--ttl 1 --count 1000 --rate 1500
}

lost() {
	result sender sent
}
