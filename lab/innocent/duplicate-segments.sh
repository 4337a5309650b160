# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The network delivers one packet in five twice.
TITLE='Segments arrive twice'
FAMILIES=4 EXPECT_INNOCENT=duplicate-segments LOOKS_LIKE='tcp-sequence-reject paws-reject'

setup() {
	net_two_hosts
	in_ns b tc qdisc add dev b0 root netem duplicate 20% || skip "no netem"
	receive listener a tcp-listen --on "$A"
}

run_fault() {
	send client b tcp-connect --to "$A" --bytes 2000000 --timeout-ms 5000
}
