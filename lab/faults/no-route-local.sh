# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The sender has no route; its sendto() fails with ENETUNREACH.
TITLE='The sender has no route to the destination'
WHERE=routing CAUSE=no-route

setup() {
	net_two_hosts
}

run_fault() {
	send sender a udp-send --to "$(address 9 9)" --count 1000 --rate 1500
}

lost() {
	result sender failed
}
