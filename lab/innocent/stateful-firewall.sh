# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A connection is accepted by port, its segments by state; everything else would be dropped.
TITLE='A TCP transfer through a stateful firewall'

setup() {
	net_two_hosts
	in_ns b nft -f - <<-'RULES' || skip "no nftables"
		table inet lab {
			chain input {
				type filter hook input priority 0; policy drop;
				ct state established,related counter accept
				ct state invalid counter drop
				tcp dport 7000 ct state new counter accept
			}
		}
	RULES
	receive listener b tcp-listen --on "$B"
}

run_fault() {
	send client a tcp-connect --to "$B" --count 4 --bytes 5000000
}
