# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A bulk transfer over an undisturbed link. When the scheduler moves the sender to the other CPU, veth reorders: some
# segments are sent twice without need (RetransSegs, all of them answered by DSACK), none is lost.
TITLE='A TCP bulk transfer without loss'
NEEDS=cpu

setup() {
	net_two_hosts
	receive listener b tcp-listen --on "$B"
}

run_fault() {
	send client a tcp-connect --to "$B" --count 4 --bytes 30000000
}
