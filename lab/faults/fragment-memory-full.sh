# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The memory for fragments is small and full of datagrams that wait for their rest.
TITLE='Fragments meet a full reassembly memory'
WHERE=ip CAUSE=fragment-reassembly-failed BECAUSE=fragment-memory-full

setup() {
	net_two_hosts
	local key=net.ipv4.ipfrag
	((FAMILY == 4)) || key=net.ipv6.ip6frag
	in_ns b sysctl -qw ${key}_low_thresh=1 ${key}_high_thresh=100000
	# Fills the memory before the window.
	send filler a raw --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$A" --sport 4000 --to "$B" \
		--kind fragment --size 1400 --count 200 --protocol 200
}

run_fault() {
	send sender a raw --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$(address 1 50)" --sport 4000 \
		--to "$B" --kind fragment --size 1400 --count 1000 --rate 2000
}

lost() {
	result sender sent
}
