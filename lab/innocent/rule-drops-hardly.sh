# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# One in 2000: less than a firewall is there for.
TITLE='A firewall rule drops 0.05 % of the traffic'
EXPECT_INNOCENT=firewall-rule-drop
NEEDS=backlog

setup() {
	net_two_hosts
	in_ns b nft -f - <<-'RULES' || skip "no nftables"
		table inet lab {
			chain input {
				type filter hook input priority 0
				udp dport 7000 numgen inc mod 2000 == 0 counter drop
			}
		}
	RULES
	receive reader b udp-recv --on "$B" --rcvbuf 16000000
}

run_fault() {
	send sender a udp-send --to "$B" --count 30000 --size 200 --rate 30000 --burst 10
}

# But for those fifteen.
lost() {
	echo $(($(sent_minus_received sender reader) - 30000 / 2000))
}
