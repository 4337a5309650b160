# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# No shaper: the device itself is slow. The peer takes packets in a NAPI thread which gets no CPU for half a
# second; the ring of veth (256) fills, the device queue stops (drivers/net/veth.c: veth_xmit), the
# pfifo above it fills to its limit of 100 and drops the rest. Forty senders, because the queued packets of one
# would fill its send buffer and make it wait instead.
TITLE='A pfifo drops because the device below it takes no packets for a while'
FAMILIES=4 WHERE=qdisc CAUSE=qdisc-queue-full
HOSTWIDE=cpu NEEDS=backlog

setup() {
	net_two_hosts
	in_ns a ethtool -K a0 gro on >/dev/null 2>&1 || skip "veth without GRO"
	# Only packets of a device without TSO take the way through the ring (veth_skb_is_eligible_for_gro).
	in_ns b ethtool -K b0 tso off >/dev/null 2>&1 || skip "veth without TSO"
	in_ns a bash -c 'echo 1 >/sys/class/net/a0/threaded' || skip "no threaded NAPI"
	in_ns b tc qdisc add dev b0 root pfifo limit 100
	local thread threads
	threads=$(pgrep '^napi/a0-') || skip "the NAPI thread is not seen from this PID namespace"
	for thread in $threads; do
		taskset --cpu-list --pid 1 "$thread" >/dev/null || skip "cannot place the NAPI thread"
		chrt --idle --pid 0 "$thread" || skip "cannot put the NAPI thread last"
	done
	receive reader a udp-recv --on "$A" --rcvbuf 4000000
}

run_fault() {
	receive hog b spin --cpu 1 --timeout-ms 600
	PIN=0 send_within 550 sender b udp-send --to "$A" --sports 40 --count 4000 --size 500 --rate 10000
	wait "${LAB_PID[hog]}"
	sleep 0.1
}

lost() {
	sent_minus_received sender reader
}
