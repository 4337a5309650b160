# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The reader writes each datagram to a disk that does not answer: its file system is frozen, so the write
# waits in state D (__sb_start_write) until it is thawed.
TITLE='UDP datagrams meet a full buffer because the reader waits for its disk'
WHERE=socket CAUSE=udp-receive-buffer-full BECAUSE=process-blocked-on-disk

setup() {
	net_two_hosts
	DISK=$(disk_add) || exit
	receive reader b udp-recv --on "$B" --file "$DISK/data"
	undo fsfreeze --unfreeze "$DISK"
	fsfreeze --freeze "$DISK" || skip "cannot freeze a file system"
}

run_fault() {
	send sender a udp-send --to "$B" --count 2000 --size 1000 --rate 3000
}

lost() {
	fsfreeze --unfreeze "$DISK"
	sent_minus_received sender reader
}
