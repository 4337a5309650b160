# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The checksum of the IP header is wrong (IPv6 has none).
TITLE='Packets arrive with a wrong IP header checksum'
WHERE=ip CAUSE=ip-header-error FAMILIES=4

setup() {
	net_two_hosts
}

run_fault() {
	send sender a raw --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$A" --sport 4000 --to "$B" \
		--broken ip --count 1000 --rate 2000
}

lost() {
	result sender sent
}
