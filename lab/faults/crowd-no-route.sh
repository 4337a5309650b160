# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A router forwards 30000 datagrams per second and has no route for a few others.
TITLE='A router lacks a route for a few packets beside heavy clean traffic'
WHERE=routing CAUSE=no-route HOST=r
NEEDS='backlog cpu'

setup() {
	net_router
	crowd_receive b "$B"
}

run_fault() {
	crowd_start a "$B" 30000 30000
	send sender a udp-send --to "$(address 9 9)" --count 200 --rate 250
	crowd_wait
}

# Nothing that has no route can arrive.
lost() {
	crowd_arrived
	result sender sent
}
