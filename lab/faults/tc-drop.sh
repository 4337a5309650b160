# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A BPF classifier on the ingress side of the device says "shot" (2) for UDP from port 4000.
TITLE='A tc filter drops one of two flows on ingress'
WHERE=filter CAUSE=tc-drop

setup() {
	net_two_hosts
	local at=34
	((FAMILY == 4)) || at=54
	in_ns b tc qdisc add dev b0 clsact || skip "no clsact"
	# ldh [source port]; jeq #4000; ret #2 (TC_ACT_SHOT); ret #-1 (TC_ACT_UNSPEC)
	in_ns b tc filter add dev b0 ingress bpf direct-action \
		bytecode "4,40 0 0 $at,21 0 1 4000,6 0 0 2,6 0 0 4294967295" || skip "no BPF classifier"
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a udp-send --to "$B" --sport 4000 --sports 2 --count 2000 --rate 2500
}

lost() {
	sent_minus_received sender reader
}
