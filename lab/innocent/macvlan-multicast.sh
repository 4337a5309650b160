# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The traffic of the fault macvlan-too-long to a macvlan whose MTU fits.
TITLE='A macvlan takes the multicast of its neighbour'
FAMILIES=4 LOOKS_LIKE='macvlan-filter crc-errors rx-drop'

setup() {
	net_macvlans
	receive reader b udp-recv --group 239.1.2.3 --on 239.1.2.3
}

run_fault() {
	send sender a udp-send --to 239.1.2.3 --count 300 --size 1200 --rate 500
}

lost() {
	sent_minus_received sender reader
}
