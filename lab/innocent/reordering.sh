# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Every fourth packet overtakes the others, which wait ten milliseconds: segments arrive in another order, and none is lost.
TITLE='Segments that overtake each other'
EXPECT_INNOCENT=reordering LOOKS_LIKE=remote-loss

setup() {
	net_two_hosts
	in_ns a tc qdisc replace dev a0 root netem delay 10ms reorder 25% limit 10000 || skip "no netem"
	in_ns a ethtool -K a0 tso off gso off >/dev/null 2>&1
	receive listener b tcp-listen --on "$B"
}

run_fault() {
	send client a tcp-connect --to "$B" --count 2 --bytes 2000000
}
