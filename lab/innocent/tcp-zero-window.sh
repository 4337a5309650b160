# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A reader that does not read stops its sender (zero window): a stall, and not one segment is lost.
TITLE='A TCP sender is stopped by a closed window'
FAMILIES=4 EXPECT_INNOCENT=tcp-zero-window

setup() {
	net_two_hosts
	receive listener b tcp-listen --on "$B" --mode hold
}

run_fault() {
	send client a tcp-connect --to "$B" --bytes 20000000 --timeout-ms 500
}
