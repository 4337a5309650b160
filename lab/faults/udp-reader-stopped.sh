# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The reader of a UDP socket is stopped (SIGSTOP): its buffer fills and the rest is dropped.
TITLE='UDP datagrams meet a full buffer because the reader is stopped'
WHERE=socket CAUSE=udp-receive-buffer-full BECAUSE=process-stopped
# In no container and no service; see container-reader-stopped and service-reader-stopped.
OBJECT='.container == null and .service == null'
HIDES='container [0-9a-f]
\.service'

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B"
	kill -STOP "${LAB_PID[reader]}"
}

run_fault() {
	send sender a udp-send --to "$B" --count 2000 --size 1000 --rate 4000
}

lost() {
	sent_minus_received sender reader
}
