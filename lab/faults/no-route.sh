# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A router has no route to where the packets go.
TITLE='A router has no route to the destination'
WHERE=routing CAUSE=no-route

setup() {
	net_router
}

run_fault() {
	send sender a udp-send --to "$(address 9 9)" --count 1000 --rate 1500
}

lost() {
	result sender sent
}
