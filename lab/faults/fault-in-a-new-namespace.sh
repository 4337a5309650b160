# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The sick host is born within the window: all that it loses is of the window.
TITLE='A reader stops in a namespace that is made within the window'
WHERE=socket CAUSE=udp-receive-buffer-full BECAUSE=process-stopped HOST=c1

setup() {
	net_two_hosts
}

run_fault() {
	churn_add 1
	receive reader c1 udp-recv --on "$(churn_address 1)" --rcvbuf 20000
	kill -STOP "${LAB_PID[reader]}"
	send sender d1 udp-send --to "$(churn_address 1)" --count 1500 --size 1000 --rate 3000
}

lost() {
	sent_minus_received sender reader
}
