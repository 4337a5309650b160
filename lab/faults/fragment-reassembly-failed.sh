# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The second half of every datagram is missing.
TITLE='Fragments wait in vain for the rest of their datagrams'
WHERE=ip CAUSE=fragment-reassembly-failed BECAUSE=fragments-missing

setup() {
	net_two_hosts
	local key=net.ipv4.ipfrag_time
	((FAMILY == 4)) || key=net.ipv6.ip6frag_time
	in_ns b sysctl -qw $key=1
}

run_fault() {
	send sender a raw --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$A" --sport 4000 --to "$B" \
		--kind fragment --size 1400 --count 300 --rate 3000
	sleep 1.1
}

lost() {
	result sender sent
}
