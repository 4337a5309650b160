# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A BPF program of the sender's control group lets nothing out, and sendto() fails with EPERM. Another sender beside it, in
# no such group, is left alone.
TITLE='A BPF program of its control group drops what a program sends'
WHERE=filter CAUSE=cgroup-bpf-drop PROVEN=no
LOOKS_LIKE='firewall-rule-drop silent-ip-drop'

setup() {
	net_two_hosts
	CGROUP=$(cgroup_add "/$LAB_PREFIX-refused") || exit
	receive reader b udp-recv --on "$B"
	start filter a "$LAB_TRAFFIC" refuse --file /proc/self/fd/8 8<"$CGROUP" # `ip netns exec` hides its path
	(await_ready filter) || skip "no BPF program can be attached to a control group"
}

run_fault() {
	bash -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' - "$CGROUP" \
		ip netns exec "$(ns a)" "$LAB_TRAFFIC" udp-send --to "$B" --count 700 --rate 1500 >"$LAB_STATE/sender.out"
	send other a udp-send --to "$B" --count 700 --rate 2500
}

lost() {
	result sender failed
}
