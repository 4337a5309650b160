# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Datagrams of one flow, many in every millisecond, beside bulk transfers: all that the machine can do without losing any.
TITLE='Heavy clean load: 30000 datagrams and four bulk transfers in a second'
NEEDS='backlog cpu'

setup() {
	net_two_hosts
	crowd_receive b "$B"
	receive listener b tcp-listen --on "$B"
}

run_fault() {
	crowd_start a "$B" 30000 30000
	send client a tcp-connect --to "$B" --count 4 --bytes 10000000
	crowd_wait
}

lost() {
	crowd_arrived
	echo 0
}
