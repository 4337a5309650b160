# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A reader that waits for data and reads at once, but whose SO_RCVBUF holds few datagrams: every burst of
# 100 loses most of itself. Sixteen segments at a time arrive without a chance to read in between.
TITLE='UDP bursts overflow a small receive buffer although the reader is quick'
WHERE=socket CAUSE=udp-receive-buffer-full BECAUSE=receive-buffer-small

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B" --rcvbuf 4096
}

run_fault() {
	send sender a udp-send --to "$B" --count 200 --size 16000 --gso 1000 --rate 200 --burst 5
}

lost() {
	sent_minus_received sender reader
}
