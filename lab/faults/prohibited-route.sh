# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A prohibit route drops and answers (communication administratively prohibited).
TITLE='A prohibit route on a router takes the packets'
WHERE=routing CAUSE=unreachable-route

setup() {
	net_router
	in_ns r ip route add default via "$B"
	local network=10.77.9.0/24
	((FAMILY == 4)) || network=fd00:77:9::/64
	in_ns r ip route add prohibit "$network"
}

run_fault() {
	send sender a udp-send --to "$(address 9 9)" --count 1000 --rate 1500
}

lost() {
	result sender sent
}
