# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# First fragments whose rest never comes, more than the memory for them holds.
TITLE='A flood of fragments'
WHERE=ip CAUSE=fragment-reassembly-failed BECAUSE='fragment-memory-full fragment-flood' LOOKS_LIKE=packet-flood
NEEDS=backlog

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
	sleep 0.5
	send_within 1300 flood a raw --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$(address 1 50)" --sport 4000 \
		--to "$B" --kind fragment --size 1400 --count 7000 --rate 10000
}

lost() {
	result flood sent
}
