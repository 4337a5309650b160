# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A program has stopped to accept at its unix socket: others must wait for it. Nothing of it is a packet of the network.
TITLE='A unix socket at which nobody accepts'
FAMILIES=4 EXPECT_INNOCENT=unix-accept-queue-full

setup() {
	net_two_hosts
	undo rm -f "$LAB_STATE/socket"
	receive listener b unix-listen --file "$LAB_STATE/socket" --backlog 10
}

run_fault() {
	start clients b "$LAB_TRAFFIC" unix-connect --file "$LAB_STATE/socket" --count 60 --rate 60
	sleep 1.1
}
