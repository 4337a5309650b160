# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The traffic of the faults gre-other-key and gre-without-checksum with the same key and checksums at both ends.
TITLE='A GRE tunnel with a key and checksums'
FAMILIES=4 LOOKS_LIKE='tunnel-drop crc-errors'

setup() {
	net_two_hosts
	tunnel_add gre ttl 64 key 1 csum
	receive reader b udp-recv --on "$TB"
}

run_fault() {
	send sender a udp-send --to "$TB" --count 500 --rate 1000
}

lost() {
	sent_minus_received sender reader
}
