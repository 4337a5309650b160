# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# SYNs whose header claims to be shorter than a header is.
TITLE='TCP segments with a broken header'
WHERE=transport CAUSE=tcp-header-error LOOKS_LIKE=tcp-checksum-error HOST=b

setup() {
	net_two_hosts
	receive listener b tcp-listen --on "$B"
}

run_fault() {
	send sender a raw --kind syn --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$A" --sport 4000 \
		--to "$B" --broken header --count 600 --rate 2000
}

lost() {
	result sender sent
}
