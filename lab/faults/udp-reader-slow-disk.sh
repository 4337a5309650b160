# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The reader waits for fdatasync() after each datagram, on a disk limited to 40 writes per second by the
# blkio cgroup: state D most of the time, yet it makes progress.
TITLE='UDP datagrams meet a full buffer because the reader writes to a slow disk'
FAMILIES=6 WHERE=socket CAUSE=udp-receive-buffer-full BECAUSE=process-blocked-on-disk

setup() {
	net_two_hosts
	DISK=$(disk_add) || exit
	receive reader b udp-recv --on "$B" --file "$DISK/data" --rcvbuf 100000
	disk_slow "$DISK" 40 "${LAB_PID[reader]}"
}

run_fault() {
	send sender a udp-send --to "$B" --count 2000 --size 1000 --rate 2000
}

lost() {
	sent_minus_received sender reader
}
