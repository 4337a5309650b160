# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# An XDP program drops what goes to one port, before the stack sees it: generic XDP, which no counter of the device tells.
TITLE='An XDP program drops datagrams as they enter'
WHERE=filter CAUSE=xdp-drop HOST=b

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B"
	receive filter b xdp --dev b0
}

run_fault() {
	send sender a udp-send --to "$B" --count 1500 --rate 3000
}

lost() {
	sent_minus_received sender reader
}
