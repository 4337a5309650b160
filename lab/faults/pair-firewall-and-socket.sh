# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A rule drops what goes to one port while the reader of another one is stopped. Each has its own number.
TITLE='A firewall rule and a stopped reader lose packets at the same time'
WHERE=socket CAUSE=udp-receive-buffer-full BECAUSE=process-stopped ALSO=filter/firewall-rule-drop

setup() {
	net_two_hosts
	in_ns b nft -f - <<-RULES || skip "no nftables"
		table inet lab {
			chain input {
				type filter hook input priority 0
				udp dport 7001 counter drop
			}
		}
	RULES
	receive reader b udp-recv --on "$B"
	receive behind b udp-recv --on "$B" --port 7001
	kill -STOP "${LAB_PID[reader]}"
}

run_fault() {
	start refused a "$LAB_TRAFFIC" udp-send --to "$B" --port 7001 --count 800 --rate 900
	send sender a udp-send --to "$B" --count 3000 --size 1000 --rate 3500
	wait "${LAB_PID[refused]}"
}

lost() {
	sent_minus_received sender reader
}

also_lost() {
	sent_minus_received refused behind
}
