# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Fifty namespaces on a bridge, all of them at work.
TITLE='Fifty namespaces with clean traffic'
NEEDS='backlog neighbours' LASTS=6

setup() {
	net_fifty
}

run_fault() {
	fifty_start 10000 12500
	fifty_wait
}

lost() {
	fifty_arrived
}
