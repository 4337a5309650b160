# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Namespaces, their interfaces and their processes come, do their work and go, while the others work on.
TITLE='Namespaces and interfaces come and go with clean traffic'
NEEDS=backlog

setup() {
	net_two_hosts
	crowd_receive b "$B"
}

run_fault() {
	crowd_start a "$B" 9000 10000
	churn 3 300
	crowd_wait
}

lost() {
	crowd_arrived
	churn_arrived 3
}
