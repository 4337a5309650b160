# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A server closes each connection at once, and its client goes on sending for a moment.
TITLE='Data for connections that were closed'
EXPECT_INNOCENT=closed-connection LOOKS_LIKE='remote-loss tcp-sequence-reject'

setup() {
	net_two_hosts
	receive listener b tcp-listen --on "$B" --mode close
}

run_fault() {
	send client a tcp-connect --to "$B" --count 100 --bytes 3000 --rate 200 --sleep-us 2000
}
