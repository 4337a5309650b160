# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# As udp-reader-stopped, in what Docker makes of a container on a host with systemd: a namespace and a scope of its own.
TITLE='A reader in a container is stopped, and the report names the container'
WHERE=socket CAUSE=udp-receive-buffer-full BECAUSE=process-stopped
ID=5ca1ab1e0ddba11cafe0123456789abcdef5ca1ab1e0ddba11cafe0123456789
OBJECT='.container == "5ca1ab1e0ddb" and (.cgroup | endswith("docker-'$ID'.scope")) and .service == null'
SHOWS='loses packets in container 5ca1ab1e0ddb \(socket\)
receive buffer of udp [^ ]+ \(lab-traffic, pid [0-9]+, container 5ca1ab1e0ddb\)'
HIDES='\.service'

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B"
	CGROUP=$(cgroup_add "/system.slice/docker-$ID.scope") || exit
	cgroup_write "$CGROUP/cgroup.procs" "${LAB_PID[reader]}"
	kill -STOP "${LAB_PID[reader]}"
}

run_fault() {
	send sender a udp-send --to "$B" --count 2000 --size 1000 --rate 4000
}

lost() {
	sent_minus_received sender reader
}
