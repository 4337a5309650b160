# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# IP protocol 253 is for experiments: nobody handles it.
TITLE='Packets arrive with an IP protocol that nobody handles'
WHERE=ip CAUSE=unknown-ip-protocol

setup() {
	net_two_hosts
}

run_fault() {
	send sender a raw --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$A" --to "$B" \
		--kind protocol --protocol 253 --count 1000 --rate 2000
}

lost() {
	result sender sent
}
