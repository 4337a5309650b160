# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Three of ten, on the way out: the application sees no error, because the device's egress hook drops.
TITLE='A tc filter drops 30 % of what a host sends'
WHERE=filter CAUSE=tc-drop PATTERN=steady

setup() {
	net_two_hosts
	local at=34
	((FAMILY == 4)) || at=54
	in_ns b tc qdisc add dev b0 clsact || skip "no clsact"
	# ldh [source port]; jlt #4003 (not jge); ret #2 (TC_ACT_SHOT); ret #-1 (TC_ACT_UNSPEC)
	in_ns b tc filter add dev b0 egress bpf direct-action \
		bytecode "4,40 0 0 $at,53 1 0 4003,6 0 0 2,6 0 0 4294967295" || skip "no BPF classifier"
	receive reader a udp-recv --on "$A" --rcvbuf 4000000
}

run_fault() {
	send sender b udp-send --to "$A" --sport 4000 --sports 10 --count 4000 --rate 3600
}

lost() {
	finish reader
	echo $((4000 - $(result reader received)))
}
