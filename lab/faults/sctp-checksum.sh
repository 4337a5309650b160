# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# What arrives says that it is SCTP (132) and is all zeros.
TITLE='SCTP packets arrive with a wrong checksum'
FAMILIES=4 WHERE=transport CAUSE=sctp-checksum-error LOOKS_LIKE='unknown-ip-protocol sctp-packet-discard'

setup() {
	net_two_hosts
	[[ -d /proc/net/sctp ]] || modprobe sctp 2>/dev/null || skip "no SCTP"
}

run_fault() {
	send sender a raw --kind protocol --protocol 132 --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$A" --to "$B" \
		--count 500 --rate 1000
}

lost() {
	result sender sent
}
