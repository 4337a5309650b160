# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# SYNs to an open port whose TCP checksum is wrong. By construction none of them can count.
TITLE='TCP segments arrive with a wrong checksum'
WHERE=transport CAUSE=tcp-checksum-error

setup() {
	net_two_hosts
	receive listener b tcp-listen --on "$B"
}

run_fault() {
	send sender a raw --kind syn --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$A" --sport 4000 \
		--to "$B" --broken transport --count 1000 --rate 2000
}

lost() {
	result sender sent
}
