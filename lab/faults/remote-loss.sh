# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A router that the diagnosis cannot see drops one in 50 of the segments from a to b; only a is diagnosed, where nothing
# is dropped. How many were lost cannot be said from there: tail-loss probes and early retransmissions blur it.
TITLE='A bulk transfer is retransmitted because a router on the way drops'
PROVEN=no WHERE=path CAUSE=remote-loss

setup() {
	net_router
	in_ns r nft -f - <<-'RULES' || skip "no nftables"
		table inet lab {
			chain forward {
				type filter hook forward priority 0
				iifname "ra" meta length > 500 numgen inc mod 50 == 0 drop
			}
		}
	RULES
	# Segments of one packet each, so that one drop is one segment.
	in_ns a ethtool -K a0 tso off gso off >/dev/null 2>&1
	receive listener b tcp-listen --on "$B"
	NETNS_ARG="--netns $(ns a)"
}

run_fault() {
	send client a tcp-connect --to "$B" --count 4 --bytes 2000000
}

lost() {
	:
}
