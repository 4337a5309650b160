# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A few datagrams to a port on which nobody listens, as a scan sends them; each is answered (port unreachable).
TITLE='A few datagrams meet a closed port'
EXPECT_INNOCENT=refused-connection

setup() {
	net_two_hosts
}

run_fault() {
	send sender a udp-send --to "$B" --port 9 --count 5 --rate 50
}
