# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A tc filter drops a flow of datagrams, and a listener that is stopped lets connections fail beside it.
TITLE='A tc filter drops datagrams and a stopped listener connections at the same time'
WHERE=filter CAUSE=tc-drop ALSO=socket/tcp-accept-queue-full

setup() {
	net_two_hosts
	local at=34
	((FAMILY == 4)) || at=54
	in_ns b tc qdisc add dev b0 clsact || skip "no clsact"
	# ldh [source port]; jeq #4000; ret #2 (TC_ACT_SHOT); ret #-1 (TC_ACT_UNSPEC)
	in_ns b tc filter add dev b0 ingress bpf direct-action \
		bytecode "4,40 0 0 $at,21 0 1 4000,6 0 0 2,6 0 0 4294967295" || skip "no BPF classifier"
	receive reader b udp-recv --on "$B"
	receive listener b tcp-listen --on "$B" --backlog 16
	kill -STOP "${LAB_PID[listener]}"
}

run_fault() {
	start sender a "$LAB_TRAFFIC" udp-send --to "$B" --sport 4000 --sports 2 --count 2000 --rate 2500
	send client a tcp-connect --to "$B" --count 60 --timeout-ms 15
	wait "${LAB_PID[sender]}"
}

lost() {
	sent_minus_received sender reader
}

also_lost() {
	result client failed
}
