# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# As firewall-rule-drop-uncounted, in what Kubernetes and containerd make of a pod: the report has the rule's text and the
# container whose namespace it is in.
TITLE='A rule without a counter drops in a container, and the report has its text'
WHERE=filter CAUSE=firewall-rule-drop
ID=0ff1ce5ca1ab1e0ddba11cafe0123456789abcdef5ca1ab1e0ddba11cafe0123
OBJECT='.container == "0ff1ce5ca1ab" and .rule == "udp sport 4000 drop"'
SHOWS='rule udp sport 4000 drop
loses packets in container 0ff1ce5ca1ab \(filter\)'

setup() {
	net_two_hosts
	in_ns b nft -f - <<-RULES || skip "no nftables"
		table inet lab {
			chain input {
				type filter hook input priority 0
				udp sport 4000 drop
			}
		}
	RULES
	receive reader b udp-recv --on "$B"
	CGROUP=$(cgroup_add "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod12_34.slice/cri-containerd-$ID.scope") ||
		exit
	cgroup_write "$CGROUP/cgroup.procs" "${LAB_PID[reader]}"
}

run_fault() {
	send sender a udp-send --to "$B" --sport 4000 --sports 2 --count 2000 --rate 2500
}

lost() {
	sent_minus_received sender reader
}
