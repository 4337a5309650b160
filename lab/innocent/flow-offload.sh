# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# After its first packets a flow is in nftables' flow table and takes the short way at the ingress of the router.
TITLE='A flow table forwards past the firewall'
FAMILIES=4

setup() {
	net_router
	in_ns r nft -f - <<-RULES || skip "no flow tables"
		table inet lab {
			flowtable fast { hook ingress priority 0; devices = { ra, rb }; }
			chain forward {
				type filter hook forward priority 0
				meta l4proto udp flow add @fast
			}
		}
	RULES
	receive reader b udp-recv --on "$B" --rcvbuf 4000000
}

run_fault() {
	send sender a udp-send --to "$B" --count 1000 --size 1000 --rate 1000
	sleep 0.1
}

lost() {
	sent_minus_received sender reader
}
