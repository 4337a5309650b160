# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A machine on the way swallows all that goes to the peer and says nothing. Only a is diagnosed: its connection requests go out,
# are repeated after one second and after two more, and nobody answers.
TITLE='A peer that does not answer'
PROVEN=no WHERE=path CAUSE=peer-not-answering LOOKS_LIKE=remote-loss LASTS=6

setup() {
	net_router
	in_ns r nft "add table inet lab; add chain inet lab forward { type filter hook forward priority 0; };
		add rule inet lab forward iifname ra drop" || skip "no nftables"
	NETNS_ARG="--netns $(ns a)"
}

run_fault() {
	local number
	for number in {1..20}; do
		start "client$number" a "$LAB_TRAFFIC" tcp-connect --to "$B" --timeout-ms 4500
	done
	sleep 3.5
}

lost() {
	:
}
