# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A router on the path lets only small packets through and says nothing. Only the sender is watched: for it the router is
# somebody else's. How often it sends again before the window ends is up to its timers. The end of the request is small.
TITLE='A router swallows full-size segments without a word'
PROVEN=no WHERE=path CAUSE=pmtu-blackhole LOOKS_LIKE='remote-loss peer-not-answering'

setup() {
	net_router
	in_ns r nft -f - <<-RULES || skip "no nftables"
		table inet lab {
			chain forward {
				type filter hook forward priority 0
				meta length > 1200 drop
			}
		}
	RULES
	NETNS_ARG="--netns $(ns a)"
	receive listener b tcp-listen --on "$B"
}

run_fault() {
	start sender a "$LAB_TRAFFIC" tcp-connect --to "$B" --bytes 14000 --timeout-ms 60000
	sleep 1.2
}

lost() {
	:
}
