# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A program ends with connections in the queue of its unix socket that it never accepted: what was written on them is freed, and
# the kernel's drop events say so of each.
TITLE='A unix socket is closed with messages in it'
FAMILIES=4

setup() {
	net_two_hosts
	undo rm -f "$LAB_STATE/socket"
	receive listener b unix-listen --file "$LAB_STATE/socket" --backlog 100
}

run_fault() {
	send clients b unix-connect --file "$LAB_STATE/socket" --count 80
	vanish listener
}
