# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The listener is stopped. Backlog 16 takes 17 connections; each further SYN is dropped, and the client gives
# up before it would send it again, so every failed connection is one lost SYN. No drop event is raised.
TITLE='Connections are refused because the listening process is stopped'
WHERE=socket CAUSE=tcp-accept-queue-full BECAUSE=process-stopped

setup() {
	net_two_hosts
	receive listener b tcp-listen --on "$B" --backlog 16
	kill -STOP "${LAB_PID[listener]}"
}

run_fault() {
	send client a tcp-connect --to "$B" --count 60 --timeout-ms 15
}

lost() {
	result client failed
}
