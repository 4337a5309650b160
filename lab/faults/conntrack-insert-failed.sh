# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A router hands packets to a user-space program (an intrusion prevention system, say) that lets them wait. The first
# packets of one flow wait side by side, none of them in the connection table yet; then the first is entered and
# the others, which believe to be the first too, are refused. UDP settles such a clash, ICMP does not.
TITLE='First packets of one flow that waited together are refused by connection tracking'
WHERE=filter CAUSE=conntrack-insert-failed
NEEDS=conntrack

setup() {
	local tool=iptables-legacy
	((FAMILY == 4)) || tool=ip6tables-legacy
	command -v $tool >/dev/null || skip "no $tool"
	command -v ping >/dev/null || skip "no ping"
	net_router
	in_ns r $tool -t mangle -A FORWARD -i ra -m conntrack --ctstate NEW -j NFQUEUE --queue-num 0 ||
		skip "no nfqueue in this kernel"
	receive queue r queue --count 200
}

run_fault() {
	in_ns a ping -q -n -l 200 -c 200 -W 0.2 "$B" >"$LAB_STATE/ping"
	grep -q '200 packets transmitted' "$LAB_STATE/ping"
}

lost() {
	sed -n 's/^\([0-9]*\) packets transmitted, \([0-9]*\) received.*/\1 \2/p' "$LAB_STATE/ping" |
		{ read -r sent received && echo $((sent - received)); }
}
