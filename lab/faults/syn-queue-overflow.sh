# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A flood of SYNs from sources that never answer, without SYN cookies: the queue takes three quarters of
# tcp_max_syn_backlog and one, every further SYN is dropped (ListenDrops; no event). The SYN-ACKs leave through a
# tun device whose reader takes them all, so that nothing else is lost.
TITLE='A SYN flood fills the SYN queue of a listener without SYN cookies'
WHERE=transport CAUSE=syn-queue-overflow BECAUSE=syn-flood

setup() {
	net_two_hosts
	in_ns b sysctl -qw net.ipv4.tcp_syncookies=0 net.ipv4.tcp_max_syn_backlog=64
	receive sink b tun --dev sink0
	in_ns b ip link set sink0 up
	in_ns b ip route add "$(address 64 0)/$((FAMILY == 4 ? 18 : 48))" dev sink0
	receive listener b tcp-listen --on "$B" --backlog 4096
}

run_fault() {
	send_within 1600 flood a raw --kind syn --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$(address 64 1)" \
		--sources 10000 --to "$B" --sport 1024 --sports 50000 --count 4000 --rate 5000
}

lost() {
	echo $(($(result flood sent) - $(in_ns b ss -Hnt state syn-recv | wc -l)))
}
