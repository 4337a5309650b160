# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# As udp-reader-stopped, where systemd started the reader: in the control group of a service, and in no container.
TITLE='A reader of a systemd service is stopped, and the report names the service'
WHERE=socket CAUSE=udp-receive-buffer-full BECAUSE=process-stopped
OBJECT='.service == "wd-lab-reader.service" and .cgroup == "/system.slice/wd-lab-reader.service" and .container == null'
SHOWS='\(lab-traffic, pid [0-9]+, wd-lab-reader\.service\)'
HIDES='container'

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B"
	CGROUP=$(cgroup_add /system.slice/wd-lab-reader.service) || exit
	cgroup_write "$CGROUP/cgroup.procs" "${LAB_PID[reader]}"
	kill -STOP "${LAB_PID[reader]}"
}

run_fault() {
	send sender a udp-send --to "$B" --count 2000 --size 1000 --rate 4000
}

lost() {
	sent_minus_received sender reader
}
