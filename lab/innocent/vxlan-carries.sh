# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The traffic of the faults vxlan-other-network and vxlan-no-remote between two ends that fit.
TITLE='A VXLAN carries what it is given'
FAMILIES=4 LOOKS_LIKE='tunnel-drop overlay-mtu-mismatch'

setup() {
	net_two_hosts
	tunnel_add vxlan id 77 dstport 4789
	receive reader b udp-recv --on "$TB"
}

run_fault() {
	send sender a udp-send --to "$TB" --count 500 --rate 1000
}

lost() {
	sent_minus_received sender reader
}
