# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A server closes connections that still send to it: it resets them and discards what comes. Whether a segment still arrives after the
# reset, and is dropped as belonging to a closed connection, depends on timing.
TITLE='A server closes connections with unread data'
FAMILIES=4 EXPECT_INNOCENT=unread-at-close

setup() {
	net_two_hosts
	receive listener b tcp-listen --on "$B" --mode unread
}

run_fault() {
	send client a tcp-connect --to "$B" --count 10 --bytes 200000
}
