# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The same program as in xdp-drop, and it lets all pass.
TITLE='An XDP program that drops nothing'
LOOKS_LIKE=xdp-drop

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B"
	receive filter b xdp --dev b0 --mode pass
}

run_fault() {
	send sender a udp-send --to "$B" --count 1500 --rate 3000
}

lost() {
	sent_minus_received sender reader
}
