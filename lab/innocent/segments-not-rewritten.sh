# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The same transfer as in paws-reject, and nothing is rewritten.
TITLE='A transfer through a rule that only counts'
LOOKS_LIKE='paws-reject tcp-sequence-reject'

setup() {
	net_two_hosts
	in_ns a nft -f - <<-'RULES' || skip "no nftables"
		table inet lab {
			chain output {
				type filter hook output priority 0
				tcp dport 7000 meta length > 500 numgen inc mod 20 == 7 counter
			}
		}
	RULES
	# One packet is one segment.
	in_ns a ip link set a0 gso_max_segs 1
	receive listener b tcp-listen --on "$B" --rcvbuf 16777216
}

run_fault() {
	send client a tcp-connect --to "$B" --count 4 --bytes 1000000
}
