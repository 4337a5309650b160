# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The reader needs 50 microseconds of CPU per datagram, far less than there is time for, but its cgroup
# allows it 3 ms in every 100 ms.
TITLE='UDP datagrams meet a full buffer because the reader is throttled by its cgroup'
WHERE=socket CAUSE=udp-receive-buffer-full BECAUSE=process-cpu-starved

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B" --spin-us 50
	CGROUP=$(cgroup_cpu_add 3000 100000) || exit
	cgroup_write "$CGROUP/cgroup.procs" "${LAB_PID[reader]}"
}

run_fault() {
	send sender a udp-send --to "$B" --count 5000 --size 1000 --rate 5000
}

lost() {
	cgroup_free "$CGROUP"
	sent_minus_received sender reader
}
