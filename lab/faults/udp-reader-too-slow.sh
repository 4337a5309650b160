# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The reader is always running and needs 1 ms per datagram; five times as many arrive.
TITLE='UDP datagrams meet a full buffer because the reader is too slow'
WHERE=socket CAUSE=udp-receive-buffer-full BECAUSE=process-too-slow
HOSTWIDE=cpu

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B" --spin-us 1000
}

run_fault() {
	send sender a udp-send --to "$B" --count 5000 --size 1000 --rate 4500
}

lost() {
	sent_minus_received sender reader
}
