# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The listener accepts everything there is five times a second and is idle between: a backlog of 2 cannot
# bridge 200 ms. Each failed connection is one lost SYN.
TITLE='Connections are refused because the backlog of listen() is small'
FAMILIES=6 WHERE=socket CAUSE=tcp-accept-queue-full BECAUSE=accept-backlog-small

setup() {
	net_two_hosts
	receive listener b tcp-listen --on "$B" --backlog 2 --mode batch --sleep-us 200000
}

run_fault() {
	send client a tcp-connect --to "$B" --count 60 --timeout-ms 15
}

lost() {
	result client failed
}
