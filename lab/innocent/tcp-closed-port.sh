# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A few connections to a port on which nobody listens: each is answered by a reset.
TITLE='A few connections are refused'
EXPECT_INNOCENT=refused-connection

setup() {
	net_two_hosts
}

run_fault() {
	send client a tcp-connect --to "$B" --port 9 --count 10
}
