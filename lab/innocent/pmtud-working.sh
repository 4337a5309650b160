# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The first full-size segments are too big for the router; it says so and the sender makes smaller ones.
TITLE='Path MTU discovery as it should be'
EXPECT_INNOCENT=pmtud-working

setup() {
	net_router
	in_ns r ip link set rb mtu 1300
	receive listener b tcp-listen --on "$B"
}

run_fault() {
	send client a tcp-connect --to "$B" --bytes 5000000
}
