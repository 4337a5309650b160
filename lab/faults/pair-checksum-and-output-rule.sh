# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# What comes in is damaged, and what goes out is refused: two domains, two directions, one host.
TITLE='Broken datagrams come in while a rule refuses what goes out'
WHERE=transport CAUSE=udp-checksum-error ALSO=filter/firewall-rule-drop

setup() {
	net_two_hosts
	in_ns b nft -f - <<-RULES || skip "no nftables"
		table inet lab {
			chain output {
				type filter hook output priority 0
				udp sport 4000 counter drop
			}
		}
	RULES
	receive reader b udp-recv --on "$B"
	receive other a udp-recv --on "$A"
}

run_fault() {
	start out b "$LAB_TRAFFIC" udp-send --to "$A" --sport 4000 --sports 2 --count 800 --rate 900
	send sender a raw --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$A" --sport 4000 --to "$B" \
		--broken transport --count 1500 --rate 2000
	wait "${LAB_PID[out]}"
}

lost() {
	sent_minus_received sender reader
}

# The sender is told of what a rule refuses (EPERM).
also_lost() {
	finish other
	echo $((800 - $(result other received)))
}
