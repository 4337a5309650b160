# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A rule drops what exceeds 500 packets per second.
TITLE='The rate limit of a firewall drops what exceeds it'
WHERE=filter CAUSE=rate-limit-drop

setup() {
	net_two_hosts
	in_ns b nft -f - <<-RULES || skip "no nftables"
		table inet lab {
			chain input {
				type filter hook input priority 0
				udp dport 7000 limit rate over 500/second burst 20 packets counter drop
			}
		}
	RULES
	receive reader b udp-recv --on "$B"
}

run_fault() {
	send sender a udp-send --to "$B" --count 2500 --rate 2500
}

lost() {
	sent_minus_received sender reader
}
