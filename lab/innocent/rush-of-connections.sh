# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A few connections, then a thousand in a moment, and every one is served.
TITLE='A rush of new TCP connections that are all served'

setup() {
	net_two_hosts
	receive listener b tcp-listen --on "$B" --backlog 1024
}

run_fault() {
	send few a tcp-connect --to "$B" --count 20 --rate 50 --bytes 1000
	start other a "$LAB_TRAFFIC" tcp-connect --to "$B" --count 500 --rate 1500 --bytes 1000
	send many a tcp-connect --to "$B" --count 500 --rate 1500 --bytes 1000
	wait "${LAB_PID[other]}"
}

lost() {
	echo $(($(result few failed) + $(result many failed) + $(result other failed)))
}
