# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A program that listens for changes of addresses is stopped, while two thousand are made. What its socket holds it prints later.
TITLE='A listener to the kernel misses messages about addresses'
FAMILIES=4 WHERE=socket CAUSE=netlink-overrun BECAUSE=process-stopped

setup() {
	net_two_hosts
	changes_listen
	kill -STOP "${LAB_PID[listener]}"
}

run_fault() {
	changes_make
}

lost() {
	changes_missed
}
