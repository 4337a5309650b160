# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The same changes and a listener that reads them.
TITLE='A listener to the kernel reads two thousand messages about addresses'
FAMILIES=4

setup() {
	net_two_hosts
	changes_listen
}

run_fault() {
	changes_make
}

lost() {
	changes_missed
}
