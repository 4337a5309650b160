# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Two acknowledgements wait, and go on together. Hearing nothing, the sender asks with its last segment whether it arrived;
# it had, and the second acknowledgement says so.
TITLE='A last segment sent once more'
FAMILIES=4 EXPECT_INNOCENT='tail-loss-probe spurious-retransmission' LOOKS_LIKE=remote-loss

setup() {
	net_two_hosts
	in_ns a iptables-legacy -A INPUT -p tcp --tcp-flags SYN,FIN,RST,ACK ACK -j NFQUEUE --queue-num 0 ||
		skip "no nfqueue in this kernel"
	receive waiting a queue --count 2
	receive listener b tcp-listen --on "$B" --mode hold
}

run_fault() {
	send client a tcp-connect --to "$B" --count 1 --bytes 100
	sleep 0.8
}
