# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A router that the diagnosis cannot see drops one in 18 of the pings from a to b; only a is diagnosed, where nothing is
# dropped and no connection tells of it.
TITLE='Some pings stay unanswered because a router on the way drops them'
PROVEN=no WHERE=path CAUSE=remote-loss

setup() {
	net_router
	in_ns r nft -f - <<-'RULES' || skip "no nftables"
		table inet lab {
			chain forward {
				type filter hook forward priority 0
				icmp type echo-request numgen inc mod 18 == 0 drop
				icmpv6 type echo-request numgen inc mod 18 == 0 drop
			}
		}
	RULES
	NETNS_ARG="--netns $(ns a)"
}

run_fault() {
	in_ns a ping -q -i 0.002 -c 360 "$B" >"$LAB_STATE/ping.out"
}

lost() {
	sed -n 's/^\([0-9]*\) packets transmitted, \([0-9]*\) received.*/\1 \2/p' "$LAB_STATE/ping.out" |
		{ read -r sent received && echo $((sent - received)); }
}
