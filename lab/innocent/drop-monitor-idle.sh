# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The kernel's own drop monitor is loaded, and nobody asked it to watch.
TITLE='drop_monitor is loaded and not in use'
FAMILIES=4

setup() {
	net_two_hosts
	if [[ ! -d /sys/module/drop_monitor ]]; then
		undo modprobe -r drop_monitor
		modprobe drop_monitor 2>/dev/null || skip "no drop_monitor"
	fi
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a udp-send --to "$B" --count 1000 --rate 1500
}

lost() {
	sent_minus_received sender reader
}
