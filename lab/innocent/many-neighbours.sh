# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Many neighbours are resolved and the table has room.
TITLE='Many neighbours are resolved'
NEEDS=neighbours

# The last part of an address: decimal in IPv4, hexadecimal in IPv6.
host_number() {
	if ((FAMILY == 4)); then echo "$1"; else printf '%x\n' "$1"; fi
}

setup() {
	net_two_hosts
	in_ns a ip neigh del "$B" dev a0
	local number
	for number in {16..75}; do
		address_add b b0 1 "$(host_number "$number")"
	done
	net_settle
	receive reader b udp-recv --on "$([[ $FAMILY == 4 ]] && echo 0.0.0.0 || echo ::)"
}

run_fault() {
	send sender a udp-send --to "$(address 1 "$(host_number 16)")" --targets 60 --count 1200 --rate 1500
}

lost() {
	sent_minus_received sender reader
}
