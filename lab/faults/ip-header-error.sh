# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# IPv4: the checksum of the header is wrong. IPv6 has none; there a loopback address arrives on a link.
TITLE='Packets arrive with an IP header that cannot be right'
WHERE=ip CAUSE=ip-header-error

setup() {
	net_two_hosts
}

run_fault() {
	local wrong=(--from "$A" --broken ip)
	((FAMILY == 4)) || wrong=(--from ::1)
	send sender a raw --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" "${wrong[@]}" --sport 4000 --to "$B" \
		--count 1000 --rate 2000
}

lost() {
	result sender sent
}
