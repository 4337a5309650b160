# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# What arrives says that it is SCTP (132) and ends within the header.
TITLE='SCTP packets arrive that are shorter than their header'
FAMILIES=4 WHERE=transport CAUSE=sctp-packet-discard LOOKS_LIKE='unknown-ip-protocol sctp-checksum-error'

setup() {
	net_two_hosts
	[[ -d /proc/net/sctp ]] || modprobe sctp 2>/dev/null || skip "no SCTP"
}

run_fault() {
	send sender a raw --kind protocol --protocol 132 --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$A" --to "$B" \
		--count 500 --rate 1000 --size 4
}

lost() {
	result sender sent
}
